import { readFile } from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import {
  CONSEQUENCES,
  isFinal,
  KILL_CONSEQUENCES,
  type Next,
  nextOf,
  nextOfKill,
  type Trigger,
} from '../../lib/consequence.ts';
import type { KillOutcomeKind, OutcomeKind } from '../../lib/outcome.ts';

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

type Row = readonly [api: Next, queue: Next, schedule: Next];

const TRIGGERS = ['api', 'queue', 'schedule'] as const satisfies readonly Trigger[];

/** Both records are written out from the contract, and the compiler asks for every outcome. */
const CANCELS: Readonly<Record<OutcomeKind, Row>> = {
  canceled: ['done', 'done', 'done'],
  accepted: ['dead-letter', 'back', 'dead-letter'],
  filled: ['done', 'done', 'done'],
  closed: ['done', 'done', 'done'],
  'not-found': ['done', 'back', 'dead-letter'],
  'invalid-request': ['done', 'dead-letter', 'dead-letter'],
  expired: ['done', 'dead-letter', 'dead-letter'],
  throttled: ['dead-letter', 'back', 'dead-letter'],
  credentials: ['dead-letter', 'back', 'dead-letter'],
  forbidden: ['dead-letter', 'back', 'dead-letter'],
  unavailable: ['dead-letter', 'back', 'dead-letter'],
  unknown: ['dead-letter', 'back', 'dead-letter'],
};
const KILLS: Readonly<Record<KillOutcomeKind, Row>> = {
  emptied: ['done', 'done', 'done'],
  'dry-run': ['done', 'done', 'done'],
  'not-emptied': ['handed-over', 'back', 'handed-over'],
  throttled: ['handed-over', 'back', 'handed-over'],
  credentials: ['handed-over', 'back', 'handed-over'],
  forbidden: ['handed-over', 'back', 'handed-over'],
  unavailable: ['handed-over', 'back', 'handed-over'],
  unknown: ['handed-over', 'back', 'handed-over'],
  'invalid-request': ['done', 'dead-letter', 'dead-letter'],
  expired: ['done', 'dead-letter', 'dead-letter'],
};

test('every outcome of a cancel has the consequence that the contract says', () => {
  const inCode = Object.entries(CONSEQUENCES).map(([outcome, row]) => [
    outcome,
    TRIGGERS.map((trigger) => row[trigger]),
  ]);

  expect(Object.fromEntries(inCode)).toEqual(CANCELS);
});

describe('a kill', () => {
  const outcomes = Object.keys(KILLS).filter(isKillOutcome);

  test('has a consequence for every outcome, and no other', () => {
    expect(Object.keys(KILL_CONSEQUENCES).sort()).toEqual(Object.keys(KILLS).sort());
  });

  test.each(outcomes)('that is %s goes on, or ends, as the contract says', (outcome) => {
    const next = TRIGGERS.map((trigger) => nextOfKill(outcome, trigger, usual));

    expect(next).toEqual(KILLS[outcome]);
  });

  test.each(outcomes)('that is %s is a dead letter on its last receive unless it is done', (outcome) => {
    const next = nextOfKill(outcome, 'queue', { isLastReceive: true, throttledForMs: 0 });

    expect(next).toBe(KILLS[outcome][1] === 'done' ? 'done' : 'dead-letter');
  });

  test.each([
    [15 * MINUTE_MS, 'back', 'handed-over'],
    [15 * MINUTE_MS + 1, 'dead-letter', 'handed-over'],
  ] as const)('during a throttle of %i ms is %s, and %s where it was not a message', (ms, queue, other) => {
    const circumstances = { isLastReceive: false, throttledForMs: ms };
    const next = TRIGGERS.map((trigger) => nextOfKill('throttled', trigger, circumstances));

    expect(next).toEqual([other, queue, other]);
  });

  test('that is not proven empty is an error in the log; one that is, or that asked for nothing, is not', () => {
    const levels = Object.entries(KILL_CONSEQUENCES).map(([outcome, { log }]) => [outcome, log]);

    expect(Object.fromEntries(levels)).toEqual({
      emptied: 'info',
      'dry-run': 'info',
      'not-emptied': 'error',
      throttled: 'error',
      credentials: 'error',
      forbidden: 'error',
      unavailable: 'error',
      unknown: 'error',
      'invalid-request': 'warn',
      expired: 'warn',
    });
  });
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

describe('docs/reference.md', () => {
  test('has the consequences of every outcome of a kill', async () => {
    const page = await readFile(new URL('../../docs/reference.md', import.meta.url), 'utf8');
    const table = /^## A kill\n.*?\n\| outcome \|[^\n]*\n\|[ |-]*\n((?:\|[^\n]*\n)*)/ms.exec(page)?.[1] ?? '';
    const nextIn = (cell = '') => {
      if (cell.includes('handed over')) return 'handed-over';
      return cell.startsWith('back to the queue') ? 'back' : ofOther(cell);
    };

    const documented = table
      .trim()
      .split('\n')
      .flatMap((row) => {
        const [, outcomes = '', , , queue, schedule] = row.split('|').map((cell) => cell.trim());
        const next = { queue: nextIn(queue), schedule: nextIn(schedule) };
        return outcomes.split(', ').map((outcome) => [outcome.replaceAll('`', ''), next] as const);
      });

    const inCode = Object.entries(KILL_CONSEQUENCES).map(([outcome, { queue, schedule }]) => [
      outcome,
      { queue, schedule },
    ]);
    expect(Object.fromEntries(documented)).toEqual(Object.fromEntries(inCode));
  });
});

function isKillOutcome(text: string): text is KillOutcomeKind {
  return text in KILLS;
}

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

test.each([
  ['done', true, true, true],
  ['dead-letter', true, true, true],
  ['back', true, false, false],
  ['handed-over', false, false, false],
] as const)('%s is final through the API: %s, the queue: %s, the schedule: %s', (next, ...expected) => {
  expect(TRIGGERS.map((trigger) => isFinal(next, trigger))).toEqual(expected);
});
