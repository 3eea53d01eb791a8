import { createWriteStream } from 'node:fs';
import * as v from 'valibot';
import { type Print, paint, printable } from '../../tools/terminal.ts';

/** A log line of the service. One of a cancel or a kill has an outcome, one of a drill a result. */
const logged = v.looseObject({
  timestamp: v.string(),
  level: v.string(),
  message: v.string(),
  trigger: v.optional(v.string(), ''),
  requestId: v.optional(v.string()),
  outcome: v.optional(v.string()),
  result: v.optional(v.string()),
  next: v.optional(v.string()),
  account: v.optional(v.string()),
  symbol: v.optional(v.string()),
  orderId: v.optional(v.string()),
  clientOrderId: v.optional(v.string()),
  scope: v.optional(v.record(v.string(), v.unknown())),
  orders: v.optional(v.record(v.string(), v.number())),
  detail: v.optional(v.string()),
  cause: v.optional(v.string()),
  backAt: v.optional(v.string()),
});
type Logged = v.InferOutput<typeof logged>;

const GOOD = new Set(['canceled', 'emptied', 'dry-run', 'ok']);
const NEXT: Readonly<Record<string, string>> = {
  back: 'back to its queue',
  'dead-letter': 'dead letter',
  'handed-over': 'handed over to the kill queue',
};
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
    let rest = '';
    return (text) => {
      this.#file.write(text);
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) this.#read(line);
    };
  }

  /**
   * Prints the lines about a request, and waits for the last one: a message that went back to its
   * queue comes again. Returns true for canceled, emptied, a dry run, or a drill that is ok.
   */
  follow(requestId: string, print: Print): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const follower = (line: Logged) => {
      if (line.requestId !== requestId) return;
      print(outcomeLine(line));
      if (line.trigger === 'queue' && line.next === 'back') return;
      this.#followers.delete(follower);
      resolve(isGood(line));
    };
    this.#followers.add(follower);
    for (const line of this.#outcomes) follower(line);
    return promise;
  }

  #read(text: string): void {
    const { success, output: line } = v.safeParse(logged, jsonOf(text));
    if (!success) return;
    if (line.outcome === undefined && line.result === undefined) {
      if (line.level !== 'INFO') this.#print(paint('yellow', outcomeLine(line)));
      return;
    }
    this.#outcomes = [...this.#outcomes.slice(1 - KEPT), line];
    this.#print(outcomeLine(line, (text) => paint(isGood(line) ? 'green' : 'yellow', text)));
    for (const follower of this.#followers) follower(line);
  }
}

const isGood = ({ outcome, result }: Logged) => GOOD.has(outcome ?? result ?? '');

/** Returns the time, trigger, outcome, symbol and id or scope, account and detail of a log line. */
function outcomeLine(line: Logged, painted = (text: string) => text): string {
  const { timestamp, trigger, outcome, result, account, message } = line;
  const what = (outcome ?? result ?? line.level.toLowerCase()).padEnd(15);
  const details = [account, killed(line), line.detail ?? line.cause, NEXT[line.next ?? '']];
  const rest = [subjectOf(line) ?? message, ...details].filter((part) => part !== undefined).join('  ');
  const until = line.backAt === undefined ? '' : ` until ${line.backAt.slice(11, 19)}`;
  return `${timestamp.slice(11, 19)} ${trigger.padEnd(9)} ${painted(what)} ${printable(rest)}${until}`;
}

function subjectOf({ symbol, orderId, clientOrderId, scope, result }: Logged): string | undefined {
  if (scope !== undefined)
    return `kill ${'everything' in scope ? 'everything' : Object.values(scope).join()}`;
  if (result !== undefined) return 'drill';
  return symbol === undefined ? undefined : [symbol, orderId ?? clientOrderId].join(' ');
}

/** Returns the numbers of a kill's orders that are not 0. */
function killed({ orders = {} }: Logged): string | undefined {
  const numbers = Object.entries(orders).filter(([, number]) => number > 0);
  return numbers.length === 0 ? undefined : numbers.map(([name, number]) => `${number} ${name}`).join(', ');
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
