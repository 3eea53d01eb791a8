import { printable } from '../terminal.ts';
import { ageText } from './filter.ts';
import { accountOf, type Letter, orderIdsOf, subjectOf } from './letter.ts';
import type { Result } from './redrive.ts';

type Cell = (letter: Letter, now: number) => string;

const COLUMNS: readonly (readonly [string, Cell])[] = [
  ['age', ({ failedAt }, now) => ageText(now - failedAt)],
  ['outcome', ({ outcome }) => outcome],
  ['code', ({ code = '' }) => code],
  ['trigger', ({ trigger = '' }) => trigger],
  ['account', (letter) => accountOf(letter) ?? ''],
  ['symbol', subjectOf],
  ['order', (letter) => orderIdsOf(letter)[0] ?? ''],
  ['message id', ({ message }) => message.messageId],
];

const LEAST_DETAIL = 20;

/**
 * Formats letters as the lines of a table, without empty columns. The detail is cut so that a line
 * fits into `width` characters.
 *
 * @param now milliseconds since the epoch
 */
export function letterTable(letters: readonly Letter[], now: number, width: number): string[] {
  const columns = COLUMNS.map(([name, cell]) => [
    name,
    ...letters.map((letter) => printable(cell(letter, now))),
  ]);
  const shown = columns.filter(([, ...cells]) => cells.some((cell) => cell !== '')).map(padded);
  return ['detail', ...letters.map(({ detail }) => printable(detail))].map((detail, row) => {
    const start = shown.map((cells) => `${cells[row]}  `).join('');
    return `${start}${cut(detail, Math.max(LEAST_DETAIL, width - start.length))}`.trimEnd();
  });
}

function padded(cells: readonly string[]): string[] {
  const width = Math.max(...cells.map((cell) => cell.length));
  return cells.map((cell) => cell.padEnd(width));
}

const cut = (text: string, most: number) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

/**
 * Formats all of a letter for a person: its outcome, then one line for each thing that is known.
 */
export function letterText(letter: Letter): string {
  const { attributes, messageId, sentAt, body } = letter.message;
  const { outcome: _, ...others } = attributes;
  const account = accountOf(letter);
  const known = {
    ...others,
    ...(letter.detail !== '' && { detail: letter.detail }),
    ...(account !== undefined && { account }),
    ...redriveOf(letter),
    messageId,
    sentAt,
    body,
  };
  const width = Math.max(...Object.keys(known).map((name) => name.length));
  const lines = Object.entries(known).map(([name, text]) => `  ${name.padEnd(width)}  ${printable(text)}`);
  return [printable(letter.outcome), ...lines, ''].join('\n');
}

/** Formats all of a letter as one line of JSON, its exact body as a string. */
export const letterJson = (letter: Letter) => JSON.stringify(jsonOf(letter));

function jsonOf(letter: Letter) {
  const { receiptHandle: _, ...message } = letter.message;
  return { ...message, ...redriveOf(letter) };
}

/** Returns what the message itself does not show of a redrive. */
function redriveOf({ redrive, message }: Letter): Readonly<Record<string, string>> {
  if (!redrive.ok) return { notRedriven: redrive.error };
  return redrive.body === message.body ? {} : { request: redrive.body, ...redrive.attributes };
}

/** Formats the result for one letter as one line. */
export function resultText({ letter, result, to, error }: Result): string {
  const { message, outcome, redrive } = letter;
  const body = redrive.ok ? redrive.body : message.body;
  const target = to === undefined ? '' : ` to ${to.split('/').at(-1)}`;
  const reason = error === undefined ? '' : `: ${error}`;
  return `${result}${target}  ${message.messageId}  ${printable(`${outcome}  ${body}${reason}`)}`;
}

/** Formats the result for one letter as one line of JSON: all of the letter, and the result. */
export const resultJson = ({ letter, ...result }: Result) => JSON.stringify({ ...jsonOf(letter), ...result });
