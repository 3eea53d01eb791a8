import { isDrill } from '../../lib/cancel/drill-request.ts';
import { CONSEQUENCES, KILL_CONSEQUENCES } from '../../lib/consequence.ts';
import { printable, UsageError } from '../terminal.ts';
import { accountOf, idsOf, type Letter, symbolOf } from './letter.ts';

/** Returns true for a letter that is wanted. `now` is in milliseconds since the epoch. */
type LetterFilter = (letter: Letter, now: number) => boolean;

/** For each option, the function that makes a filter of its value. */
const FILTERS: Readonly<Record<string, (value: string) => LetterFilter>> = {
  outcome: outcomeFilter,
  symbol: (symbol) => (letter) => symbolOf(letter) === symbol,
  account: (account) => (letter) =>
    letter.fields !== undefined && account === (accountOf(letter) ?? 'default'),
  id: (id) => (letter) => idsOf(letter).includes(id),
  older: olderFilter,
  drills: () => (letter) => isDrill(letter.fields),
};

/**
 * Returns the filters of the options that are given.
 *
 * @throws UsageError that names a wrong value
 */
export function filtersOf(values: Readonly<Record<string, unknown>>): LetterFilter[] {
  return Object.entries(FILTERS)
    .filter(([option]) => values[option] !== undefined)
    .map(([option, filter]) => filter(String(values[option])));
}

const OUTCOMES = new Set([...Object.keys(CONSEQUENCES), ...Object.keys(KILL_CONSEQUENCES), 'none']);

function outcomeFilter(list: string): LetterFilter {
  const outcomes = list.split(',').map((outcome) => outcome.trim());
  const wrong = outcomes.find((outcome) => !OUTCOMES.has(outcome));
  if (wrong === undefined) return ({ outcome }) => outcomes.includes(outcome);
  throw new UsageError(`--outcome has no ${printable(wrong)}: choose from ${[...OUTCOMES].join(', ')}`);
}

function olderFilter(age: string): LetterFilter {
  const ageMs = ageMsOf(age);
  return ({ failedAt }, now) => now - failedAt >= ageMs;
}

const UNIT_MS = new Map([
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
]);

/** Parses an age such as `15m` to milliseconds. @throws UsageError */
export function ageMsOf(text: string): number {
  const [, count, unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  const unitMs = UNIT_MS.get(unit);
  if (unitMs !== undefined) return Number(count) * unitMs;
  throw new UsageError(`--older is not an age such as 30s, 15m, 1h or 2d: ${printable(text)}`);
}

/** Formats an age in its largest whole unit. */
export function ageText(ms: number): string {
  const [unit, unitMs] = [...UNIT_MS].findLast(([, unitMs]) => ms >= unitMs) ?? ['s', 1000];
  return `${Math.max(0, Math.floor(ms / unitMs))}${unit}`;
}
