import type { SQSRecord } from 'aws-lambda';
import * as v from 'valibot';
import type { ExchangeOrder, OrderStatus } from '../exchange.ts';
import type { KillResult } from '../oracle.ts';
import type { Intent, Request } from './workload.ts';

/** Timeout of one call to the exchange, in ms. */
export const CALL_TIMEOUT_MS = 500;

/** A process's largest error about the exchange's clock, in ms: half the longest round trip it accepts. */
export const CLOCK_ERROR_MS = CALL_TIMEOUT_MS / 2;

/**
 * Timeout of one invocation, in ms. It leaves a cancel time for its dead letter, even on a busy
 * machine.
 */
export const HANDLER_TIMEOUT_MS = 8000;

/** A message that was sent. In a history, times are in ms since the epoch unless they say otherwise. */
export interface SentMessage {
  readonly messageId: string;
  readonly body: string;
  readonly intent: Intent;
  readonly sentAt: number;
}

/** One message passed to a handler. */
export interface Delivery {
  readonly messageId: string;
  /** True when the handler lived and was in time, and its answer was not lost. */
  readonly acknowledged: boolean;
}

/** An outcome that a handler has logged. */
export interface Claim {
  readonly messageId: string;
  /** The name of the process. */
  readonly environment: string;
  readonly at: number;
  readonly outcome: string;
  readonly orderId: string | undefined;
  /** The handler's reason, if it logged one. */
  readonly detail: string | undefined;
  /** Only for a kill. */
  readonly kill: KillClaim | undefined;
}

/** The facts that a handler has logged of a kill besides its outcome. */
export interface KillClaim extends KillResult {
  /** In ms of the exchange's clock. */
  readonly asOf?: number | undefined;
  readonly late: boolean;
}

export interface DeadLetter {
  /** Id of the original message. */
  readonly messageId: string;
  /** Undefined when the redrive policy moved the message. */
  readonly outcome: string | undefined;
  /** The attribute of that name: a second try of the same write has the same. */
  readonly failedAt: string | undefined;
  readonly body: string;
}

/** A call that the exchange refused with a throttle or ban. */
export interface RefusedCall {
  /** Undefined for a call to read the clock, which is not signed and so has no known caller. */
  readonly environment: string | undefined;
  /** Time by the caller's clock; for an unsigned call the time of arrival. */
  readonly signedAt: number;
  readonly arrivedAt: number;
}

/** One throttle that became a ban, with the calls refused during it, in order of arrival. */
export interface Ban {
  /** The number of processes during the ban, including those that were starting. */
  readonly environments: number;
  readonly calls: readonly RefusedCall[];
}

/**
 * An order, and when it came into the book, which is 0 for before the run. Its `createTime` does not
 * say that: a late kill's order gets an older one, and the exchange's clock jumps back.
 */
export interface PlacedOrder extends ExchangeOrder {
  readonly placedAt: number;
}

/** How far the exchange's clock is ahead from some time on. */
export interface Skew {
  readonly from: number;
  readonly skewMs: number;
}

/** A read of its secret that a process has logged as failed. */
export interface FailedRead {
  readonly environment: string;
  readonly at: number;
}

/** Everything that the checker compares. */
export interface History extends Records {
  readonly deadLetters: readonly DeadLetter[];
  /** Every order's final status, by order id. */
  readonly orders: ReadonlyMap<string, OrderStatus>;
  /** The final orders of the account whose orders are killed. */
  readonly killBook: readonly PlacedOrder[];
  /** Oldest first. */
  readonly skews: readonly Skew[];
  readonly bans: readonly Ban[];
  /** The times in which the exchange answered that keys are locked. */
  readonly locks: readonly { readonly from: number; readonly until: number }[];
  /** The number of messages left in the queues. */
  readonly left: number;
  /** The longest time for which the exchange did not get to run, in ms. */
  readonly lagMs: number;
  /** Failures of processes that were not crashed on purpose. */
  readonly failures: readonly string[];
}

type Records = Omit<Recorder, 'seen' | 'lastRemovalAt' | 'requests' | `note${string}`>;

