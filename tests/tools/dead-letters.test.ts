import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startEventSource } from '../../local/event-source.ts';
import { holdDeadLetters } from '../../tools/dead-letters/reader.ts';
import { deadLetters } from '../../tools/dead-letters.ts';
import { UsageError } from '../../tools/terminal.ts';
import { ATTRIBUTES, BODY, KILL, type LetterBench, startLetterBench } from './letter-bench.ts';

const SCRIPT = fileURLToPath(new URL('../../tools/dead-letters.ts', import.meta.url));
const DRILL = '{"drill":true}';

let bench: LetterBench;

beforeEach(async () => {
  bench = await startLetterBench();
});

afterEach(async () => {
  await bench.stop();
});

const deadLetterQueue = () => bench.visible(bench.queues.deadLetterQueueUrl);

describe('the list', () => {
  test('is a table without empty columns', async () => {
    const failedAt = new Date(Date.now() - 3 * 86_400_000).toISOString();
    const id = await bench.bury(BODY, { ...ATTRIBUTES, failedAt });

    const code = await bench.run();

    expect(code).toBe(0);
    expect(bench.printed).toEqual([
      expect.stringMatching(/^age {2}outcome {4}code {3}trigger {2}symbol {13}order {16}message id +detail$/),
      expect.stringMatching(
        `^3d   not-found  -2013  queue    BTC-200730-9000-C  4611875134427365377  ${id}  Order does not exist\\.$`,
      ),
      '',
      `1 dead letter in ${bench.queues.deadLetterQueueUrl}`,
    ]);
  });

  test('cuts the detail to the width of the terminal', async () => {
    const narrow = await startLetterBench(150);
    await narrow.bury(BODY, { ...ATTRIBUTES, detail: 'a long detail '.repeat(20) });

    await narrow.run();
    await narrow.stop();

    expect(narrow.printed[1]).toMatch(/ {2}a long detail .*…$/);
    expect(narrow.printed[1]).toHaveLength(150);
  });

  test('says what each letter is about', async () => {
    const about = {
      '{"kill":{"everything":true},"account":"desk-b"}': 'none desk-b kill everything',
      '{"kill":{"underlying":"BTCUSDT"}}': 'none kill BTCUSDT',
      '{"account":"desk-a","symbol":"BTC-200730-9000-C","clientOrderId":"quote-1"}':
        'none desk-a BTC-200730-9000-C quote-1',
      '{"account":{},"symbol":7}': 'none 7',
      'no JSON': 'none unreadable',
      [DRILL]: 'none drill',
    };
    const ids = new Map<string, string>();
    for (const [body, text] of Object.entries(about)) ids.set(await bench.bury(body), text);

    await bench.run();

    for (const [id, text] of ids) {
      const cells = bench.printed.find((line) => line.includes(id))?.split(/ {2,}/) ?? [];
      expect(cells.slice(1, cells.indexOf(id)).join(' ')).toBe(text);
    }
  });

  test('leaves all of them visible in the queue', async () => {
    const bodies = Array.from({ length: 7 }, (_, index) => `letter ${index}`);
    for (const body of bodies) await bench.bury(body);

    await bench.run();

    expect(await deadLetterQueue()).toEqual(bodies);
  });

  test('shows every one of many once, oldest first', async () => {
    const ids: string[] = [];
    for (let index = 0; index < 134; index += 1) ids.push(await bench.bury(`letter ${index}`));

    const listed = await bench.json();

    expect(listed.map((letter) => letter.messageId).toSorted()).toEqual(ids.toSorted());
    const times = listed.map((letter) => letter.sentAt);
    expect(times).toEqual(times.toSorted());
  });

  test('shows each once, even when one becomes visible again while others are read', async () => {
    for (const body of ['one', 'two', 'three']) await bench.bury(body);
    const options = { queueUrl: bench.queues.deadLetterQueueUrl, holdSeconds: 0 };

    const bodies = await holdDeadLetters(bench.client, options, async (letters) =>
      letters.map(({ body }) => body),
    );

    expect(bodies.toSorted()).toEqual(['one', 'three', 'two']);
  });

  test('with --json is one JSON document per line, with the exact body', async () => {
    const id = await bench.bury(BODY, ATTRIBUTES);

    expect(await bench.json()).toEqual([
      { messageId: id, sentAt: expect.any(String), receives: 1, attributes: ATTRIBUTES, body: BODY },
    ]);
  });

  test('ends after --limit dead letters', async () => {
    for (let index = 0; index < 14; index += 1) await bench.bury(`letter ${index}`);

    expect(await bench.json('--limit', '12')).toHaveLength(12);
    expect(await deadLetterQueue()).toHaveLength(10);
  });

  test('asks for all attributes, which SQS sends only on request', async () => {
    const receives: unknown[] = [];
    bench.queues.fault = (action, body) => {
      if (action === 'ReceiveMessage') receives.push(body);
      return undefined;
    };

    await bench.run();

    expect(receives[0]).toEqual(
      expect.objectContaining({ MessageAttributeNames: ['All'], MessageSystemAttributeNames: ['All'] }),
    );
  });

  test('of an empty queue says that there are none', async () => {
    await bench.run();

    expect(bench.printed).toEqual([`0 dead letters in ${bench.queues.deadLetterQueueUrl}`]);
  });
});

