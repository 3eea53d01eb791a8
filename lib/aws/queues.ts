import type { MessageAttributeValue, SQSClient } from '@aws-sdk/client-sqs';

/** What the service asks of SQS. Every call rejects when SQS refuses it or `signal` aborts. */
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

/** A client that loads the SDK when it is first used: most cancels never need it. */
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
