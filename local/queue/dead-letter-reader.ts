import {
  ChangeMessageVisibilityBatchCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';

export interface DeadLetter {
  readonly messageId: string;
  /** The time at which it was first sent, ISO 8601; to its own queue if the redrive policy moved it. */
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
}

/** A dead letter that is hidden from other receivers, with the handle to delete it. */
export interface HeldDeadLetter extends DeadLetter {
  readonly receiptHandle: string;
}

export interface ReadOptions {
  readonly queueUrl: string;
  /** The maximum number to read; default: all. */
  readonly limit?: number;
  /** Seconds for which they stay hidden if this process dies. Default 60. */
  readonly holdSeconds?: number;
}

const BATCH = 10;
const MAX_REPEATS = 3;

/**
 * Reads the dead letters, each once and oldest first, and passes them to `use` while they are
 * hidden from others. Afterwards those that `use` did not delete are visible again, even when it
 * fails.
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

/** Receives until the queue is empty, or gives out only messages that have become visible again. */
async function collect(
  client: SQSClient,
  options: ReadOptions,
  held: Map<string, HeldDeadLetter>,
): Promise<void> {
  const { limit = Number.POSITIVE_INFINITY } = options;
  let repeats = 0;
  while (held.size < limit && repeats < MAX_REPEATS) {
    const letters = await receive(client, options, Math.min(BATCH, limit - held.size));
    if (letters.length === 0) return;
    const before = held.size;
    for (const letter of letters) held.set(letter.messageId, letter);
    repeats = held.size > before ? 0 : repeats + 1;
  }
}

/** Uses a long poll, since a short one does not ask all of SQS's servers. */
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

/**
 * Ignores errors: a message that cannot be released is deleted, or becomes visible when its time
 * ends.
 */
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