describe('one letter', () => {
  test('is shown with all its attributes, and escapes control characters', async () => {
    const id = await bench.bury(`\t${BODY}`, { ...ATTRIBUTES, detail: 'two\nlines \u009b2J' });
    await bench.bury('another');

    await bench.run('--id', id);

    expect(bench.printed[0]?.split('\n')).toEqual([
      'not-found',
      '  code       -2013',
      '  detail     two\\u000alines \\u009b2J',
      '  trigger    queue',
      '  requestId  5b3c1f0e-0000-4000-8000-000000000001',
      '  attempts   5',
      '  orderId    4611875134427365377',
      '  askedAt    2026-11-22T15:59:30.000Z',
      '  failedAt   2026-11-22T16:00:00.000Z',
      `  messageId  ${id}`,
      expect.stringMatching(/^ {2}sentAt {5}20\d\d-.*Z$/),
      `  body       \\u0009${BODY}`,
      '',
    ]);
    expect(bench.printed[1]).toBe(`1 of the 2 dead letters in ${bench.queues.deadLetterQueueUrl}`);
  });

  test('that the redrive policy has moved says so', async () => {
    const id = await bench.bury('{"symbol":"BTC-200730-9000-C","account":"desk-a"}');

    await bench.run('--id', id);

    expect(bench.printed[0]).toMatch(
      /^none\n {2}detail +moved by the redrive policy after the last receive\n {2}account +desk-a\n/,
    );
  });
});

