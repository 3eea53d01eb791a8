import * as v from 'valibot';
import type { KillClaim, Recorder } from './history.ts';

/**
 * A log line with an outcome. It is recognized by its fields, so that a new wording does not hide
 * it.
 */
const settled = v.object({
  timestamp: v.pipe(v.string(), v.transform(Date.parse), v.number()),
  outcome: v.string(),
  requestId: v.string(),
  orderId: v.optional(v.string()),
  detail: v.optional(v.string()),
});
/** A kill's line has its id, and no other line has. */
const ofKill = v.object({
  killId: v.string(),
  asOf: v.optional(v.pipe(v.string(), v.transform(Date.parse), v.number())),
  late: v.boolean(),
  orders: v.object({
    seen: v.number(),
    canceled: v.number(),
    filled: v.number(),
    closed: v.number(),
    unexamined: v.number(),
    left: v.number(),
  }),
  results: v.array(v.object({ orderId: v.string(), outcome: v.string() })),
});
const logged = v.looseObject({ level: v.string(), message: v.string() });
const metrics = v.object({ _aws: v.unknown() });
/** An error about a message: a queue refused a call, or did not answer it in time. */
const queueError = v.object({ level: v.literal('ERROR'), requestId: v.string(), cause: v.string() });
/** A warning with a cause: the secret could not be read. */
const failedRead = v.object({ level: v.literal('WARN'), timestamp: v.string(), cause: v.string() });
/**
 * An error that the service logs with the name of a JavaScript error is a defect; errors of calls
 * have other names.
 */
const defect = v.object({
  level: v.literal('ERROR'),
  cause: v.picklist(['Error', 'EvalError', 'RangeError', 'ReferenceError', 'SyntaxError', 'TypeError']),
});

/** The records that are read from the output of processes. */
export type LogRecords = Pick<Recorder, 'claims' | 'queueErrors' | 'failedReads' | 'unexpectedOutput'>;

/**
 * Reads the output of one process: its claims, and the lines that are neither log lines nor
 * metrics.
 */
export class LogReader {
  readonly #environment: string;
  readonly #records: LogRecords;
  #rest = '';

  constructor(environment: string, records: LogRecords) {
    this.#environment = environment;
    this.#records = records;
  }

  /**
   * Takes the next piece of output. Ignores the last line of a crashed process if it is incomplete.
   */
  read(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#readLine(line);
  }

  #readLine(line: string): void {
    const { claims, queueErrors, failedReads, unexpectedOutput } = this.#records;
    const environment = this.#environment;
    const value = parse(line);
    const claim = v.safeParse(settled, value);
    if (claim.success) {
      const { requestId: messageId, timestamp: at, outcome, orderId, detail } = claim.output;
      claims.push({ messageId, environment, at, outcome, orderId, detail, kill: killOf(value) });
    } else if (v.is(defect, value) || !(v.is(logged, value) || v.is(metrics, value))) {
      unexpectedOutput.push(line);
    } else if (v.is(queueError, value)) {
      queueErrors.push(value.requestId);
    } else if (v.is(failedRead, value)) {
      failedReads.push({ environment, at: Date.parse(value.timestamp) });
    }
  }
}

function killOf(value: unknown): KillClaim | undefined {
  const { success, output } = v.safeParse(ofKill, value);
  if (!success) return undefined;
  const { asOf, late, orders, results } = output;
  return { asOf, late, orders, results };
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
