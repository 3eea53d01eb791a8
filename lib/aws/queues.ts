import type { MessageAttributeValue, SQSClient } from '@aws-sdk/client-sqs';

/** The service's calls to SQS. Each rejects when SQS refuses it or `signal` aborts. */
export interface QueueClient {
  /** @returns the message id */
  send(queueUrl: string, message: OutgoingMessage, signal: AbortSignal): Promise<string | undefined>;
  /** Makes a received message visible again in `seconds` (0 … 43200). */
  setVisibility(queueUrl: string, receiptHandle: string, seconds: number, signal: AbortSignal): Promise<void>;
}

export interface OutgoingMessage {
  readonly body: string;
  readonly attributes: Readonly<Record<string, string>>;
}

type Sdk = typeof import('@aws-sdk/client-sqs');

/** Creates a client that loads the SDK when it is first used: most cancels never need it. */
export function createQueueClient(): QueueClient {
  let loading: Promise<{ sdk: Sdk; client: SQSClient }> | undefined;
  const load = () => {
    loading ??= import('@aws-sdk/client-sqs').then((sdk) => ({
      sdk,
      client: new sdk.SQSClient({ maxAttempts: 2 }),
    }));
    return loading;
  };
  return {
    async send(QueueUrl, { body, attributes }, abortSignal) {
      const { sdk, client } = await load();
      const command = new sdk.SendMessageCommand({
        QueueUrl,
        MessageBody: body,
        MessageAttributes: Object.fromEntries(Object.entries(attributes).map(toAttribute)),
      });
      return (await client.send(command, { abortSignal })).MessageId;
    },
    async setVisibility(QueueUrl, ReceiptHandle, VisibilityTimeout, abortSignal) {
      const { sdk, client } = await load();
      const command = new sdk.ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout });
      await client.send(command, { abortSignal });
    },
  };
}

const toAttribute = ([name, value]: [string, string]): [string, MessageAttributeValue] => [
  name,
  { DataType: 'String', StringValue: value },
];

/** SQS counts its limit of 12 h from the receive on: a minute is left for the invocation itself. */
const LONGEST_SECONDS = 12 * 60 * 60 - 60;
const LONGEST_BACKOFF_SECONDS = 300;

/**
 * Returns the seconds for which a message that goes back to its queue stays hidden: until the exchange
 * may be called again, else 2 s × 2^receives (300 s at most), of which the second half is random.
 *
 * @param random a number from 0 (included) to 1 (excluded)
 */
export function hiddenSeconds(throttledForMs: number, receives: number, random: number): number {
  if (throttledForMs > 0) return Math.min(Math.ceil(throttledForMs / 1000), LONGEST_SECONDS);
  const backoff = Math.min(2 * 2 ** receives, LONGEST_BACKOFF_SECONDS);
  return Math.ceil(backoff / 2 + (backoff / 2) * random);
}