describe('a redrive', () => {
  test('only shows what it would do until --yes is given', async () => {
    const cancel = await bench.bury(BODY, ATTRIBUTES);
    const kill = await bench.bury(KILL);
    const drill = await bench.bury(DRILL);

    const code = await bench.run('--redrive');

    expect(code).toBe(0);
    expect(bench.printed.slice(0, 3).toSorted()).toEqual([
      `would move to cancel  ${cancel}  not-found  ${BODY}`,
      `would move to kill  ${kill}  none  ${KILL}`,
      `would stay  ${drill}  none  ${DRILL}: a drill is never redriven: delete it`,
    ]);
    expect(bench.printed[3]).toBe(`3 dead letters in ${bench.queues.deadLetterQueueUrl}: --yes moves 2`);
    expect(await deadLetterQueue()).toHaveLength(3);
    expect(await bench.visible(bench.queues.cancelQueueUrl)).toEqual([]);
    expect(await bench.visible(bench.queues.killQueueUrl)).toEqual([]);
  });

  test('moves every dead letter with its exact body', async () => {
    const bodies = Array.from({ length: 12 }, (_, index) => `${BODY} ${index}`);
    const ids: string[] = [];
    for (const body of bodies) ids.push(await bench.bury(body, ATTRIBUTES));

    const code = await bench.run('--redrive', '--yes');

    expect(code).toBe(0);
    expect((await bench.received(bench.queues.cancelQueueUrl, 12)).map(({ Body = '' }) => Body)).toEqual(
      expect.arrayContaining(bodies),
    );
    expect(await deadLetterQueue()).toEqual([]);
    expect(bench.printed.slice(0, 12).toSorted()).toEqual(
      ids.map((id, index) => `moved to cancel  ${id}  not-found  ${bodies[index]}`).toSorted(),
    );
    expect(bench.printed[12]).toBe('12 of 12 dead letters moved');
  });

  test('passes on the time at which a dead letter was asked for and for whom, and no other attribute', async () => {
    await bench.bury(BODY, { ...ATTRIBUTES, onBehalfOf: 'arn:aws:iam::123456789012:user/desk' });

    await bench.run('--redrive', '--yes');

    const [message] = await bench.received(bench.queues.cancelQueueUrl, 1);
    expect(message?.MessageAttributes).toEqual({
      askedAt: { DataType: 'String', StringValue: '2026-11-22T15:59:30.000Z' },
      onBehalfOf: { DataType: 'String', StringValue: 'arn:aws:iam::123456789012:user/desk' },
    });
  });

  test('passes on the time at which a message of the redrive policy was first sent', async () => {
    await bench.bury(BODY);
    const [{ sentAt }] = await bench.json();

    await bench.run('--redrive', '--yes');

    const [message] = await bench.received(bench.queues.cancelQueueUrl, 1);
    expect(message?.MessageAttributes).toEqual({ askedAt: { DataType: 'String', StringValue: sentAt } });
  });

  test('moves kills to the kill queue, and everything else to the cancel queue', async () => {
    for (const body of [BODY, KILL, 'no JSON']) await bench.bury(body);

    await bench.run('--redrive', '--yes');

    expect(await bench.visible(bench.queues.killQueueUrl)).toEqual([KILL]);
    expect(await bench.visible(bench.queues.cancelQueueUrl)).toEqual(['no JSON', BODY]);
  });

  test('moves kills and cancels to the one queue of --to', async () => {
    for (const body of [BODY, KILL]) await bench.bury(body);

    await bench.run('--redrive', '--to', bench.queues.cancelQueueUrl, '--yes');

    expect(await bench.visible(bench.queues.killQueueUrl)).toEqual([]);
    expect(await bench.visible(bench.queues.cancelQueueUrl)).toEqual([KILL, BODY]);
  });

  test('leaves a drill in the queue', async () => {
    await bench.bury(DRILL);

    const code = await bench.run('--redrive', '--yes');

    expect(code).toBe(1);
    expect(bench.printed.at(-1)).toBe('0 of 1 dead letter moved');
    expect(await deadLetterQueue()).toEqual([DRILL]);
  });

  test('leaves a dead letter visible that it cannot send, and returns 1', async () => {
    await bench.bury('fine');
    await bench.bury('refused');
    bench.queues.fault = (action, body) =>
      action === 'SendMessage' && JSON.stringify(body).includes('"refused"')
        ? { status: 400, name: 'OverLimit', message: 'too much' }
        : undefined;

    const code = await bench.run('--redrive', '--yes');

    expect(code).toBe(1);
    expect(await deadLetterQueue()).toEqual(['refused']);
    expect(await bench.visible(bench.queues.cancelQueueUrl)).toEqual(['fine']);
    expect(bench.printed).toContainEqual(expect.stringMatching(/^stayed {2}.*: too much$/));
    expect(bench.printed.at(-1)).toBe('1 of 2 dead letters moved');
  });

  test('reports a dead letter as copied that it cannot delete', async () => {
    await bench.bury(BODY);
    bench.queues.fault = (action) =>
      action === 'DeleteMessage' ? { status: 400, name: 'OverLimit', message: 'not now' } : undefined;

    const code = await bench.run('--redrive', '--yes', '--json');

    expect(code).toBe(1);
    expect(bench.printed.map((line) => JSON.parse(line))).toEqual([
      expect.objectContaining({ result: 'copied', error: 'not now', body: BODY }),
    ]);
    expect(await deadLetterQueue()).toEqual([BODY]);
    expect(await bench.visible(bench.queues.cancelQueueUrl)).toEqual([BODY]);
  });

  test('moves none twice, even when they come back while it runs', async () => {
    await bench.bury('one');
    await bench.bury('two');
    const source = await startEventSource({
      queueUrl: bench.queues.cancelQueueUrl,
      invoke: async (event) => {
        for (const record of event.Records) await bench.bury(record.body);
      },
    });

    await bench.run('--redrive', '--yes');
    await source.stop();

    expect(bench.printed.at(-1)).toBe('2 of 2 dead letters moved');
    expect(await deadLetterQueue()).toEqual(['one', 'two']);
  });

  test('makes all dead letters visible again when it fails', async () => {
    for (let index = 0; index < 12; index += 1) await bench.bury(`letter ${index}`);
    let receives = 0;
    bench.queues.fault = (action) => {
      if (action !== 'ReceiveMessage') return undefined;
      receives += 1;
      return receives === 2 ? { status: 400, name: 'OverLimit', message: 'too many in flight' } : undefined;
    };

    await expect(bench.run('--redrive', '--yes')).rejects.toThrow('too many in flight');
    bench.queues.fault = undefined;

    expect(await bench.json()).toHaveLength(12);
    expect(await bench.visible(bench.queues.cancelQueueUrl)).toEqual([]);
  });
});

