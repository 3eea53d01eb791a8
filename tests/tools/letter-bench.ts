import {
  CreateQueueCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import { startQueues } from '../../local/queues.ts';
import { deadLetters } from '../../tools/dead-letters.ts';
import { queueClient } from '../../tools/queue-client.ts';

export const BODY = '{"symbol": "BTC-200730-9000-C", "orderId":4611875134427365377}';
export const KILL = '{"kill": {"underlying":"BTCUSDT"}, "askedAt":1795363170000}';
export const ATTRIBUTES = {
  outcome: 'not-found',
  code: '-2013',
  detail: 'Order does not exist.',
  trigger: 'queue',
  requestId: '5b3c1f0e-0000-4000-8000-000000000001',
  attempts: '5',
  orderId: '4611875134427365377',
  askedAt: '2026-11-22T15:59:30.000Z',
  failedAt: '2026-11-22T16:00:00.000Z',
};

/** Local queues with one of failed events, and the script that works on their letters. */
export async function startLetterBench(width?: number) {
  const queues = await startQueues();
  const failedEventsUrl = `${queues.endpoint}/000000000000/failed-events`;
  const env = { ...queues.env, FAILED_EVENTS_QUEUE_URL: failedEventsUrl };
  const client = queueClient(queues.cancelQueueUrl);
  await client.send(new CreateQueueCommand({ QueueName: 'failed-events' }));
  const printed: string[] = [];
  const send = async (QueueUrl: string, MessageBody: string, attributes: Record<string, string>) => {
    const entries = Object.entries(attributes).map(([name, text]) => [
      name,
      { DataType: 'String', StringValue: text },
    ]);
    const MessageAttributes = Object.fromEntries(entries);
    const sent = await client.send(new SendMessageCommand({ QueueUrl, MessageBody, MessageAttributes }));
    return sent.MessageId ?? '';
  };
  return {
    queues,
    failedEventsUrl,
    client,
    printed,
    /** Runs the script and returns its exit code. */
    run: (...args: string[]) => deadLetters(args, env, (line) => printed.push(line), width),
    /** Runs the script with `--json`. Returns the documents that it printed. */
    json: async (...args: string[]) => {
      printed.length = 0;
      await deadLetters(['--json', ...args], env, (line) => printed.push(line));
      return printed.map((line) => JSON.parse(line));
    },
    bury: (body: string, attributes: Record<string, string> = {}) =>
      send(queues.deadLetterQueueUrl, body, attributes),
    fail: (body: string, attributes: Record<string, string> = {}) => send(failedEventsUrl, body, attributes),
    /** Returns the bodies of the messages that are visible. */
    visible: async (QueueUrl: string): Promise<string[]> => {
      const request = { QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 0 };
      const { Messages = [] } = await client.send(new ReceiveMessageCommand(request));
      return Messages.map((message) => message.Body ?? '').toSorted();
    },
    /** Receives that many messages. */
    received: async (QueueUrl: string, count: number): Promise<Message[]> => {
      const messages: Message[] = [];
      while (messages.length < count) {
        const request = { QueueUrl, MaxNumberOfMessages: 10, MessageAttributeNames: ['All'] };
        const { Messages = [] } = await client.send(new ReceiveMessageCommand(request));
        messages.push(...Messages);
      }
      return messages;
    },
    stop: async () => {
      client.destroy();
      await queues.stop();
    },
  };
}

export type LetterBench = Awaited<ReturnType<typeof startLetterBench>>;
