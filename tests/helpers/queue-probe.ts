import {
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { SQSRecord } from 'aws-lambda';
import * as v from 'valibot';
import { queueClient } from '../../local/queue/client.ts';
import { toRecord } from '../../local/queue/records.ts';
import type { LocalQueues } from '../../local/queues.ts';

/** A dead letter as it lies in its queue. */
export interface DeadLetterFound {
  readonly messageId: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, string>>;
}

const inspected = v.object({
  messages: v.object({
    inflight: v.array(
      v.object({ message: v.object({ messageId: v.string() }), visibilityDeadline: v.number() }),
    ),
  }),
});

/** Sends a message to the cancel queue and receives it, as the event source does. */
export async function deliver(
  { cancelQueueUrl, cancelQueueArn }: LocalQueues,
  body: string,
): Promise<SQSRecord> {
  return withClient(cancelQueueUrl, async (client) => {
    await client.send(new SendMessageCommand({ QueueUrl: cancelQueueUrl, MessageBody: body }));
    const [message] = await receive(client, cancelQueueUrl);
    if (message === undefined) throw new Error('the message was not delivered');
    return toRecord(message, cancelQueueArn);
  });
}

/** Takes all dead letters off their queue. */
export async function takeDeadLetters({ deadLetterQueueUrl }: LocalQueues): Promise<DeadLetterFound[]> {
  return withClient(deadLetterQueueUrl, async (client) => {
    const messages = await receive(client, deadLetterQueueUrl);
    for (const { ReceiptHandle } of messages) {
      await client.send(new DeleteMessageCommand({ QueueUrl: deadLetterQueueUrl, ReceiptHandle }));
    }
    return messages.map(({ MessageId = '', Body = '', MessageAttributes = {} }) => ({
      messageId: MessageId,
      body: Body,
      attributes: Object.fromEntries(
        Object.entries(MessageAttributes).map(([name, { DataType, StringValue }]) => [
          name,
          DataType === 'String' ? (StringValue ?? '') : `not a String but ${DataType}`,
        ]),
      ),
    }));
  });
}

/** How long a received message of the cancel queue stays hidden, in milliseconds from now; undefined when it is not. */
export async function hiddenForMs({ endpoint }: LocalQueues, messageId: string): Promise<number | undefined> {
  const answer = await fetch(`${endpoint}/_fauxqs/queues/cancel`);
  const { messages } = v.parse(inspected, await answer.json());
  const found = messages.inflight.find(({ message }) => message.messageId === messageId);
  return found === undefined ? undefined : found.visibilityDeadline - Date.now();
}

async function receive(client: SQSClient, QueueUrl: string) {
  const { Messages = [] } = await client.send(
    new ReceiveMessageCommand({
      QueueUrl,
      MaxNumberOfMessages: 10,
      MessageAttributeNames: ['All'],
      MessageSystemAttributeNames: ['All'],
    }),
  );
  return Messages;
}

async function withClient<T>(queueUrl: string, work: (client: SQSClient) => Promise<T>): Promise<T> {
  const client = queueClient(queueUrl);
  try {
    return await work(client);
  } finally {
    client.destroy();
  }
}
