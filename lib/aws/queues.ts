import type { MessageAttributeValue, SQSClient } from '@aws-sdk/client-sqs';
import { loadedOnce } from '../effects.ts';

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
  /** Seconds until the first delivery, 0 … 900; default 0. */
  readonly delaySeconds?: number;
}

type Sdk = typeof import('@aws-sdk/client-sqs');

/** Milliseconds for one try of a call. */
const TRY_MS = 550;

/** Creates a client that loads the SDK when it is first used: most cancels never need it. */
export function createQueueClient(): QueueClient {
  const load = loadedOnce(async () => {
    const sdk = await import('@aws-sdk/client-sqs');
    return { sdk, client: createClient(sdk) };
  });
  return {
    async send(QueueUrl, { body, attributes, delaySeconds }, abortSignal) {
      const { sdk, client } = await load();
      const command = new sdk.SendMessageCommand({
        QueueUrl,
        MessageBody: body,
        ...(delaySeconds !== undefined && { DelaySeconds: delaySeconds }),
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

/** Two tries fit into the time that is kept for a dead letter. */
function createClient({ SQSClient }: Sdk): SQSClient {
  const requestHandler = { connectionTimeout: TRY_MS, requestTimeout: TRY_MS, throwOnRequestTimeout: true };
  return new SQSClient({ maxAttempts: 2, requestHandler });
}

const toAttribute = ([name, value]: [string, string]): [string, MessageAttributeValue] => [
  name,
  { DataType: 'String', StringValue: value },
];

/**
 * Returns the seconds for which a message that goes back to its queue stays hidden: until the
 * exchange may be called again, or 2 s × 2^receives with its second half random, whichever is
 * longer.
 *
 * @param random a number from 0 (included) to 1 (excluded)
 * @param longestBackoff seconds
 */
export function hiddenSeconds(
  throttledForMs: number,
  receives: number,
  random: number,
  longestBackoff = 300,
): number {
  const backoff = Math.min(2 * 2 ** receives, longestBackoff);
  return Math.ceil(Math.max(throttledForMs / 1000, backoff / 2 + (backoff / 2) * random));
}
