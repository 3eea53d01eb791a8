import type { CancelRequest, Parsed } from './cancel/request.ts';
import type { Next } from './consequence.ts';
import type { QueueMessage } from './delivery.ts';

/** A request may say that it was wanted so many milliseconds ahead of our clock. */
const MAX_AHEAD_MS = 5000;

/** One request as its trigger hands it over. */
export interface Job<Request> {
  readonly parsed: Parsed<Request>;
  readonly requestId: string;
  /** The id of the invocation, which leads to its other log lines. */
  readonly lambdaRequestId: string;
  /** Milliseconds that remain of the invocation. */
  readonly remainingMs: number;
  /**
   * The moment at which it was wanted if the request does not say, in milliseconds since the epoch.
   */
  readonly askedAt: number | undefined;
  /** The sender: an IAM ARN, an SQS sender id or a schedule's ARN. */
  readonly caller: string | undefined;
  /** The one for whom the API sent the message: a claim of its sender. */
  readonly onBehalfOf?: string | undefined;
  /**
   * The body of a dead letter where the request is not valid, and of a cancel that came as a
   * message.
   */
  readonly body?: string;
  /** The queue message that carried the request. */
  readonly message?: QueueMessage;
}

/** One cancel as its trigger hands it over. */
export interface CancelJob extends Job<CancelRequest> {
  /** The longest time, in milliseconds, that the calls to the exchange may take. */
  readonly budgetMs?: number;
  /** True if an order named by `clientOrderId` alone is queried before it is canceled. */
  readonly looksFirst: boolean;
}

/** Returns the sender, and for whom it sent the request, in one text. */
export const callerOf = ({ caller, onBehalfOf }: Job<unknown>) =>
  onBehalfOf === undefined ? caller : `${caller} on behalf of ${onBehalfOf}`;

/** The consequence of an outcome, as it was carried out. */
export interface Carried {
  /** `back` also when a dead letter could not be written. */
  readonly next: Next;
  /** The next delivery of a message that went back, in milliseconds since the epoch. */
  readonly backAt?: number | undefined;
  readonly deadLetterMessageId?: string | undefined;
  /** The message of the kill queue with which a kill goes on. */
  readonly queueMessageId?: string | undefined;
}

/** Returns the way of a request through this service, for its log line. */
export const wayOf = (
  { requestId, lambdaRequestId, caller, onBehalfOf, message }: Job<unknown>,
  { next, backAt, deadLetterMessageId }: Carried,
) => ({
  requestId,
  lambdaRequestId,
  caller,
  onBehalfOf,
  receives: message?.receives,
  next,
  backAt: isoOf(backAt),
  deadLetterMessageId,
});

/** Returns a time in milliseconds since the epoch as ISO 8601. */
export const isoOf = (ms: number | undefined) => (ms === undefined ? undefined : new Date(ms).toISOString());

/** A request with the moment at which it was wanted. */
export type Timed<Request> = Request & { readonly askedAt: number };

/** A request with the moment at which it was wanted, or its errors. */
export type Checked<Request> = Parsed<Timed<Request>>;

/** Adds the moment at which a request was wanted: its own, else the trigger's, else now. */
export function timed<Request extends { readonly askedAt?: number | undefined }>(
  request: Request,
  triggered: number | undefined,
  now: number,
): Checked<Request> {
  const askedAt = request.askedAt ?? triggered ?? now;
  if (askedAt > now + MAX_AHEAD_MS) return { ok: false, errors: [AHEAD] };
  if (askedAt < SECONDS_AT_MOST) return { ok: false, errors: [TOO_OLD] };
  return { ok: true, value: { ...request, askedAt } };
}

/** A time before 2020 is one in seconds, taken for milliseconds. */
const SECONDS_AT_MOST = Date.UTC(2020);
const TOO_OLD = 'askedAt is before 2020: send ISO 8601 or milliseconds, not seconds, since the epoch';
const AHEAD = `askedAt is more than ${MAX_AHEAD_MS} ms ahead of the clock: send the time at which it was wanted`;
