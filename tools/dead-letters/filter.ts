import { isDrill } from '../../lib/cancel/drill-request.ts';
import { CONSEQUENCES, KILL_CONSEQUENCES } from '../../lib/consequence.ts';
import { printable, UsageError } from '../terminal.ts';
import { accountOf, idsOf, type Letter, symbolOf } from './letter.ts';

/** The letters that are wanted: those that match every given field. */
export interface LetterFilter {
  readonly outcomes?: ReadonlySet<string>;
  readonly symbol?: string;
  /** `default` is the default account. */
  readonly account?: string;
  readonly id?: string;
  readonly olderThanMs?: number;
  readonly isDrill?: true;
}

/** Returns true for a letter that is wanted. @param now milliseconds since the epoch */
export function matches(letter: Letter, filter: LetterFilter, now: number): boolean {
  const { outcomes, symbol, account, id, olderThanMs } = filter;
  return (
    (outcomes?.has(letter.outcome) ?? true) &&
    (symbol === undefined || symbol === symbolOf(letter)) &&
    (account === undefined ||
      (letter.fields !== undefined && account === (accountOf(letter) ?? 'default'))) &&
    (id === undefined || idsOf(letter).includes(id)) &&
    (olderThanMs === undefined || now - letter.failedAt >= olderThanMs) &&
    (filter.isDrill === undefined || isDrill(letter.fields))
  );
}

const OUTCOMES = new Set([...Object.keys(CONSEQUENCES), ...Object.keys(KILL_CONSEQUENCES), 'none']);

/** Parses outcomes separated by commas. @throws UsageError that names the wrong one */
export function outcomesOf(list: string): ReadonlySet<string> {
  const outcomes = list.split(',').map((outcome) => outcome.trim());
  const wrong = outcomes.find((outcome) => !OUTCOMES.has(outcome));
  if (wrong === undefined) return new Set(outcomes);
  throw new UsageError(`--outcome has no ${printable(wrong)}: choose from ${[...OUTCOMES].join(', ')}`);
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
