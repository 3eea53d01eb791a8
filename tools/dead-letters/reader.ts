import {
  ChangeMessageVisibilityBatchCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';

/** A message that is hidden from other receivers, with the handle to delete it. */
export interface HeldMessage {
  readonly messageId: string;
  /**
   * The time at which it was first sent, ISO 8601; to its own queue if the redrive policy moved it.
   */
  readonly sentAt: string;
  /** The number of receives, this one included. */
  readonly receives: number;
  /**
   * Message attributes: those of the dead letter, or of the message itself when its queue's redrive
   * policy moved it.
   */
  readonly attributes: Readonly<Record<string, string>>;
  /** The exact body. */
  readonly body: string;
  readonly receiptHandle: string;
}

interface ReadOptions {
  readonly queueUrl: string;
  /** Returns true for a message that is wanted; default: all are. */
  readonly select?: (message: HeldMessage) => boolean;
  /** The maximum number of wanted messages; default: all. */
  readonly limit?: number | undefined;
  /** Seconds for which messages stay hidden if this process dies. Default 120. */
  readonly holdSeconds?: number;
}

const BATCH = 10;
const AT_ONCE = 5;
const MAX_REPEATS = 3;

/** Messages by their ids. */
type Messages = Map<string, HeldMessage>;

/**
 * Reads the queue and passes the wanted messages, each once and oldest first, to `use` while they
 * are hidden from others. The rest are visible again before that; those that `use` did not delete
 * are afterwards, even when it fails.
 *
 * @param use also receives the number of messages that were read
 */
export async function holdDeadLetters<T>(
  client: SQSClient,
  options: ReadOptions,
  use: (messages: readonly HeldMessage[], read: number) => Promise<T>,
): Promise<T> {
  const wanted: Messages = new Map();
  const others: Messages = new Map();
  // Several receivers, so that thousands of messages fit into the time they are held.
  const receivers = Array.from({ length: AT_ONCE }, () => receiveAll(client, options, wanted, others));
  try {
    await Promise.all(receivers);
    const read = wanted.size + others.size;
    await release(client, options.queueUrl, others);
    const oldestFirst = [...wanted.values()].toSorted((a, b) => a.sentAt.localeCompare(b.sentAt));
    return await use(oldestFirst.slice(0, options.limit), read);
  } finally {
    await Promise.allSettled(receivers);
    for (const messages of [others, wanted]) await release(client, options.queueUrl, messages);
  }
}

/** Receives until the queue is empty, or gives out only messages that have become visible again. */
async function receiveAll(client: SQSClient, options: ReadOptions, wanted: Messages, others: Messages) {
  const { limit = Number.POSITIVE_INFINITY, select = () => true } = options;
  let repeats = 0;
  while (wanted.size < limit && repeats < MAX_REPEATS) {
    const messages = await receive(client, options);
    if (messages.length === 0) return;
    const before = wanted.size + others.size;
    for (const message of messages) (select(message) ? wanted : others).set(message.messageId, message);
    repeats = wanted.size + others.size > before ? 0 : repeats + 1;
  }
}

/** Uses a long poll, since a short one does not ask all of SQS's servers. */
async function receive(client: SQSClient, { queueUrl, holdSeconds = 120 }: ReadOptions) {
  const request = new ReceiveMessageCommand({
    QueueUrl: queueUrl,
    MaxNumberOfMessages: BATCH,
    VisibilityTimeout: holdSeconds,
    WaitTimeSeconds: 1,
    MessageAttributeNames: ['All'],
    MessageSystemAttributeNames: ['All'],
  });
  const { Messages = [] } = await client.send(request);
  return Messages.map(toHeldMessage);
}

function toHeldMessage(message: Message): HeldMessage {
  const { MessageId = '', ReceiptHandle = '', Body = '', Attributes = {}, MessageAttributes = {} } = message;
  const texts = Object.entries(MessageAttributes).map(([name, { StringValue = '' }]) => [name, StringValue]);
  return {
    messageId: MessageId,
    sentAt: new Date(Number(Attributes.SentTimestamp)).toISOString(),
    receives: Number(Attributes.ApproximateReceiveCount),
    attributes: Object.fromEntries(texts),
    body: Body,
    receiptHandle: ReceiptHandle,
  };
}

/**
 * Ignores errors: a message that cannot be released is deleted, or becomes visible when its time
 * ends.
 */
async function release(client: SQSClient, QueueUrl: string, messages: Messages): Promise<void> {
  const handles = [...messages.values()].map(({ messageId, receiptHandle }) => ({
    Id: messageId,
    ReceiptHandle: receiptHandle,
    VisibilityTimeout: 0,
  }));
  messages.clear();
  for (const batches of chunksOf(chunksOf(handles, BATCH), AT_ONCE)) {
    const requests = batches.map((Entries) => new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries }));
    await Promise.allSettled(requests.map((request) => client.send(request)));
  }
}

/** Splits items into arrays of at most `size`. */
export function chunksOf<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}
