import * as v from 'valibot';
import { holdDeadLetters } from '../../tools/dead-letters/reader.ts';
import { queueClient } from '../../tools/queue-client.ts';
import type { ExchangeOrder, OrderStatus } from '../exchange.ts';
import type { LambdaProcess } from '../lambda-process.ts';
import { lineReader } from '../lines.ts';
import type { Intent, Request } from './workload.ts';

/** Timeout of one call to the exchange, in ms. */
export const CALL_TIMEOUT_MS = 500;

/** A process's largest error about the exchange's clock, in ms: half the longest round trip. */
export const CLOCK_ERROR_MS = CALL_TIMEOUT_MS / 2;

/**
 * Timeout of one invocation, in ms. It leaves a cancel time for its dead letter on a busy machine.
 */
export const HANDLER_TIMEOUT_MS = 8000;

/**
 * A message that was sent. In a history, times are in ms since the epoch unless they say otherwise.
 */
export interface SentMessage extends Request {
  readonly messageId: string;
  readonly sentAt: number;
}

const time = v.pipe(v.string(), v.transform(Date.parse), v.number());
/** A log line with an outcome, recognized by its fields: a new wording does not hide it. */
const claimed = v.pipe(
  v.object({
    timestamp: time,
    outcome: v.string(),
    requestId: v.string(),
    orderId: v.optional(v.string()),
    detail: v.optional(v.string()),
  }),
  v.transform(({ timestamp: at, requestId: messageId, ...rest }) => ({ at, messageId, ...rest })),
);
const counts = ['seen', 'canceled', 'filled', 'closed', 'unexamined', 'left'] as const;
/** The further fields of a kill's line. No other line has them. */
const claimedOfKill = v.object({
  /** In ms of the exchange's clock. */
  asOf: v.optional(time),
  late: v.boolean(),
  orders: v.object(v.entriesFromList(counts, v.number())),
  results: v.array(v.object({ orderId: v.string(), outcome: v.string() })),
});
const known = v.union([
  v.object({ level: v.string(), message: v.string() }),
  v.object({ _aws: v.unknown() }), // metrics
]);
/** An error about a message: a queue refused a call, or did not answer it in time. */
const queueError = v.object({ level: v.literal('ERROR'), requestId: v.string(), cause: v.string() });
/** A warning with a cause: the secret could not be read. */
const failedRead = v.object({ level: v.literal('WARN'), timestamp: time, cause: v.string() });
/** An error with the name of a JavaScript error is a defect; errors of calls have other names. */
const defect = v.object({
  level: v.literal('ERROR'),
  cause: v.picklist(['Error', 'EvalError', 'RangeError', 'ReferenceError', 'SyntaxError', 'TypeError']),
});

export type KillClaim = v.InferOutput<typeof claimedOfKill>;

/** An outcome that a handler has logged. */
export interface Claim extends v.InferOutput<typeof claimed> {
  /** The name of the process. */
  readonly environment: string;
  readonly kill?: KillClaim | undefined;
}

/** Returns the dead letters, with the ids of the original messages. */
export async function readDeadLetters(queueUrl: string) {
  using client = queueClient(queueUrl);
  const letters = await holdDeadLetters(client, { queueUrl }, async (held) => held);
  return letters.map(({ messageId, body, attributes: { requestId, outcome, failedAt } }) => {
    // The redrive policy moves the original, without an outcome; a handler writes a new message.
    return { messageId: requestId ?? messageId, outcome, failedAt, body };
  });
}

export type DeadLetter = Awaited<ReturnType<typeof readDeadLetters>>[number];

/** One throttle that became a ban. */
export interface Ban {
  /** The number of processes during the ban, including those that were starting. */
  readonly environments: number;
  /**
   * The calls that the exchange refused, in order of arrival, signed by the caller's clock. A call to
   * read the clock is not signed and so has no known caller.
   */
  readonly calls: readonly {
    readonly environment: string | undefined;
    readonly signedAt: number;
    readonly arrivedAt: number;
  }[];
}

