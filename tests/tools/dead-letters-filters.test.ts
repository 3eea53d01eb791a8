import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { letterArguments } from '../../tools/dead-letters/arguments.ts';
import { ageMsOf, ageText } from '../../tools/dead-letters/filter.ts';
import { deadLetterOf } from '../../tools/dead-letters/letter.ts';
import { ATTRIBUTES, type LetterBench, startLetterBench } from './letter-bench.ts';

const CANCEL = '{"symbol":"BTC-200730-9000-C","orderId":1}';
const BY_NAME = '{"symbol":"ETH-200730-900-P","clientOrderId":"quote-1","account":"desk-a"}';
const KILL = '{"kill":{"underlying":"BTCUSDT"},"killId":"limit-7"}';

const DRILL = '{"drill":true,"account":"desk-b"}';
const NOW = Date.parse('2026-11-22T18:00:00.000Z');

const letter = (body: string, attributes: Record<string, string>) =>
  deadLetterOf({
    messageId: `message of ${body}`,
    sentAt: '2026-11-22T17:59:00.000Z',
    receives: 1,
    receiptHandle: 'handle',
    attributes,
    body,
  });

const LETTERS = [
  letter(CANCEL, ATTRIBUTES),
  letter(BY_NAME, { outcome: 'unknown', failedAt: '2026-11-22T17:59:30.000Z' }),
  letter(KILL, { outcome: 'not-emptied', requestId: 'kill-request' }),
  letter('no JSON', {}),
  letter(DRILL, { failedAt: '2026-11-22T18:00:05.000Z' }),
];

test.each<[string[], string[]]>([
  [
    ['--outcome', 'unknown, not-emptied'],
    [BY_NAME, KILL],
  ],
  [
    ['--outcome', 'none'],
    ['no JSON', DRILL],
  ],
  [['--symbol', 'BTC-200730-9000-C'], [CANCEL]],
  [['--symbol', 'BTCUSDT'], [KILL]],
  [['--account', 'desk-a'], [BY_NAME]],
  [
    ['--account', 'default'],
    [CANCEL, KILL],
  ],
  [['--id', `message of ${CANCEL}`], [CANCEL]],
  [['--id', ATTRIBUTES.requestId], [CANCEL]],
  [['--id', ATTRIBUTES.orderId], [CANCEL]],
  [['--id', '1'], [CANCEL]],
  [['--id', 'quote-1'], [BY_NAME]],
  [['--id', 'limit-7'], [KILL]],
  [['--id', 'kill-request'], [KILL]],
  [
    ['--older', '60s'],
    [CANCEL, KILL, 'no JSON'],
  ],
  [['--older', '2h'], [CANCEL]],
  [['--older', '3h'], []],
  [['--drills'], [DRILL]],
  [[], [CANCEL, BY_NAME, KILL, 'no JSON', DRILL]],
  [['--outcome', 'unknown', '--account', 'default'], []],
  [['--account', 'default', '--symbol', 'BTCUSDT'], [KILL]],
])('%j keeps %j', (args, bodies) => {
  const { filters } = letterArguments(args, {});

  const kept = LETTERS.filter((letter) => filters.every((filter) => filter(letter, NOW)));

  expect(kept.map(({ message }) => message.body)).toEqual(bodies);
});

describe('a filter', () => {
  let bench: LetterBench;

  beforeEach(async () => {
    bench = await startLetterBench();
  });

  afterEach(async () => {
    await bench.stop();
  });

  test('counts --limit in letters that match', async () => {
    for (let index = 0; index < 30; index += 1) await bench.bury(index < 25 ? CANCEL : BY_NAME);

    expect(await bench.json('--account', 'desk-a', '--limit', '4')).toHaveLength(4);
  });

  test('moves only what it keeps, and makes the others visible before that', async () => {
    await bench.bury(CANCEL);
    const kept = await bench.bury(KILL);
    const calls: string[] = [];
    bench.queues.fault = (action, body) => {
      const isOther = action === 'ChangeMessageVisibilityBatch' && !JSON.stringify(body).includes(kept);
      if (isOther || action === 'SendMessage') calls.push(action);
      return undefined;
    };

    await bench.run('--symbol', 'BTCUSDT', '--redrive', '--yes');

    expect(calls).toEqual(['ChangeMessageVisibilityBatch', 'SendMessage']);
    expect(await bench.visible(bench.queues.killQueueUrl)).toEqual([KILL]);
    expect(await bench.visible(bench.queues.deadLetterQueueUrl)).toEqual([CANCEL]);
  });
});

test.each([
  ['30s', 30_000],
  ['15m', 900_000],
  ['1h', 3_600_000],
  ['2d', 172_800_000],
])('the age %s is %d ms', (text, ms) => {
  expect(ageMsOf(text)).toBe(ms);
  expect(ageText(ms + 999)).toBe(text);
});
