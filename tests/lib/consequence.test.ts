import { readFile } from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import { CONSEQUENCES, type Next, nextOf } from '../../lib/consequence.ts';

const MINUTE_MS = 60_000;
const usual = { isLastReceive: false, throttledForMs: 0, isUnconfirmed: false };

describe('an accepted cancel through the API', () => {
  test('is a dead letter', () => {
    expect(nextOf('accepted', 'api', usual)).toBe('dead-letter');
  });

  test('is done when its caller asked not to have it confirmed', () => {
    expect(nextOf('accepted', 'api', { ...usual, isUnconfirmed: true })).toBe('done');
  });
});

test('an accepted cancel through queue or schedule is kept although it was not to be confirmed', () => {
  const circumstances = { ...usual, isUnconfirmed: true };

  expect(nextOf('accepted', 'queue', circumstances)).toBe('back');
  expect(nextOf('accepted', 'schedule', circumstances)).toBe('dead-letter');
});

test('any other outcome is kept although an accepted cancel was not to be confirmed', () => {
  expect(nextOf('unknown', 'api', { ...usual, isUnconfirmed: true })).toBe('dead-letter');
});

describe('a message that goes back to its queue', () => {
  test.each([
    ['goes back', {}, 'back'],
    ['goes back during a throttle of 15 minutes', { throttledForMs: 15 * MINUTE_MS }, 'back'],
    ['is a dead letter during a longer one', { throttledForMs: 15 * MINUTE_MS + 1 }, 'dead-letter'],
    ['is a dead letter on its last receive', { isLastReceive: true }, 'dead-letter'],
  ] as const)('%s', (_, circumstances, next) => {
    expect(nextOf('throttled', 'queue', { ...usual, ...circumstances })).toBe(next);
    expect(nextOf('unknown', 'queue', { ...usual, ...circumstances })).toBe(next);
  });
});

test('a message that is done is done on its last receive and during a ban too', () => {
  const circumstances = { ...usual, isLastReceive: true, throttledForMs: 60 * MINUTE_MS };

  expect(nextOf('canceled', 'queue', circumstances)).toBe('done');
});

describe('README', () => {
  test('has the consequences of every outcome', async () => {
    const documented = await readTable();

    const inCode = Object.entries(CONSEQUENCES).map(([outcome, { api, queue, schedule }]) => [
      outcome,
      { api, queue, schedule },
    ]);
    expect(documented).toEqual(Object.fromEntries(inCode));
  });
});

/** Reads the table of outcomes in README's section "What comes back". */
async function readTable(): Promise<Record<string, object>> {
  const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
  const section = /^## What comes back\n([\s\S]*?)^##/m.exec(readme)?.[1] ?? '';
  const rows = section.split('\n').filter((line) => line.startsWith('| `'));
  return Object.fromEntries(
    rows.map((row) => {
      const [, outcome = '', , api = '', queue = '', schedule = ''] = row
        .split('|')
        .map((cell) => cell.trim());
      const next = { api: ofApi(api), queue: ofOther(queue), schedule: ofOther(schedule) };
      return [outcome.replaceAll('`', ''), next] as const;
    }),
  );
}

const ofApi = (cell: string): Next => (cell.includes('dead letter') ? 'dead-letter' : 'done');

function ofOther(cell: string): Next | undefined {
  if (cell.startsWith('done')) return 'done';
  if (cell === 'back to the queue') return 'back';
  return cell === 'dead letter' ? 'dead-letter' : undefined;
}
