import {
  ChangeMessageVisibilityBatchCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';

/** A message in the dead-letter queue. */
export interface DeadLetter {
  readonly messageId: string;
  /** ISO 8601. */
  readonly sentAt: string;
  /** How often it has been received, its looking-up included. */
  readonly receives: number;
  /** Its message attributes; none when the cancel queue's redrive policy moved it, not the service. */
  readonly attributes: Readonly<Record<string, string>>;
  /** Exactly as it lies in the queue. */
  readonly body: string;
}

/** A dead letter that nobody else receives for the time being, and what is needed to delete it. */
export interface HeldDeadLetter extends DeadLetter {
  readonly receiptHandle: string;
}

/** Which dead letters to read. */
export interface ReadOptions {
  readonly queueUrl: string;
  /** The most to read; default: all. */
  readonly limit?: number;
  /** How long those found stay hidden from others if this process should die, in seconds. Default 60. */
  readonly holdSeconds?: number;
}

const BATCH = 10;
const FRUITLESS_RECEIVES = 3;

/**
 * Reads the dead letters, each once, oldest first, and hands them to `use` while they are hidden from everyone else.
 * Whatever happens, they are visible again at the end, unless `use` has deleted them.
 */
export async function holdDeadLetters<T>(
  client: SQSClient,
  options: ReadOptions,
  use: (letters: readonly HeldDeadLetter[]) => Promise<T>,
): Promise<T> {
  const held = new Map<string, HeldDeadLetter>();
  try {
    await collect(client, options, held);
    return await use([...held.values()].toSorted((a, b) => a.sentAt.localeCompare(b.sentAt)));
  } finally {
    await release(client, options.queueUrl, [...held.values()]);
  }
}

/** Receives until the queue has no more, or, once the first are visible again, gives out nothing new. */
async function collect(
  client: SQSClient,
  options: ReadOptions,
  held: Map<string, HeldDeadLetter>,
): Promise<void> {
  const { limit = Number.POSITIVE_INFINITY } = options;
  let fruitless = 0;
  while (held.size < limit && fruitless < FRUITLESS_RECEIVES) {
    const letters = await receive(client, options, Math.min(BATCH, limit - held.size));
    if (letters.length === 0) return;
    const before = held.size;
    for (const letter of letters) held.set(letter.messageId, letter);
    fruitless = held.size > before ? 0 : fruitless + 1;
  }
}

/** A long poll, since a short one does not ask all of the queue's servers. */
async function receive(client: SQSClient, { queueUrl, holdSeconds = 60 }: ReadOptions, count: number) {
  const request = new ReceiveMessageCommand({
    QueueUrl: queueUrl,
    MaxNumberOfMessages: count,
    VisibilityTimeout: holdSeconds,
    WaitTimeSeconds: 1,
    MessageAttributeNames: ['All'],
    MessageSystemAttributeNames: ['All'],
  });
  const { Messages = [] } = await client.send(request);
  return Messages.map(toDeadLetter);
}

function toDeadLetter(message: Message): HeldDeadLetter {
  const { MessageId = '', ReceiptHandle = '', Body = '', Attributes = {}, MessageAttributes = {} } = message;
  const attributes = Object.entries(MessageAttributes).map(([name, { StringValue = '' }]) => [
    name,
    StringValue,
  ]);
  return {
    messageId: MessageId,
    sentAt: new Date(Number(Attributes.SentTimestamp)).toISOString(),
    receives: Number(Attributes.ApproximateReceiveCount),
    attributes: Object.fromEntries(attributes),
    body: Body,
    receiptHandle: ReceiptHandle,
  };
}

/** What cannot be released is deleted already, or shows up by itself when the hold ends. */
async function release(
  client: SQSClient,
  queueUrl: string,
  letters: readonly HeldDeadLetter[],
): Promise<void> {
  for (let start = 0; start < letters.length; start += BATCH) {
    const Entries = letters.slice(start, start + BATCH).map(({ messageId, receiptHandle }) => ({
      Id: messageId,
      ReceiptHandle: receiptHandle,
      VisibilityTimeout: 0,
    }));
    const request = new ChangeMessageVisibilityBatchCommand({ QueueUrl: queueUrl, Entries });
    await client.send(request).catch(() => undefined);
  }
}
