import {
  ChangeMessageVisibilityCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type LocalQueues, refuseDeadLetters, startQueues } from '../../local/queues.ts';
import { queueClient } from '../../tools/queue-client.ts';

let queues: LocalQueues;
let client: SQSClient;

beforeEach(async () => {
  queues = await startQueues({ maxReceiveCount: 3, visibilitySeconds: 60 });
  client = queueClient(queues.cancelQueueUrl);
});

afterEach(async () => {
  client.destroy();
  await queues.stop();
});

function send(QueueUrl: string, attributes: Record<string, string> = {}) {
  const entries = Object.entries(attributes).map(([name, text]) => [
    name,
    { DataType: 'String', StringValue: text },
  ]);
  const MessageAttributes = Object.fromEntries(entries);
  return client.send(new SendMessageCommand({ QueueUrl, MessageBody: '{}', MessageAttributes }));
}

describe('the local queues', () => {
  test('have the retention and redrive policy of the deployed stack', async () => {
    const attributesOf = async (QueueUrl: string) => {
      const request = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] });
      return (await client.send(request)).Attributes;
    };

    const cancels = await attributesOf(queues.cancelQueueUrl);
    const deadLetters = await attributesOf(queues.deadLetterQueueUrl);

    expect(cancels).toMatchObject({
      QueueArn: queues.cancelQueueArn,
      VisibilityTimeout: '60',
      MessageRetentionPeriod: '345600',
    });
    expect(JSON.parse(cancels?.RedrivePolicy ?? '')).toEqual({
      deadLetterTargetArn: deadLetters?.QueueArn,
      maxReceiveCount: 3,
    });
    expect(deadLetters).toMatchObject({ MessageRetentionPeriod: '1209600' });
  });

  test('have the visibility timeout of the deployed stack by default', async () => {
    const defaults = await startQueues();
    const defaultsClient = queueClient(defaults.cancelQueueUrl);
    const request = { QueueUrl: defaults.cancelQueueUrl, AttributeNames: ['VisibilityTimeout' as const] };

    const { Attributes } = await defaultsClient.send(new GetQueueAttributesCommand(request));
    defaultsClient.destroy();
    await defaults.stop();

    expect(Attributes).toEqual({ VisibilityTimeout: '45' });
  });

  test('are reached by an SDK client that has only the environment variables', async () => {
    Object.assign(process.env, queues.env);
    const plain = new SQSClient({});

    await plain.send(new SendMessageCommand({ QueueUrl: process.env.CANCEL_QUEUE_URL, MessageBody: '{}' }));

    const { Messages } = await plain.send(new ReceiveMessageCommand({ QueueUrl: queues.cancelQueueUrl }));
    expect(Messages).toHaveLength(1);
    expect(queues.env.MAX_RECEIVE_COUNT).toBe('3');
    plain.destroy();
  });

  test('listen on 127.0.0.1 only', async () => {
    const elsewhere = queues.endpoint.replace('127.0.0.1', '127.0.0.2');

    const here = await fetch(`${queues.endpoint}/health`);

    expect(here.status).toBe(200);
    await expect(fetch(`${elsewhere}/health`)).rejects.toThrow('fetch failed');
  });

  test('refuse dead letters, and nothing else, while that fault is set', async () => {
    queues.fault = refuseDeadLetters;
    const deadLetter = new SendMessageCommand({ QueueUrl: queues.deadLetterQueueUrl, MessageBody: '{}' });

    await expect(client.send(deadLetter)).rejects.toMatchObject({ $metadata: { httpStatusCode: 503 } });
    await expect(send(queues.cancelQueueUrl)).resolves.toHaveProperty('MessageId');
    queues.fault = undefined;
    await expect(client.send(deadLetter)).resolves.toHaveProperty('MessageId');
  });
});

describe('like SQS, they refuse', () => {
  const eleven = Object.fromEntries(Array.from({ length: 11 }, (_, index) => [`name${index}`, 'value']));

  test.each([
    ['an empty attribute', { code: '' }, 'MessageAttributes.code.StringValue is empty'],
    [
      'an attribute with a control character',
      { detail: 'a\u0001' },
      'MessageAttributes.detail.StringValue has characters that SQS does not allow',
    ],
    ['an eleventh attribute', eleven, 'MessageAttributes has 11 entries: SQS allows 10'],
  ])('%s', async (_name, attributes, message) => {
    await expect(send(queues.deadLetterQueueUrl, attributes)).rejects.toThrow(message);
  });

  test('an empty attribute in a batch', async () => {
    const MessageAttributes = { code: { DataType: 'String', StringValue: '' } };
    const Entries = [
      { Id: 'a', MessageBody: '{}' },
      { Id: 'b', MessageBody: '{}', MessageAttributes },
    ];
    const batch = new SendMessageBatchCommand({ QueueUrl: queues.deadLetterQueueUrl, Entries });

    await expect(client.send(batch)).rejects.toThrow('Entries.1.MessageAttributes.code.StringValue is empty');
  });

  test('a visibility timeout that is not a whole number of seconds', async () => {
    await send(queues.cancelQueueUrl);
    const { Messages } = await client.send(new ReceiveMessageCommand({ QueueUrl: queues.cancelQueueUrl }));
    const ReceiptHandle = Messages?.[0]?.ReceiptHandle;
    const change = (VisibilityTimeout: number) =>
      client.send(
        new ChangeMessageVisibilityCommand({
          QueueUrl: queues.cancelQueueUrl,
          ReceiptHandle,
          VisibilityTimeout,
        }),
      );

    await expect(change(2.5)).rejects.toMatchObject({
      name: 'SerializationException',
      message: expect.stringContaining('not a whole number'),
    });
    await expect(change(2)).resolves.toBeDefined();
  });

  test('not what is allowed: ten attributes of any text', async () => {
    const ten = Object.fromEntries(Object.entries(eleven).slice(0, 9));

    await expect(send(queues.deadLetterQueueUrl, { ...ten, detail: 'tab\t 撤 🂡' })).resolves.toBeDefined();
  });
});
