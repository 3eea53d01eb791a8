import { parseObject } from '../json.ts';
import type { Reason } from '../outcome.ts';
import type { Answer, NoAnswer } from './transport.ts';

/**
 * The reason why a call gave no value:
 * - `no-open-order`: nothing was canceled now, and only a query says why
 * - `no-such-order`: the same to a cancel; to a query: there is no such order
 * - `refused`: this request was refused, which says nothing about the order
 * - `unknown`: the exchange may or may not have carried the call out
 * - `not-executed`: it did not, and may be asked again
 * - `held`: no call was made, because the exchange has throttled this address
 * - `reserved`: no call was made, because the weight left in this minute is kept for cancels
 * - `too-late`: no call was made, because its time had passed
 * - `throttled`, `clock`, `keys`, `forbidden`, `invalid`: the exchange refused the call for that
 *   reason
 */
export type FailureKind =
  | 'no-open-order'
  | 'no-such-order'
  | 'refused'
  | 'unknown'
  | 'not-executed'
  | 'held'
  | 'reserved'
  | 'too-late'
  | 'throttled'
  | 'clock'
  | 'keys'
  | 'forbidden'
  | 'invalid';

/** A call that gave no value. */
export interface Failure {
  readonly kind: FailureKind;
  readonly reason: Reason;
  /**
   * True when the clock or the keys that were refused have been renewed, so that the call is worth
   * signing again.
   */
  readonly renewed?: boolean;
}

/** The understood result of a call: the value that was asked for, or the failure. */
export type CallResult<T> = { readonly kind: 'ok'; readonly value: T; readonly renewed?: never } | Failure;

/** An answer of the exchange in its own words, whatever it says. */
export interface OwnWords {
  readonly status: number;
  readonly text: string;
  readonly contentType: string | undefined;
  /** Seconds or a date, as the exchange sent it. */
  readonly retryAfter: string | undefined;
}

interface Row {
  readonly means: FailureKind;
  readonly status?: (status: number) => boolean;
  readonly code?: (code: number) => boolean;
  readonly text?: RegExp;
}

const is =
  (...numbers: readonly number[]) =>
  (value: number) =>
    numbers.includes(value);
const between = (low: number, high: number) => (value: number) => value >= low && value <= high;

/** Too many requests, or the system as a whole protects itself. */
const THROTTLING_CODES = is(-1003, -1008, -1015);
/** The exchange cannot tell whether it carried the call out. */
const UNKNOWN_CODES = is(-1000, -1006, -1007, -4078);
/** Internal error, or shutting down: not carried out. */
const NOT_EXECUTED_CODES = is(-1001, -1016);
/**
 * The key is not authorized, malformed, locked or wrong, its signature is not valid, or its account
 * may not use options.
 */
const KEY_CODES = is(-1002, -1022, -2014, -2015, -2017, -5002, -6062);
/** The country or address is restricted. */
const RESTRICTED_CODES = is(-5005, -5009);
/** No order that can be canceled: it is unknown, or final. */
const NO_OPEN_ORDER_CODES = is(-2011, -6028);
/** A parameter is wrong. */
const PARAMETER_CODES = is(
  ...[-1100, -1101, -1102, -1103, -1104, -1105, -1106, -1119, -1121],
  ...[-1128, -1130, -1131, -6003, -6004, -6011, -6029],
);

/**
 * The exchange's errors. The first row whose every condition holds gives the meaning of an answer;
 * an answer that fits no row is `unknown`. A code that no list has refuses this request and says
 * nothing about the order.
 * Source: https://developers.binance.com/docs/derivatives/options-trading/error-code and the API's
 * general info.
 */
const ROWS: readonly Row[] = [
  { means: 'throttled', status: is(418, 429) },
  { means: 'throttled', code: THROTTLING_CODES },
  { means: 'forbidden', status: is(403, 451) },
  { means: 'unknown', text: /^Unknown error, please/ },
  {
    means: 'not-executed',
    status: is(503),
    text: /^(Service Unavailable\.?$|Internal error; unable to process)/,
  },
  { means: 'not-executed', code: NOT_EXECUTED_CODES },
  { means: 'unknown', code: UNKNOWN_CODES },
  { means: 'no-open-order', code: NO_OPEN_ORDER_CODES },
  { means: 'no-such-order', code: is(-2013) },
  { means: 'unknown', status: between(500, 599) },
  { means: 'clock', code: is(-1021) },
  { means: 'keys', code: KEY_CODES },
  { means: 'keys', status: is(401) },
  { means: 'forbidden', code: RESTRICTED_CODES },
  { means: 'invalid', code: PARAMETER_CODES },
  { means: 'refused', status: between(400, 499), code: (code) => code < 0 },
];

/**
 * Interprets a reply: the value that `read` takes from the body of a 200, or the reason why there
 * is none.
 */
export function interpret<T>(reply: Answer | NoAnswer, read: (text: string) => T | undefined): CallResult<T> {
  if (reply.kind === 'no-answer') {
    return reply.sent
      ? { kind: 'unknown', reason: { detail: `no answer from the exchange: ${reply.cause}` } }
      : { kind: 'not-executed', reason: { detail: `no connection to the exchange: ${reply.cause}` } };
  }
  const value = reply.status === 200 && reply.text !== undefined ? read(reply.text) : undefined;
  return value === undefined ? failureOf(reply) : { kind: 'ok', value };
}

function failureOf(answer: Answer): Failure {
  const reason = reasonOf(answer);
  // Stryker disable next-line StringLiteral: no row has a text that fits either
  const said = reason.msg ?? answer.text?.trim() ?? '';
  const row = ROWS.find(
    ({ status, code, text }) =>
      (status?.(answer.status) ?? true) && (code?.(reason.code ?? 0) ?? true) && (text?.test(said) ?? true),
  );
  return { kind: row?.means ?? 'unknown', reason };
}

/**
 * Reads the exchange's `code` (a negative integer; `0` is no error code) and `msg`. Leaves out a
 * body in any other form.
 */
function reasonOf({ status, text }: Answer): Reason {
  // Stryker disable next-line StringLiteral: no other text that is not JSON makes a difference
  const body = parseObject(text ?? '');
  const code = Number(body?.code);
  const isCode = Number.isSafeInteger(code) && code !== 0;
  const msg = typeof body?.msg === 'string' ? body.msg.slice(0, 500) : undefined;
  const readable = isCode || msg !== undefined;
  return {
    status,
    ...(isCode && { code }),
    ...(msg !== undefined && { msg }),
    detail: readable
      ? `the exchange answered ${status}: ${msg ?? `code ${code}`}`
      : `the exchange answered ${status} with a body that cannot be read`,
  };
}
