import { fieldsFromJson } from '../../lib/cancel/fields.ts';
import { printable } from '../terminal.ts';
import type { DeadLetter, HeldDeadLetter } from './dead-letter-reader.ts';
import type { Redriven } from './redrive.ts';

/**
 * Formats a dead letter for a person: its outcome, then one line for each attribute, and for the
 * account that its body names.
 */
export function letterText({ attributes, messageId, sentAt, body }: DeadLetter): string {
  const { outcome = 'no outcome: moved by the redrive policy after the last receive', ...others } =
    attributes;
  const known = Object.entries({ ...others, ...accountOf(body), messageId, sentAt, body });
  const lines = known.map(([name, value]) => `  ${name.padEnd(10)} ${printable(value)}`);
  return [printable(outcome), ...lines].join('\n');
}

/** Formats the result of moving a dead letter as one line. */
export function redrivenText(redriven: Redriven): string {
  const { result, letter } = redriven;
  const { outcome = '-' } = letter.attributes;
  const about = `${result}  ${letter.messageId}  ${printable(`${outcome}  ${letter.body}`)}`;
  return redriven.result === 'moved' ? about : `${about}: ${printable(redriven.error)}`;
}

/** Formats a dead letter as one line of JSON, its exact body as a string. */
export function letterJson({ receiptHandle: _, ...letter }: HeldDeadLetter): string {
  return JSON.stringify(letter);
}

/**
 * Formats the result of moving a dead letter as one line of JSON: the dead letter, `result`, and
 * `error` if any.
 */
export function redrivenJson({ letter: { receiptHandle: _, ...letter }, ...result }: Redriven): string {
  return JSON.stringify({ ...letter, ...result });
}

function accountOf(body: string): { readonly account?: string } {
  const fields = fieldsFromJson(body);
  const account = fields.ok ? fields.value.account : undefined;
  return typeof account === 'string' ? { account } : {};
}