describe('a deletion', () => {
  test('only shows the letters and their number until --yes is given', async () => {
    const id = await bench.bury(DRILL);
    await bench.bury(BODY);

    const code = await bench.run('--delete', '--id', id);

    expect(code).toBe(0);
    expect(bench.printed[0]).toContain(id);
    expect(bench.printed.at(-1)).toBe(
      `1 of the 2 dead letters in ${bench.queues.deadLetterQueueUrl}: --yes deletes 1`,
    );
    expect(await deadLetterQueue()).toHaveLength(2);
  });

  test('prints each letter as a whole before it deletes it', async () => {
    const id = await bench.bury(BODY, ATTRIBUTES);
    await bench.bury(KILL);
    let printedBefore: string | undefined;
    bench.queues.fault = (action) => {
      if (action === 'DeleteMessage') printedBefore = bench.printed[0];
      return undefined;
    };

    const code = await bench.run('--delete', '--outcome', 'not-found', '--yes');

    expect(code).toBe(0);
    expect(printedBefore?.split('\n')).toEqual(
      expect.arrayContaining(['not-found', `  messageId  ${id}`, `  body       ${BODY}`]),
    );
    expect(bench.printed[1]).toBe('1 of 1 dead letter deleted');
    expect(await deadLetterQueue()).toEqual([KILL]);
  });

  test('with --json prints one document for each', async () => {
    for (const body of [BODY, KILL, DRILL]) await bench.bury(body);

    const documents = await bench.json('--delete', '--all', '--yes');

    expect(documents.map(({ body }) => body).toSorted()).toEqual([DRILL, KILL, BODY]);
    expect(await deadLetterQueue()).toEqual([]);
  });

  test('that SQS refuses leaves the letter, and returns 1', async () => {
    const id = await bench.bury(BODY);
    bench.queues.fault = (action) =>
      action === 'DeleteMessage' ? { status: 400, name: 'OverLimit', message: 'not now' } : undefined;

    const code = await bench.run('--delete', '--all', '--yes');

    expect(code).toBe(1);
    expect(bench.printed.slice(-2)).toEqual([
      `stayed  ${id}  none  ${BODY}: not now`,
      '0 of 1 dead letter deleted',
    ]);
    expect(await deadLetterQueue()).toEqual([BODY]);
  });
});

describe('the arguments', () => {
  const deployed = 'https://sqs.eu-west-1.amazonaws.com/123456789012';

  test.each([
    [['--to', `${deployed}/cancel`], '--to needs --redrive'],
    [['--yes'], '--yes needs --redrive or --delete'],
    [['--all'], '--all needs --delete'],
    [['--redrive', '--delete'], '--redrive and --delete exclude each other'],
    [['--delete', '--limit', '5', '--yes'], '--delete needs a filter, or --all'],
    [['--queue-url', `${deployed}/dead`, '--redrive'], '--redrive with --queue-url needs --to'],
    [
      ['--queue-url', `${deployed}/dead`, '--redrive', '--to', `${deployed}/dead`],
      '--to is the queue that they are in',
    ],
    [['--redrive', '--to', `${deployed}/cancel`], 'needs two local queues or two remote ones'],
    [['--redrive', '--to', 'cancel'], '--to is not the URL of a queue: cancel'],
    [['--limit', '0'], '--limit is not a whole number from 1: 0'],
    [['--outcome', 'unknown,none,gone'], '--outcome has no gone: choose from canceled, accepted, '],
    [['--older', '1w'], '--older is not an age such as 30s, 15m, 1h or 2d: 1w'],
    [['--failed-events', '--outcome', 'unknown'], '--outcome does not go with --failed-events'],
    [['--purge'], "Unknown option '--purge'"],
    [['extra'], "Unexpected argument 'extra'"],
  ])('%j are refused', async (args, message) => {
    const running = bench.run(...args);

    await expect(running).rejects.toThrow(UsageError);
    await expect(running).rejects.toThrow(message);
  });

  test.each([
    [{ DEAD_LETTER_QUEUE_URL: '' }, [], 'DEAD_LETTER_QUEUE_URL is not the URL of a queue: '],
    [{}, ['--failed-events'], '--failed-events needs --queue-url or FAILED_EVENTS_QUEUE_URL'],
  ])('of the environment %j are refused with %j', async (env, args, message) => {
    const running = deadLetters(args, env, () => undefined);

    await expect(running).rejects.toThrow(UsageError);
    await expect(running).rejects.toThrow(message);
  });
});

describe('the script', () => {
  const script = (...args: string[]) =>
    promisify(execFile)(process.execPath, [SCRIPT, ...args], { env: bench.queues.env });

  test('prints the list', async () => {
    await bench.bury(BODY, ATTRIBUTES);

    const { stdout } = await script();

    expect(stdout).toContain(
      `Order does not exist.\n\n1 dead letter in ${bench.queues.deadLetterQueueUrl}\n`,
    );
  });

  test('exits with 1 when a dead letter cannot be moved', async () => {
    const id = await bench.bury(BODY);

    await expect(
      script('--redrive', '--to', `${bench.queues.cancelQueueUrl}-gone`, '--yes'),
    ).rejects.toMatchObject({
      code: 1,
      stdout: expect.stringContaining(`stayed  ${id}  none  ${BODY}: The specified queue does not exist.`),
    });
  });

  test('prints its usage with --help', async () => {
    const { stdout } = await script('--help');

    expect(stdout).toMatch(/^npm run dead-letters /);
  });
});
