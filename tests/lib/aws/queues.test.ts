import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createQueueClient } from '../../../lib/aws/queues.ts';
import { type LocalQueues, startQueues } from '../../../local/queues.ts';
import { queueClient } from '../../../tools/queue-client.ts';
import { passOnTo, startTcpServer } from '../../helpers/raw-server.ts';

let queues: LocalQueues;
const noLimit = AbortSignal.timeout(60_000);

beforeAll(async () => {
  queues = await startQueues();
  Object.assign(process.env, queues.env);
});

afterAll(() => queues.stop());

/** Receives one message from the queue, hidden for a minute. */
async function receive(queueUrl: string) {
  const client = queueClient(queueUrl);
  const command = new ReceiveMessageCommand({
    QueueUrl: queueUrl,
    VisibilityTimeout: 60,
    MessageAttributeNames: ['All'],
  });
  const { Messages: [message] = [] } = await client.send(command);
  client.destroy();
  return message;
}

test('a message arrives with its body untouched and every attribute a String', async () => {
  const body = ' {"orderId":4611875134427365377}\n请稍候';
  const attributes = { outcome: 'unknown', code: '-1007' };

  const messageId = await createQueueClient().send(queues.deadLetterQueueUrl, { body, attributes }, noLimit);

  expect(await receive(queues.deadLetterQueueUrl)).toMatchObject({
    MessageId: messageId,
    Body: body,
    MessageAttributes: {
      outcome: { DataType: 'String', StringValue: 'unknown' },
      code: { DataType: 'String', StringValue: '-1007' },
    },
  });
});

test('a received message is visible again after the seconds that are set', async () => {
  const client = createQueueClient();
  const messageId = await client.send(queues.cancelQueueUrl, { body: 'cancel', attributes: {} }, noLimit);
  const received = await receive(queues.cancelQueueUrl);
  const hidden = await receive(queues.cancelQueueUrl);

  await client.setVisibility(queues.cancelQueueUrl, received?.ReceiptHandle ?? '', 0, noLimit);
  const visible = await receive(queues.cancelQueueUrl);

  expect([received?.MessageId, hidden, visible?.MessageId]).toEqual([messageId, undefined, messageId]);
});

test('a call that hangs is tried once more, within 1300 ms', async () => {
  const { port } = new URL(queues.endpoint);
  let isFirst = true;
  await using server = await startTcpServer((socket) => {
    if (!isFirst) passOnTo(Number(port))(socket);
    isFirst = false;
  });
  const origin = `http://127.0.0.1:${server.port}`;
  const queueUrl = queues.deadLetterQueueUrl.replace(queues.endpoint, origin);
  await createQueueClient().send(queues.deadLetterQueueUrl, { body: 'first', attributes: {} }, noLimit); // loads the SDK
  process.env.AWS_ENDPOINT_URL_SQS = origin;

  const message = { body: 'cancel', attributes: {} };
  const sending = createQueueClient().send(queueUrl, message, AbortSignal.timeout(1300));

  await expect(sending).resolves.toEqual(expect.any(String));
  expect(server.connections).toBe(2);
  process.env.AWS_ENDPOINT_URL_SQS = queues.endpoint;
});

describe('a call rejects', () => {
  const message = { body: 'cancel', attributes: {} };

  test('when the queue refuses the message', async () => {
    const refused = { ...message, attributes: { detail: '' } };

    const sending = createQueueClient().send(queues.deadLetterQueueUrl, refused, noLimit);

    await expect(sending).rejects.toMatchObject({ name: 'InvalidParameterValue' });
  });

  test('when there is no such queue', async () => {
    const queueUrl = queues.deadLetterQueueUrl.replace(/[^/]+$/, 'elsewhere');

    await expect(createQueueClient().send(queueUrl, message, noLimit)).rejects.toThrow();
    await expect(createQueueClient().setVisibility(queueUrl, 'handle', 0, noLimit)).rejects.toThrow();
  });

  test('when its time is up before SQS answers', async () => {
    await using silent = await startTcpServer(() => undefined);
    const endpoint = `http://127.0.0.1:${silent.port}`;
    process.env.AWS_ENDPOINT_URL_SQS = endpoint;
    const queueUrl = `${endpoint}/000000000000/cancels`;

    const sending = createQueueClient().send(queueUrl, message, AbortSignal.timeout(300));

    await expect(sending).rejects.toMatchObject({ name: expect.stringMatching(/Abort|Timeout/) });
    process.env.AWS_ENDPOINT_URL_SQS = queues.endpoint;
  });
});
