import { createWriteStream } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';
import * as v from 'valibot';
import { type Print, paint, printable } from '../../tools/terminal.ts';
import { lineReader } from '../lines.ts';

const REQUEST_FIELDS = ['trigger', 'requestId', 'account', 'symbol', 'orderId', 'clientOrderId'] as const;
const END_FIELDS = ['outcome', 'result', 'next', 'detail', 'cause', 'backAt'] as const;

/** A log line of the service. One of a cancel or a kill has an outcome, one of a drill a result. */
const logged = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({
    ...v.entriesFromList(['timestamp', 'level', 'message'], v.string()),
    ...v.entriesFromList([...REQUEST_FIELDS, ...END_FIELDS], v.optional(v.string())),
    scope: v.optional(v.record(v.string(), v.unknown())),
    orders: v.optional(v.record(v.string(), v.number())),
  }),
);
type Logged = v.InferOutput<typeof logged>;

const GOOD = new Set<string | undefined>(['canceled', 'emptied', 'dry-run', 'ok']);
const NEXT: Readonly<Record<string, string>> = {
  back: 'back to its queue',
  'dead-letter': 'dead letter',
  'handed-over': 'handed over to the kill queue',
};
/** The number of outcomes that can be followed afterwards. */
const KEPT = 1000;

/**
 * The output of the local functions. Everything goes to a file; a cancel, a kill or a drill is also
 * printed as one line, and so is a warning or an error.
 */
export class OutcomeLog {
  readonly #file;
  readonly #print: Print;
  #outcomes: Logged[] = [];
  readonly #followers = new Set<(line: Logged) => void>();

  constructor(path: string, print: Print) {
    this.#file = createWriteStream(path, { flags: 'a' });
    this.#print = print;
  }

  /** Returns a function that takes the output of one process, piece by piece. */
  reader(): (text: string) => void {
    const readLines = lineReader((line) => this.#read(line));
    return (text) => {
      this.#file.write(text);
      readLines(text);
    };
  }

  /**
   * Prints the lines about a request, and waits for the last one: a message that went back to its
   * queue comes again. Returns the exit code: 0 for canceled, emptied, a dry run, or a drill that is
   * ok.
   */
  follow(requestId: string, print: Print): Promise<number> {
    const { promise, resolve } = Promise.withResolvers<number>();
    const follower = (line: Logged) => {
      if (line.requestId !== requestId) return;
      print(stripVTControlCharacters(lineOf(line)));
      if (line.trigger === 'queue' && line.next === 'back') return;
      this.#followers.delete(follower);
      resolve(GOOD.has(endOf(line)) ? 0 : 1);
    };
    this.#followers.add(follower);
    for (const line of this.#outcomes) follower(line);
    return promise;
  }

  #read(text: string): void {
    const { success, output: line } = v.safeParse(logged, text);
    if (!success || (endOf(line) === undefined && line.level === 'INFO')) return;
    this.#print(lineOf(line));
    if (endOf(line) === undefined) return;
    this.#outcomes = [...this.#outcomes.slice(1 - KEPT), line];
    for (const follower of this.#followers) follower(line);
  }
}

const endOf = ({ outcome, result }: Logged) => outcome ?? result;

/** Returns the time, trigger, outcome, symbol and id or scope, account and detail of a log line. */
function lineOf(line: Logged): string {
  const { timestamp, level, trigger = '', account, message, detail, cause, next = '', backAt } = line;
  const colour = GOOD.has(endOf(line)) ? 'green' : 'yellow';
  const end = paint(colour, (endOf(line) ?? level.toLowerCase()).padEnd(15));
  const parts = [subjectOf(line) ?? message, account, numbersOf(line), detail ?? cause, NEXT[next]];
  const rest = printable(parts.filter(Boolean).join('  '));
  const until = backAt === undefined ? '' : ` until ${backAt.slice(11, 19)}`;
  return `${timestamp.slice(11, 19)} ${trigger.padEnd(9)} ${end} ${rest}${until}`;
}

function subjectOf({ symbol, orderId, clientOrderId, scope, result }: Logged): string | undefined {
  if (scope !== undefined)
    return `kill ${'everything' in scope ? 'everything' : Object.values(scope).join()}`;
  if (result !== undefined) return 'drill';
  return symbol === undefined ? undefined : [symbol, orderId ?? clientOrderId].join(' ');
}

/** Returns the numbers of a kill's orders that are not 0. */
function numbersOf({ orders = {} }: Logged): string {
  const numbers = Object.entries(orders).filter(([, number]) => number > 0);
  return numbers.map(([name, number]) => `${number} ${name}`).join(', ');
}
