import type { OrderRef } from '../cancel/request.ts';
import { parseObject } from '../json.ts';
import { isSameOrder, type Order, readOrder } from '../order.ts';
import type { Answer, NoAnswer } from './transport.ts';

/** What went wrong, fit to show: the exchange's HTTP status, `code` and `msg` where it gave them, and a sentence. */
export interface Fault {
  readonly detail: string;
  readonly status?: number;
  readonly code?: number;
  readonly msg?: string;
}

/**
 * What an answer other than an order says of the call:
 * - `no-open-order`: nothing was cancelled now, and only a query says why; to a query: there is no such order
 * - `unknown`: the exchange may or may not have carried it out
 * - `not-executed`: it did not, and may be asked again
 * - `too-late`: it was not made, since its time had passed
 * - `throttled`, `clock`, `keys`, `forbidden`, `invalid`: it did not, for that reason
 */
export type Refusal =
  | 'no-open-order'
  | 'no-such-order'
  | 'unknown'
  | 'not-executed'
  | 'too-late'
  | 'throttled'
  | 'clock'
  | 'keys'
  | 'forbidden'
  | 'invalid';

/** An answer, understood: the order that was asked for, or why there is none. */
export type Reading =
  | { readonly kind: 'order'; readonly order: Order }
  | { readonly kind: Refusal; readonly fault: Fault };

interface Row {
  readonly means: Refusal;
  readonly status?: (status: number) => boolean;
  readonly code?: (code: number) => boolean;
  readonly text?: RegExp;
}

const is =
  (...numbers: readonly number[]) =>
  (value: number) =>
    numbers.includes(value);
const within = (low: number, high: number) => (value: number) => value >= low && value <= high;

/**
 * The exchange's errors. The first row whose every condition holds says what the answer means; where none does, the outcome
 * is unknown. Source: https://developers.binance.com/docs/derivatives/options-trading/error-code and the API's general info.
 */
const ROWS: readonly Row[] = [
  { means: 'throttled', status: is(418, 429) },
  { means: 'throttled', code: is(-1003, -1008, -1015) },
  { means: 'forbidden', status: is(403, 451) },
  { means: 'unknown', text: /^Unknown error, please/ },
  {
    means: 'not-executed',
    status: is(503),
    text: /^(Service Unavailable\.?$|Internal error; unable to process)/,
  },
  { means: 'not-executed', code: is(-1001, -1016) },
  { means: 'unknown', code: is(-1000, -1006, -1007) },
  { means: 'no-open-order', code: is(-2011) },
  { means: 'no-such-order', code: is(-2013) },
  { means: 'unknown', status: within(500, 599) },
  { means: 'clock', code: is(-1021) },
  { means: 'keys', code: is(-1002, -1022, -2014, -2015) },
  { means: 'keys', status: is(401) },
  { means: 'invalid', status: within(400, 499), code: (code) => code < 0 },
];

/** Says what the answer to a signed call about `ref` means. An answer about another order means nothing: `unknown`. */
export function readReply(reply: Answer | NoAnswer, ref: OrderRef): Reading {
  if (reply.kind === 'no-answer') {
    return reply.sent
      ? { kind: 'unknown', fault: { detail: `no answer from the exchange: ${reply.reason}` } }
      : { kind: 'not-executed', fault: { detail: `no connection to the exchange: ${reply.reason}` } };
  }
  const order = reply.status === 200 && reply.text !== undefined ? readOrder(reply.text) : undefined;
  if (order === undefined) return readRefusal(reply);
  if (isSameOrder(order, ref)) return { kind: 'order', order };
  return {
    kind: 'unknown',
    fault: { status: 200, detail: `the exchange answered with another order, ${order.orderId}` },
  };
}

/** Says what an answer without an order means. */
export function readRefusal(answer: Answer): { readonly kind: Refusal; readonly fault: Fault } {
  const fault = readFault(answer);
  const said = fault.msg ?? answer.text?.trim() ?? '';
  const row = ROWS.find(
    ({ status, code, text }) =>
      (status?.(answer.status) ?? true) &&
      (code === undefined || (fault.code !== undefined && code(fault.code))) &&
      (text?.test(said) ?? true),
  );
  return { kind: row?.means ?? 'unknown', fault };
}

/** The exchange's `code` (a negative integer; `0` is no error code) and `msg`. A body in any other form is left out. */
function readFault({ status, text }: Answer): Fault {
  const body = text === undefined ? undefined : parseObject(text);
  const code = Number(body?.code);
  const isCode = body?.code !== undefined && Number.isSafeInteger(code) && code !== 0;
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
