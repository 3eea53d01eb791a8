import {
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { SQSRecord } from 'aws-lambda';
import * as v from 'valibot';
import { toRecord } from '../../local/queue/records.ts';
import type { LocalQueues } from '../../local/queues.ts';
import { queueClient } from '../../tools/queue-client.ts';

/** A message as it lies in its queue. */
export interface QueueMessageFound {
  readonly messageId: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, string>>;
}

const delayed = v.object({
  messageId: v.string(),
  body: v.string(),
  sentTimestamp: v.number(),
  delayUntil: v.number(),
});

const inspected = v.object({
  messages: v.object({
    delayed: v.array(delayed),
    inflight: v.array(
      v.object({ message: v.object({ messageId: v.string() }), visibilityDeadline: v.number() }),
    ),
  }),
});

/** Sends a message to the cancel queue and receives it, as the event source does. */
export const deliver = ({ cancelQueueUrl, cancelQueueArn }: LocalQueues, body: string): Promise<SQSRecord> =>
  deliverTo(cancelQueueUrl, cancelQueueArn, body);

/** Sends a message to the kill queue and receives it, as the event source does. */
export const deliverKill = ({ killQueueUrl, killQueueArn }: LocalQueues, body: string): Promise<SQSRecord> =>
  deliverTo(killQueueUrl, killQueueArn, body);

async function deliverTo(queueUrl: string, queueArn: string, body: string): Promise<SQSRecord> {
  using client = queueClient(queueUrl);
  await client.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: body }));
  const [message] = await receive(client, queueUrl);
  if (message === undefined) throw new Error('the message was not delivered');
  return toRecord(message, queueArn);
}

/** Takes all messages off a queue that are visible, as the event source hands them over. */
export async function takeRecords(queueUrl: string, queueArn: string): Promise<SQSRecord[]> {
  return (await takeAll(queueUrl)).map((message) => toRecord(message, queueArn));
}

/** Takes all dead letters off their queue. */
export const takeDeadLetters = ({ deadLetterQueueUrl }: LocalQueues): Promise<QueueMessageFound[]> =>
  takeMessages(deadLetterQueueUrl);

/** Takes all messages off a queue that are visible. */
export async function takeMessages(queueUrl: string): Promise<QueueMessageFound[]> {
  return (await takeAll(queueUrl)).map(({ MessageId = '', Body = '', MessageAttributes = {} }) => ({
    messageId: MessageId,
    body: Body,
    attributes: Object.fromEntries(
      Object.entries(MessageAttributes).map(([name, { DataType, StringValue }]) => [
        name,
        DataType === 'String' ? (StringValue ?? '') : `not a String but ${DataType}`,
      ]),
    ),
  }));
}

async function takeAll(queueUrl: string) {
  using client = queueClient(queueUrl);
  const messages = await receive(client, queueUrl);
  for (const { ReceiptHandle } of messages) {
    await client.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle }));
  }
  return messages;
}

/**
 * How long a received message of a queue stays hidden, in milliseconds from now; undefined when it
 * is not.
 */
export async function hiddenForMs(
  queues: LocalQueues,
  messageId: string,
  queue: 'cancel' | 'kill' = 'cancel',
): Promise<number | undefined> {
  const { inflight } = await inspect(queues, queue);
  const found = inflight.find(({ message }) => message.messageId === messageId);
  return found === undefined ? undefined : found.visibilityDeadline - Date.now();
}

/** The body of a message that was sent to the kill queue with a delay, and the delay in seconds. */
export async function delayedKill(
  queues: LocalQueues,
  messageId: string,
): Promise<{ readonly body: string; readonly seconds: number } | undefined> {
  const found = (await inspect(queues, 'kill')).delayed.find((message) => message.messageId === messageId);
  if (found === undefined) return undefined;
  return { body: found.body, seconds: (found.delayUntil - found.sentTimestamp) / 1000 };
}

async function inspect({ endpoint }: LocalQueues, queue: string) {
  const answer = await fetch(`${endpoint}/_fauxqs/queues/${queue}`);
  return v.parse(inspected, await answer.json()).messages;
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
