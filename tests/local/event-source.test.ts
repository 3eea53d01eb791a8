import { createHash } from 'node:crypto';
import { ReceiveMessageCommand, SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { SQSEvent } from 'aws-lambda';
import { type EventSource, type EventSourceOptions, startEventSource } from '../../local/event-source.ts';
import { type Fault, type LocalQueues, type LocalQueuesOptions, startQueues } from '../../local/queues.ts';
import { queueClient } from '../../tools/queue-client.ts';

let queues: LocalQueues;
let client: SQSClient;
let sources: EventSource[] = [];

beforeEach(async () => {
  await open({ visibilitySeconds: 1 });
});

afterEach(async () => {
  await close();
});

async function open(options: LocalQueuesOptions): Promise<void> {
  queues = await startQueues(options);
  client = queueClient(queues.cancelQueueUrl);
}

async function close(): Promise<void> {
  await Promise.all(sources.map((source) => source.stop()));
  sources = [];
  client.destroy();
  await queues.stop();
}

async function deliver(options: Omit<EventSourceOptions, 'queueUrl'>): Promise<EventSource> {
  const source = await startEventSource({ queueUrl: queues.cancelQueueUrl, concurrency: 1, ...options });
  sources.push(source);
  return source;
}

async function send(...bodies: string[]): Promise<void> {
  for (const MessageBody of bodies) {
    await client.send(new SendMessageCommand({ QueueUrl: queues.cancelQueueUrl, MessageBody }));
  }
}

/** Collects arguments; `reached` resolves with them once there are `count`. */
function tally<T>(count: number) {
  const { promise, resolve } = Promise.withResolvers<T[]>();
  const seen: T[] = [];
  const add = (item: T) => {
    seen.push(item);
    if (seen.length === count) resolve(seen);
  };
  return { add, reached: promise };
}

/** Receives the next messages, waiting up to that many seconds. */
async function left(url: string, WaitTimeSeconds = 0): Promise<string[]> {
  const request = { QueueUrl: url, MaxNumberOfMessages: 10, WaitTimeSeconds };
  const { Messages = [] } = await client.send(new ReceiveMessageCommand(request));
  return Messages.map((message) => message.Body ?? '');
}

const failing = (event: SQSEvent) => ({
  batchItemFailures: event.Records.map(({ messageId }) => ({ itemIdentifier: messageId })),
});

describe('the event', () => {
  test('names the queue that it comes from, so that one handler serves both', async () => {
    const { add, reached } = tally<string>(2);
    const invoke = async ({ Records }: SQSEvent) => {
      for (const { eventSourceARN, body } of Records) add(`${body} from ${eventSourceARN}`);
    };
    await deliver({ invoke });
    sources.push(await startEventSource({ queueUrl: queues.killQueueUrl, concurrency: 1, invoke }));

    await send('a cancel');
    await client.send(new SendMessageCommand({ QueueUrl: queues.killQueueUrl, MessageBody: 'a kill' }));

    expect((await reached).toSorted()).toEqual([
      `a cancel from ${queues.cancelQueueArn}`,
      `a kill from ${queues.killQueueArn}`,
    ]);
  });

  test('has the shape that Lambda gives it', async () => {
    const body = '{"symbol":"BTC-200730-9000-C","orderId":4611875134427365377}';
    await client.send(
      new SendMessageCommand({
        QueueUrl: queues.cancelQueueUrl,
        MessageBody: body,
        MessageAttributes: {
          desk: { DataType: 'String', StringValue: 'vol' },
          raw: { DataType: 'Binary', BinaryValue: Uint8Array.of(1, 2, 255) },
        },
      }),
    );
    const events = tally<SQSEvent>(1);

    await deliver({ invoke: async (event) => events.add(event) });
    const [event] = await events.reached;

    expect(event).toEqual({
      Records: [
        {
          messageId: expect.stringMatching(/^[0-9a-f-]{36}$/),
          receiptHandle: expect.stringMatching(/./),
          body,
          attributes: {
            ApproximateReceiveCount: '1',
            SentTimestamp: expect.stringMatching(/^\d{13}$/),
            SenderId: expect.stringMatching(/./),
            ApproximateFirstReceiveTimestamp: expect.stringMatching(/^\d{13}$/),
          },
          messageAttributes: {
            desk: { stringValue: 'vol', stringListValues: [], binaryListValues: [], dataType: 'String' },
            raw: { binaryValue: 'AQL/', stringListValues: [], binaryListValues: [], dataType: 'Binary' },
          },
          md5OfBody: createHash('md5').update(body).digest('hex'),
          md5OfMessageAttributes: expect.stringMatching(/^[0-9a-f]{32}$/),
          eventSource: 'aws:sqs',
          eventSourceARN: queues.cancelQueueArn,
          awsRegion: 'ap-northeast-1',
        },
      ],
    });
  });

  test('comes from a receive that asks for all attributes, which SQS sends only on request', async () => {
    const receives = tally<unknown>(1);
    queues.fault = (action, body) => {
      if (action === 'ReceiveMessage') receives.add(body);
      return undefined;
    };

    await deliver({ invoke: async () => undefined });

    expect((await receives.reached)[0]).toMatchObject({
      MessageAttributeNames: ['All'],
      MessageSystemAttributeNames: ['All'],
    });
  });

  test('has at most ten messages, and every message comes once', async () => {
    const bodies = Array.from({ length: 23 }, (_, index) => `message ${index}`);
    await send(...bodies);
    const sizes: number[] = [];
    const settled = tally<string>(23);

    await deliver({
      invoke: async (event) => {
        sizes.push(event.Records.length);
      },
      onSettled: (record) => settled.add(record.body),
    });

    expect((await settled.reached).toSorted()).toEqual(bodies.toSorted());
    expect(Math.max(...sizes)).toBe(10);
    expect(await left(queues.cancelQueueUrl)).toEqual([]);
  });
});

describe('a message that is named in batchItemFailures', () => {
  test('reappears with a higher receive count; the rest of its batch is deleted', async () => {
    await send('good', 'bad');
    const settled = tally<string>(2);

    await deliver({
      invoke: async (event) => ({
        batchItemFailures: event.Records.filter(
          ({ body, attributes }) => body === 'bad' && attributes.ApproximateReceiveCount === '1',
        ).map(({ messageId }) => ({ itemIdentifier: messageId })),
      }),
      onSettled: ({ body, attributes }) => settled.add(`${body} ${attributes.ApproximateReceiveCount}`),
    });

    expect(await settled.reached).toEqual(['good 1', 'bad 2']);
  });

  test('goes to the dead-letter queue after its last receive', async () => {
    await close();
    await open({ visibilitySeconds: 1, maxReceiveCount: 2 });
    await send('hopeless');
    const counts = tally<string>(2);

    await deliver({
      invoke: async (event) => {
        for (const { attributes } of event.Records) counts.add(attributes.ApproximateReceiveCount);
        return failing(event);
      },
    });

    expect(await counts.reached).toEqual(['1', '2']);
    expect(await left(queues.deadLetterQueueUrl, 15)).toEqual(['hopeless']);
  });
});

describe('a batch whose handler throws', () => {
  test('is reported and delivered again', async () => {
    await send('one', 'two');
    const failure = new Error('out of memory');
    const errors: unknown[] = [];
    const settled = tally<string>(2);

    await deliver({
      invoke: async (event) => {
        if (event.Records.some((record) => record.attributes.ApproximateReceiveCount === '1')) throw failure;
      },
      onSettled: (record) => settled.add(record.body),
      onError: (error) => errors.push(error),
    });

    expect((await settled.reached).toSorted()).toEqual(['one', 'two']);
    expect(errors[0]).toBe(failure);
  });
});

describe('pollers', () => {
  test('work side by side, `concurrency` at once', async () => {
    await send('one', 'two', 'three', 'four');
    const both = tally<void>(2);
    let running = 0;
    let most = 0;
    const settled = tally<string>(4);

    await deliver({
      batchSize: 1,
      concurrency: 2,
      invoke: async () => {
        running += 1;
        most = Math.max(most, running);
        both.add();
        await both.reached;
        running -= 1;
      },
      onSettled: (record) => settled.add(record.body),
    });
    await settled.reached;

    expect(most).toBe(2);
  });

  test('finish their running batch before they stop, and receive no more', async () => {
    await send('running');
    const begun = tally<SQSEvent>(1);
    const end = Promise.withResolvers<void>();
    const settled: string[] = [];
    const source = await deliver({
      invoke: async (event) => {
        begun.add(event);
        await end.promise;
      },
      onSettled: (record) => settled.push(record.body),
    });
    await begun.reached;

    const stopped = source.stop();
    await send('too late');
    end.resolve();
    await stopped;

    expect(settled).toEqual(['running']);
    expect(await left(queues.cancelQueueUrl)).toEqual(['too late']);
  });

  test('continue after a failed receive', async () => {
    queues.fault = once('ReceiveMessage');
    await send('later');
    const errors: unknown[] = [];
    const settled = tally<string>(1);

    await deliver({
      invoke: async () => undefined,
      onError: (error) => errors.push(error),
      onSettled: (record) => settled.add(record.body),
    });

    expect(await settled.reached).toEqual(['later']);
    expect(errors).toEqual([expect.objectContaining({ message: 'refused once' })]);
  });

  test('report a message as settled only when it is deleted', async () => {
    queues.fault = once('DeleteMessageBatch');
    await send('twice');
    const errors: unknown[] = [];
    const settled = tally<string>(1);

    await deliver({
      invoke: async () => undefined,
      onError: (error) => errors.push(error),
      onSettled: (record) => settled.add(record.attributes.ApproximateReceiveCount),
    });

    expect(await settled.reached).toEqual(['2']);
    expect(errors).toEqual([expect.objectContaining({ message: 'refused once' })]);
  });
});

/** Returns a fault of the next call of this kind, with an error that the SDK does not retry. */
function once(refused: string): Fault {
  let due = true;
  return (action) => {
    if (!due || action !== refused) return undefined;
    due = false;
    return { status: 400, name: 'OverLimit', message: 'refused once' };
  };
}