/** The records that are kept while messages are sent, delivered and handled. */
export class Recorder {
  readonly sent: SentMessage[] = [];
  readonly deliveries: Delivery[] = [];
  readonly claims: Claim[] = [];
  /** The ids of the messages about which a handler logged an error: a queue refused a call or was late. */
  readonly queueErrors: string[] = [];
  readonly failedReads: FailedRead[] = [];
  /** Ids of the messages that were deleted from the queue after an answer that settled them. */
  readonly removed = new Set<string>();
  /** Lines of the handlers' output that are neither log lines nor metrics, such as stack traces. */
  readonly unexpectedOutput: string[] = [];
  /** Errors thrown inside the embedded exchange. */
  readonly defects: string[] = [];
  /** Ids of messages delivered at least once. */
  readonly seen = new Set<string>();
  /** Time at which a message last left the queue. */
  lastRemovalAt = Date.now();
  /** The messages that were sent, by id. */
  readonly requests = new Map<string, Request>();

  noteSent(messageId: string, request: Request, sentAt: number): void {
    this.sent.push({ messageId, body: request.body, intent: request.intent, sentAt });
    this.requests.set(messageId, request);
  }

  noteRemoved({ messageId }: SQSRecord): void {
    this.removed.add(messageId);
    this.lastRemovalAt = Date.now();
  }

  noteDeliveries(records: readonly SQSRecord[], isAcknowledged: (id: string) => boolean): void {
    for (const { messageId } of records) {
      this.deliveries.push({ messageId, acknowledged: isAcknowledged(messageId) });
    }
  }
}

const time = v.pipe(v.string(), v.transform(Date.parse), v.number());
/** A log line with an outcome, recognized by its fields: a new wording does not hide it. */
const settled = v.object({
  timestamp: time,
  outcome: v.string(),
  requestId: v.string(),
  orderId: v.optional(v.string()),
  detail: v.optional(v.string()),
});
const counts = { seen: v.number(), canceled: v.number(), filled: v.number(), closed: v.number() };
/** A kill's line has its id, and no other line has. */
const ofKill = v.object({
  killId: v.string(),
  asOf: v.optional(time),
  late: v.boolean(),
  orders: v.object({ ...counts, unexamined: v.number(), left: v.number() }),
  results: v.array(v.object({ orderId: v.string(), outcome: v.string() })),
});
const logged = v.looseObject({ level: v.string(), message: v.string() });
const metrics = v.object({ _aws: v.unknown() });
/** An error about a message: a queue refused a call, or did not answer it in time. */
const queueError = v.object({ level: v.literal('ERROR'), requestId: v.string(), cause: v.string() });
/** A warning with a cause: the secret could not be read. */
const failedRead = v.object({ level: v.literal('WARN'), timestamp: time, cause: v.string() });
/** An error with the name of a JavaScript error is a defect; errors of calls have other names. */
const defect = v.object({
  level: v.literal('ERROR'),
  cause: v.picklist(['Error', 'EvalError', 'RangeError', 'ReferenceError', 'SyntaxError', 'TypeError']),
});

type LogRecords = Pick<Recorder, 'claims' | 'queueErrors' | 'failedReads' | 'unexpectedOutput'>;

/** Reads the output of one process into the records. */
export class LogReader {
  readonly #environment: string;
  readonly #records: LogRecords;
  #rest = '';

  constructor(environment: string, records: LogRecords) {
    this.#environment = environment;
    this.#records = records;
  }

  /** Takes the next piece of output. Ignores the last line of a crashed process if it is incomplete. */
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
    const failure = v.safeParse(failedRead, value);
    if (claim.success) {
      const { requestId: messageId, timestamp: at, outcome, orderId, detail } = claim.output;
      claims.push({ messageId, environment, at, outcome, orderId, detail, kill: killOf(value) });
    } else if (v.is(defect, value) || !(v.is(logged, value) || v.is(metrics, value))) {
      unexpectedOutput.push(line);
    } else if (v.is(queueError, value)) {
      queueErrors.push(value.requestId);
    } else if (failure.success) {
      failedReads.push({ environment, at: failure.output.timestamp });
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
