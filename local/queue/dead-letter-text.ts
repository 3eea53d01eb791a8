import type { DeadLetter, HeldDeadLetter } from './dead-letter-reader.ts';
import type { Redriven } from './redrive.ts';

const CONTROL_CHARACTERS = /\p{Cc}/gu;

/** A dead letter for a person: its outcome, then a line for each thing known of it. */
export function letterText({ attributes, messageId, sentAt, body }: DeadLetter): string {
  const { outcome = 'no outcome: moved by the queue itself, after its last receive', ...others } = attributes;
  const known = Object.entries({ ...others, messageId, sentAt, body });
  const lines = known.map(([name, value]) => `  ${name.padEnd(10)} ${printable(value)}`);
  return [printable(outcome), ...lines].join('\n');
}

/** What became of a dead letter that was to be moved, in a line. */
export function redrivenText(redriven: Redriven): string {
  const { result, letter } = redriven;
  const { outcome = '-', symbol = '-' } = letter.attributes;
  const about = `${result}  ${letter.messageId}  ${printable(`${outcome}  ${symbol}`)}`;
  return redriven.result === 'moved' ? about : `${about}: ${printable(redriven.error)}`;
}

/** A dead letter as a line of JSON; the body is a string, exactly as it lies in the queue. */
export function letterJson({ receiptHandle: _, ...letter }: HeldDeadLetter): string {
  return JSON.stringify(letter);
}

/** What became of a dead letter, as a line of JSON: the dead letter, `result`, and `error` where there is one. */
export function redrivenJson({ letter: { receiptHandle: _, ...letter }, ...result }: Redriven): string {
  return JSON.stringify({ ...letter, ...result });
}

/** Anyone who may send to the queue writes these texts: none may steer the terminal they are read on. */
function printable(text: string): string {
  return text.replace(
    CONTROL_CHARACTERS,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
