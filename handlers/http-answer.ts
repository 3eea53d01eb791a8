import {
  detailOf,
  type KillOutcomeKind,
  type OutcomeKind,
  type Reason,
  type Settlement,
} from '../lib/outcome.ts';
import type { Later } from '../lib/service.ts';

/** The HTTP status and title of each outcome that is an error to a client. */
const PROBLEMS: Readonly<
  Record<Exclude<OutcomeKind, 'canceled' | 'accepted'>, readonly [status: number, title: string]>
> = {
  filled: [409, 'The order was filled before it could be canceled'],
  closed: [409, 'The order was closed before it could be canceled'],
  'not-found': [404, 'The exchange knows no such order'],
  'invalid-request': [400, 'The request is not valid'],
  expired: [410, 'The request expired before it was sent'],
  throttled: [429, 'The exchange has throttled this service'],
  credentials: [502, 'The API key could not be used'],
  forbidden: [502, 'The exchange refused this service access'],
  unavailable: [503, 'The exchange is unavailable: the cancel was not carried out'],
  unknown: [504, 'The outcome is unknown: the cancel may or may not have been carried out'],
};

/**
 * The code of each outcome in the exchange's form. ccxt retries the codes of outcomes that may still
 * change, and no others: docs/clients.md.
 */
const CODES = {
  filled: -2011,
  closed: -2011,
  'not-found': -2013,
  'invalid-request': -1130,
  expired: -1130,
  throttled: -1003,
  credentials: -2015,
  forbidden: -1002,
  unavailable: -1001,
  unknown: -1007,
  'not-emptied': -1001,
} as const satisfies Partial<Record<OutcomeKind | KillOutcomeKind, number>>;

/** Outcomes that may still change. */
const RETRIED: ReadonlySet<string> = new Set(['throttled', 'unavailable', 'unknown', 'not-emptied']);
/** The exchange's codes that ccxt retries. */
const RETRYABLE_CODES: ReadonlySet<number> = new Set([
  -1000, -1001, -1003, -1006, -1007, -1010, -1015, -1021, -1112,
]);

/**
 * Returns `code` and `msg` of an outcome in the exchange's form: the exchange's own for a final
 * outcome, unless a client would retry that code.
 */
export function exchangeForm(
  outcome: keyof typeof CODES,
  detail: string,
  { code, msg = detail }: Partial<Reason> = {},
) {
  const isOwn = code !== undefined && !RETRIED.has(outcome) && !RETRYABLE_CODES.has(code);
  return isOwn ? { code, msg } : { code: CODES[outcome], msg: detail };
}

/** An HTTP answer, ready to be sent. */
export interface HttpAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

interface Circumstances {
  readonly requestId: string;
  readonly deadLetterMessageId: string | undefined;
}

/**
 * Returns the answer to a client: the exchange's own bytes when the order is canceled or its cancel
 * accepted, else a problem (RFC 9457, https://www.rfc-editor.org/rfc/rfc9457) that keeps the
 * exchange's code and text.
 */
export function toHttpAnswer(settlement: Settlement, circumstances: Circumstances): HttpAnswer {
  const { outcome, usedWeight } = settlement;
  const headers = {
    'x-cancel-outcome': outcome.kind,
    'x-request-id': circumstances.requestId,
    ...weightHeader(usedWeight),
  };
  if (outcome.kind === 'canceled' || outcome.kind === 'accepted') {
    return {
      statusCode: outcome.kind === 'canceled' ? 200 : 202,
      headers: { ...headers, 'content-type': 'application/json' },
      body: outcome.order.text,
    };
  }
  const [status, title] = PROBLEMS[outcome.kind];
  const retryAfterSeconds = retryAfterOf(settlement);
  const problem = {
    type: `urn:cancel:${outcome.kind}`,
    title,
    status,
    detail: detailOf(outcome),
    instance: circumstances.requestId,
    outcome: outcome.kind,
    ...exchangeForm(outcome.kind, detailOf(outcome), 'reason' in outcome ? outcome.reason : undefined),
    retryAfterSeconds,
    deadLetterMessageId: circumstances.deadLetterMessageId,
  };
  return {
    statusCode: status,
    headers: { ...headers, ...problemHeaders(retryAfterSeconds) },
    body: 'order' in outcome ? withOrder(problem, outcome.order.text) : JSON.stringify(problem),
  };
}

/** Returns the seconds before another request can be sent, where the exchange has given them. */
function retryAfterOf({ outcome, throttledForMs }: Settlement): number | undefined {
  const mayBeRepeated = outcome.kind === 'throttled' || outcome.kind === 'unknown';
  return mayBeRepeated && throttledForMs > 0 ? Math.ceil(throttledForMs / 1000) : undefined;
}

/**
 * Returns the answer to a request that is carried out from its queue; undefined for one that is not
 * valid.
 */
export function laterAnswer(later: Later, requestId: string): HttpAnswer | undefined {
  if (later.kind === 'invalid') return undefined;
  if (later.kind === 'no-queue') return notConfigured(later.variable, requestId);
  if (later.kind === 'refused') {
    const detail = 'the queue did not confirm the request, so it may not be carried out: send it again';
    return plainProblem(503, 'The request may not be on its queue', detail, requestId, CODES.unavailable);
  }
  const { queueMessageId } = later;
  return {
    statusCode: 202,
    headers: {
      'x-request-id': requestId,
      'content-type': 'application/json',
      'preference-applied': 'respond-async',
    },
    body: JSON.stringify({ requestId, queueMessageId }),
  };
}

/** Returns the problem of a request for which a variable of this service is not set. */
export const notConfigured = (variable: string, requestId: string): HttpAnswer =>
  plainProblem(501, 'This is not set up', `${variable} is missing: set it`, requestId);

/** The exchange's code for an operation that it does not have. */
const UNSUPPORTED = -1020;

/**
 * Returns a problem of the request itself. It has no outcome: nothing was asked of the exchange.
 */
export function plainProblem(
  status: number,
  title: string,
  detail: string,
  requestId: string,
  code = UNSUPPORTED,
): HttpAnswer {
  const form = { code, msg: detail };
  const problem = { type: 'about:blank', title, status, detail, instance: requestId, ...form };
  return {
    statusCode: status,
    headers: { 'x-request-id': requestId, 'content-type': 'application/problem+json' },
    body: JSON.stringify(problem),
  };
}

/** Returns the headers that a problem has beside its ids. */
export const problemHeaders = (retryAfterSeconds: number | undefined) => ({
  'content-type': 'application/problem+json',
  ...(retryAfterSeconds !== undefined && { 'retry-after': String(retryAfterSeconds) }),
});

/** Returns the header with the used weight, where the exchange has reported it. */
export const weightHeader = (usedWeight: number | undefined) =>
  usedWeight === undefined ? {} : { 'x-mbx-used-weight-1m': String(usedWeight) };

/** Adds the exchange's JSON unparsed: parsed into numbers, it would lose digits. */
function withOrder(problem: object, orderJson: string): string {
  return `${JSON.stringify(problem).slice(0, -1)},"order":${orderJson}}`;
}
