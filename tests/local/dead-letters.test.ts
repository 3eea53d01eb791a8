import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Message, ReceiveMessageCommand, SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { deadLetters } from '../../local/dead-letters.ts';
import { startEventSource } from '../../local/event-source.ts';
import { queueClient } from '../../local/queue/client.ts';
import { holdDeadLetters } from '../../local/queue/dead-letter-reader.ts';
import { type LocalQueues, startQueues } from '../../local/queues.ts';
import { UsageError } from '../../local/terminal.ts';

const SCRIPT = fileURLToPath(new URL('../../local/dead-letters.ts', import.meta.url));
const BODY = '{"symbol": "BTC-200730-9000-C", "orderId":4611875134427365377}';
const KILL = '{"kill": {"underlying":"BTCUSDT"}, "askedAt":1795363170000}';
const ATTRIBUTES = {
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

let queues: LocalQueues;
let client: SQSClient;
let printed: string[];

beforeEach(async () => {
  queues = await startQueues();
  client = queueClient(queues.cancelQueueUrl);
  printed = [];
});

afterEach(async () => {
  client.destroy();
  await queues.stop();
});

function run(...args: string[]): Promise<number> {
  return deadLetters(args, queues.env, (line) => printed.push(line));
}

async function bury(body: string, attributes: Record<string, string> = {}): Promise<string> {
  const entries = Object.entries(attributes).map(([name, text]) => [
    name,
    { DataType: 'String', StringValue: text },
  ]);
  const { MessageId = '' } = await client.send(
    new SendMessageCommand({
      QueueUrl: queues.deadLetterQueueUrl,
      MessageBody: body,
      MessageAttributes: Object.fromEntries(entries),
    }),
  );
  return MessageId;
}

/** Returns the bodies of the messages that are visible. */
async function visible(queueUrl: string): Promise<string[]> {
  const request = { QueueUrl: queueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 0 };
  const { Messages = [] } = await client.send(new ReceiveMessageCommand(request));
  return Messages.map((message) => message.Body ?? '').toSorted();
}

/** Receives that many messages. */
async function received(QueueUrl: string, count: number): Promise<Message[]> {
  const messages: Message[] = [];
  while (messages.length < count) {
    const request = { QueueUrl, MaxNumberOfMessages: 10, MessageAttributeNames: ['All'] };
    const { Messages = [] } = await client.send(new ReceiveMessageCommand(request));
    messages.push(...Messages);
  }
  return messages;
}

describe('the list', () => {
  test('shows each dead letter with all its attributes', async () => {
    const id = await bury(BODY, ATTRIBUTES);

    const code = await run();

    expect(code).toBe(0);
    expect(printed[0]?.split('\n')).toEqual([
      'not-found',
      '  code       -2013',
      '  detail     Order does not exist.',
      '  trigger    queue',
      '  requestId  5b3c1f0e-0000-4000-8000-000000000001',
      '  attempts   5',
      '  orderId    4611875134427365377',
      '  askedAt    2026-11-22T15:59:30.000Z',
      '  failedAt   2026-11-22T16:00:00.000Z',
      `  messageId  ${id}`,
      expect.stringMatching(/^ {2}sentAt {5}20\d\d-.*Z$/),
      `  body       ${BODY}`,
      '',
    ]);
    expect(printed[1]).toBe(`1 dead letter in ${queues.deadLetterQueueUrl}`);
  });

  test('names the account of a request that names one', async () => {
    const cancel = '{"account":"desk-a","symbol":"BTC-200730-9000-C","orderId":1}';
    const kill = '{"kill":{"everything":true},"account":"desk-b"}';
    for (const body of [cancel, kill, BODY, 'no JSON', '{"account":{}}']) await bury(body);

    await run();

    const accounts = printed.map((letter) => /^ {2}account {4}(.*)$/m.exec(letter)?.[1]);
    expect(accounts.filter((account) => account !== undefined).toSorted()).toEqual(['desk-a', 'desk-b']);
  });

  test('leaves all of them visible in the queue', async () => {
    const bodies = Array.from({ length: 7 }, (_, index) => `letter ${index}`);
    for (const body of bodies) await bury(body);

    await run();

    expect(await visible(queues.deadLetterQueueUrl)).toEqual(bodies);
  });

  test('shows every one of many once, oldest first', async () => {
    const ids: string[] = [];
    for (let index = 0; index < 34; index += 1) ids.push(await bury(`letter ${index}`));

    await run('--json');

    const listed = printed.map((line) => JSON.parse(line));
    expect(listed.map((letter) => letter.messageId).toSorted()).toEqual(ids.toSorted());
    const times = listed.map((letter) => letter.sentAt);
    expect(times).toEqual(times.toSorted());
  });

  test('shows each once, even when one becomes visible again while others are read', async () => {
    for (const body of ['one', 'two', 'three']) await bury(body);
    const options = { queueUrl: queues.deadLetterQueueUrl, holdSeconds: 0 };

    const bodies = await holdDeadLetters(client, options, async (letters) => letters.map(({ body }) => body));

    expect(bodies.toSorted()).toEqual(['one', 'three', 'two']);
  });

  test('with --json is one JSON document per line, with the exact body', async () => {
    const id = await bury(BODY, ATTRIBUTES);

    await run('--json');

    expect(printed.map((line) => JSON.parse(line))).toEqual([
      { messageId: id, sentAt: expect.any(String), receives: 1, attributes: ATTRIBUTES, body: BODY },
    ]);
  });

  test('ends after --limit dead letters', async () => {
    for (let index = 0; index < 14; index += 1) await bury(`letter ${index}`);

    await run('--json', '--limit', '12');

    expect(printed).toHaveLength(12);
    expect(await visible(queues.deadLetterQueueUrl)).toHaveLength(10);
  });

  test('marks those that the redrive policy has moved', async () => {
    await bury(BODY);

    await run();

    expect(printed[0]).toMatch(/^no outcome: moved by the redrive policy after the last receive\n/);
  });

  test('escapes control characters', async () => {
    await bury('\t{"symbol":"\u009b2J"}', { ...ATTRIBUTES, detail: 'two\nlines' });

    await run();

    expect(printed[0]).toContain('  body       \\u0009{"symbol":"\\u009b2J"}\n');
    expect(printed[0]).toContain('  detail     two\\u000alines\n');
  });

  test('asks for all attributes, which SQS sends only on request', async () => {
    const receives: unknown[] = [];
    queues.fault = (action, body) => {
      if (action === 'ReceiveMessage') receives.push(body);
      return undefined;
    };

    await run();

    expect(receives).toEqual([
      expect.objectContaining({ MessageAttributeNames: ['All'], MessageSystemAttributeNames: ['All'] }),
    ]);
  });

  test('of an empty queue says that there are none', async () => {
    await run();

    expect(printed).toEqual([`0 dead letters in ${queues.deadLetterQueueUrl}`]);
  });
});

describe('a redrive', () => {
  test('moves every dead letter with its exact body', async () => {
    const bodies = Array.from({ length: 12 }, (_, index) => `${BODY} ${index}`);
    const ids: string[] = [];
    for (const body of bodies) ids.push(await bury(body, ATTRIBUTES));

    const code = await run('--redrive');

    expect(code).toBe(0);
    expect((await received(queues.cancelQueueUrl, 12)).map(({ Body = '' }) => Body)).toEqual(
      expect.arrayContaining(bodies),
    );
    expect(await visible(queues.deadLetterQueueUrl)).toEqual([]);
    expect(printed.slice(0, 12).toSorted()).toEqual(
      ids.map((id, index) => `moved  ${id}  not-found  ${bodies[index]}`).toSorted(),
    );
    expect(printed[12]).toBe('12 of 12 dead letters moved');
  });

  test('passes on the time at which a dead letter was asked for and for whom, and no other attribute', async () => {
    await bury(BODY, { ...ATTRIBUTES, onBehalfOf: 'arn:aws:iam::123456789012:user/desk' });

    await run('--redrive');

    const [message] = await received(queues.cancelQueueUrl, 1);
    expect(message?.MessageAttributes).toEqual({
      askedAt: { DataType: 'String', StringValue: '2026-11-22T15:59:30.000Z' },
      onBehalfOf: { DataType: 'String', StringValue: 'arn:aws:iam::123456789012:user/desk' },
    });
  });

  test('passes on the time at which a message of the redrive policy was first sent', async () => {
    await bury(BODY);
    await run('--json');
    const { sentAt } = JSON.parse(printed[0] ?? '');

    await run('--redrive');

    const [message] = await received(queues.cancelQueueUrl, 1);
    expect(message?.MessageAttributes).toEqual({ askedAt: { DataType: 'String', StringValue: sentAt } });
  });

  test('moves kills to the kill queue, and everything else to the cancel queue', async () => {
    for (const body of [BODY, KILL, 'no JSON']) await bury(body);

    await run('--redrive');

    expect(await visible(queues.killQueueUrl)).toEqual([KILL]);
    expect(await visible(queues.cancelQueueUrl)).toEqual(['no JSON', BODY]);
  });

  test('moves kills and cancels to the one queue of --to', async () => {
    for (const body of [BODY, KILL]) await bury(body);

    await run('--redrive', '--to', queues.cancelQueueUrl);

    expect(await visible(queues.killQueueUrl)).toEqual([]);
    expect(await visible(queues.cancelQueueUrl)).toEqual([KILL, BODY]);
  });

  test('leaves a dead letter visible that it cannot send, and returns 1', async () => {
    await bury('fine');
    await bury('refused');
    queues.fault = (action, body) =>
      action === 'SendMessage' && JSON.stringify(body).includes('"refused"')
        ? { status: 400, name: 'OverLimit', message: 'too much' }
        : undefined;

    const code = await run('--redrive');

    expect(code).toBe(1);
    expect(await visible(queues.deadLetterQueueUrl)).toEqual(['refused']);
    expect(await visible(queues.cancelQueueUrl)).toEqual(['fine']);
    expect(printed).toContainEqual(expect.stringMatching(/^stayed {2}.*: too much$/));
    expect(printed.at(-1)).toBe('1 of 2 dead letters moved');
  });

  test('reports a dead letter as copied that it cannot delete', async () => {
    await bury(BODY);
    queues.fault = (action) =>
      action === 'DeleteMessage' ? { status: 400, name: 'OverLimit', message: 'not now' } : undefined;

    const code = await run('--redrive', '--json');

    expect(code).toBe(1);
    expect(printed.map((line) => JSON.parse(line))).toEqual([
      expect.objectContaining({ result: 'copied', error: 'not now', body: BODY }),
    ]);
    expect(await visible(queues.deadLetterQueueUrl)).toEqual([BODY]);
    expect(await visible(queues.cancelQueueUrl)).toEqual([BODY]);
  });

  test('moves none twice, even when they come back while it runs', async () => {
    await bury('one');
    await bury('two');
    const source = await startEventSource({
      queueUrl: queues.cancelQueueUrl,
      invoke: async (event) => {
        for (const record of event.Records) await bury(record.body);
      },
    });

    await run('--redrive');
    await source.stop();

    expect(printed.at(-1)).toBe('2 of 2 dead letters moved');
    expect(await visible(queues.deadLetterQueueUrl)).toEqual(['one', 'two']);
  });

  test('makes all dead letters visible again when it fails', async () => {
    for (let index = 0; index < 12; index += 1) await bury(`letter ${index}`);
    let receives = 0;
    queues.fault = (action) => {
      if (action !== 'ReceiveMessage') return undefined;
      receives += 1;
      return receives === 2 ? { status: 400, name: 'OverLimit', message: 'too many in flight' } : undefined;
    };

    await expect(run('--redrive')).rejects.toThrow('too many in flight');
    queues.fault = undefined;
    await run('--json');

    expect(printed).toHaveLength(12);
    expect(await visible(queues.cancelQueueUrl)).toEqual([]);
  });
});

describe('the arguments', () => {
  const deployed = 'https://sqs.eu-west-1.amazonaws.com/123456789012';

  test.each([
    [['--to', `${deployed}/cancel`], '--to needs --redrive'],
    [['--queue-url', `${deployed}/dead`, '--redrive'], '--redrive with --queue-url needs --to'],
    [
      ['--queue-url', `${deployed}/dead`, '--redrive', '--to', `${deployed}/dead`],
      '--to is the dead-letter queue',
    ],
    [['--redrive', '--to', `${deployed}/cancel`], 'needs two local queues or two remote ones'],
    [['--redrive', '--to', 'cancel'], '--to is not the URL of a queue: cancel'],
    [['--limit', '0'], '--limit is not a whole number from 1: 0'],
    [['--limit', 'ten'], '--limit is not a whole number from 1: ten'],
    [['--purge'], "Unknown option '--purge'"],
    [['extra'], "Unexpected argument 'extra'"],
  ])('%j are refused', async (args, message) => {
    const running = run(...args);

    await expect(running).rejects.toThrow(UsageError);
    await expect(running).rejects.toThrow(message);
  });
});

describe('the script', () => {
  const script = (...args: string[]) =>
    promisify(execFile)(process.execPath, [SCRIPT, ...args], { env: queues.env });

  test('prints the list', async () => {
    await bury(BODY, ATTRIBUTES);

    const { stdout } = await script();

    expect(stdout).toContain(`  body       ${BODY}\n\n1 dead letter in ${queues.deadLetterQueueUrl}\n`);
  });

  test('exits with 1 when a dead letter cannot be moved', async () => {
    const id = await bury(BODY);

    await expect(script('--redrive', '--to', `${queues.cancelQueueUrl}-gone`)).rejects.toMatchObject({
      code: 1,
      stdout: expect.stringContaining(`stayed  ${id}  -  ${BODY}: The specified queue does not exist.`),
    });
  });
});