/** An order that kills may cancel. */
export interface PlacedOrder extends ExchangeOrder {
  /**
   * The time at which it was placed; 0 for before the run. Its `createTime` does not say that: a late
   * kill's order gets an older one, and the exchange's clock jumps back.
   */
  readonly placedAt: number;
}

/** The records that are kept during a run. */
export class Records {
  /** By their ids. */
  readonly sent = new Map<string, SentMessage>();
  /** Acknowledged when the handler lived and was in time, and its answer was not lost. */
  readonly deliveries: { readonly messageId: string; readonly acknowledged: boolean }[] = [];
  readonly claims: Claim[] = [];
  /** Ids of the messages about which a handler logged that a queue refused a call or was late. */
  readonly queueErrors: string[] = [];
  /** The failed reads of a secret. */
  readonly failedReads: { readonly environment: string; readonly at: number }[] = [];
  /** Ids of the messages that were delivered at least once. */
  readonly seen = new Set<string>();
  /** Ids of the messages that were deleted from the queue after an answer that settled them. */
  readonly removed = new Set<string>();
  lastRemovalAt = Date.now();
  /** Ids of the messages whose answer was lost on purpose. */
  readonly answersLost = new Set<string>();
  /** Lines of the handlers' output that are neither log lines nor metrics, such as stack traces. */
  readonly unexpectedOutput: string[] = [];
  /** Errors thrown inside the embedded exchange. */
  readonly defects: string[] = [];
  /** Processes crashed on purpose. */
  readonly crashed = new Set<LambdaProcess>();
  /** Failures of other processes. */
  readonly failures: string[] = [];
  /** The times at which processes were started, and at which they were found dead. */
  readonly starts: number[] = [];
  readonly deaths: number[] = [];
  refusedDeadLetters = 0;
  /** How far the exchange's clock is ahead from some time on, oldest first. */
  readonly skews: { readonly from: number; readonly skewMs: number }[] = [];
  readonly bans: Ban[] = [];
  /** The times in which the exchange answered that keys are locked. */
  readonly locks: { readonly from: number; until: number }[] = [];
}

/** Everything that the checker compares. */
export interface History extends Records {
  readonly deadLetters: readonly DeadLetter[];
  /** Every order's final status, by its id. */
  readonly orders: ReadonlyMap<string, OrderStatus>;
  /** The final orders of the account whose orders are killed. */
  readonly killBook: readonly PlacedOrder[];
  /** Messages in the queues. */
  readonly left: number;
  /** The longest time for which the exchange did not get to run, in ms. */
  readonly lagMs: number;
}

/** Returns the ids of the orders that cancels name. */
export const namedOrders = ({ sent }: Records): ReadonlySet<string | undefined> =>
  new Set([...sent.values()].map(({ intent }) => orderOf(intent)));

/** Returns the id of the order that a cancel names; undefined for another message. */
export const orderOf = (intent: Intent | undefined) =>
  intent?.kind === 'cancel' ? intent.orderId : undefined;

/** Returns the ids of these messages, each once. */
export const idsOf = (some: readonly { readonly messageId: string }[]): string[] => [
  ...new Set(some.map(({ messageId }) => messageId)),
];

/** Returns a function that reads the output of one process, piece by piece, into the records. */
export const logReader = (environment: string, records: Records) =>
  lineReader((line) => readLine(line, environment, records));

const json = v.pipe(v.string(), v.parseJson());

function readLine(line: string, environment: string, records: Records): void {
  const { output: value } = v.safeParse(json, line);
  const claim = v.safeParse(claimed, value);
  const failure = v.safeParse(failedRead, value);
  if (claim.success) {
    const kill = v.safeParse(claimedOfKill, value);
    records.claims.push({ ...claim.output, environment, kill: kill.success ? kill.output : undefined });
  } else if (v.is(defect, value) || !v.is(known, value)) {
    records.unexpectedOutput.push(line);
  } else if (v.is(queueError, value)) {
    records.queueErrors.push(value.requestId);
  } else if (failure.success) {
    records.failedReads.push({ environment, at: failure.output.timestamp });
  }
}
