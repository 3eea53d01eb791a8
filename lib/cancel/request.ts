import * as v from 'valibot';

/**
 * The identifiers of an order as a request gives them. With both, the order is looked up by
 * `orderId` and must carry the name.
 */
export type RequestedOrder =
  | { readonly symbol: string; readonly orderId: string; readonly clientOrderId?: string | undefined }
  | { readonly symbol: string; readonly orderId?: never; readonly clientOrderId: string };

/** A valid request to cancel one order. */
export interface CancelRequest {
  readonly order: RequestedOrder;
  /** The account whose order it is. Default: that of the service's own secret. */
  readonly account?: string | undefined;
  /** Milliseconds that the exchange may take to receive the call. Default: the service's. */
  readonly recvWindow?: number | undefined;
  /** Milliseconds since the epoch after which the cancel is not sent. */
  readonly expiresAt?: number | undefined;
  /** Milliseconds since the epoch at which the cancel was wanted. Default: the trigger's. */
  readonly askedAt?: number | undefined;
  /** True, the default, if an accepted cancel is queried until the order is terminal. */
  readonly confirm?: boolean | undefined;
}

/** A value, or every error that prevents one. Each error names a field and its fix. */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly errors: readonly string[] };

const MAX_ORDER_ID = 2n ** 63n - 1n;
/** An error names at most so many fields, and so many characters of a field's name. */
const MOST_ERRORS = 10;
const LONGEST_NAME = 64;
/** The last moment that a Date can hold, in milliseconds since the epoch. */
const LAST_MS = 8_640_000_000_000_000;

/** Takes text, or a number that the platform has parsed and that is still exact. */
const text = (field: string, hint: string) =>
  v.pipe(
    v.union([v.string(), v.number()], hint),
    v.check(isExact, `was above 2^53 - 1 and has lost digits: send ${field} as a string`),
    v.transform(String),
  );

const isExact = (value: string | number) => !Number.isInteger(value) || Number.isSafeInteger(value);

const isOrderId = (digits: string) => /^[1-9]\d{0,18}$/.test(digits) && BigInt(digits) <= MAX_ORDER_ID;

const SYMBOL_HINT = 'must be an option symbol such as BTC-200730-9000-C';
const symbolPattern = /^[A-Z0-9]{1,20}-\d{6}-\d{1,15}(\.\d{1,15})?-[CP]$/;
const ORDER_ID = `must be a whole number from 1 to ${MAX_ORDER_ID}, digits only`;
const CLIENT_ORDER_ID = 'must be 1 to 64 visible ASCII characters';
const RECV_WINDOW = 'must be a whole number of milliseconds from 1 to 59999';
export const TIME_HINT =
  'must be ISO 8601 with a time zone (2026-01-31T12:00:00Z) or milliseconds since the epoch';
const ACCOUNT = 'must be 1 to 32 lower-case letters, digits and hyphens, and not begin with a hyphen';
const CONFIRM = 'must be true or false';

const clientOrderId = (field: string) =>
  v.optional(v.pipe(text(field, CLIENT_ORDER_ID), v.regex(/^[\x21-\x7e]{1,64}$/, CLIENT_ORDER_ID)));

/** The name of an account. */
export const accountField = v.optional(
  v.pipe(v.string(ACCOUNT), v.regex(/^[a-z0-9][a-z0-9-]{0,31}$/, ACCOUNT)),
);

/** A `recvWindow` in milliseconds, as text or a number. */
export const recvWindowField = v.optional(
  v.pipe(
    text('recvWindow', RECV_WINDOW),
    v.regex(/^[1-9]\d{0,4}$/, RECV_WINDOW),
    v.transform(Number),
    v.maxValue(59_999, RECV_WINDOW),
  ),
);

export const symbolField = v.pipe(v.string(SYMBOL_HINT), v.regex(symbolPattern, SYMBOL_HINT));
export const orderIdField = v.optional(v.pipe(text('orderId', ORDER_ID), v.check(isOrderId, ORDER_ID)));

/** The fields that name an order, its account and how long the call may take. */
export const orderFields = {
  symbol: symbolField,
  orderId: orderIdField,
  clientOrderId: clientOrderId('clientOrderId'),
  origClientOrderId: clientOrderId('origClientOrderId'),
  account: accountField,
  recvWindow: recvWindowField,
};

const schema = v.strictObject({
  ...orderFields,
  expiresAt: v.optional(v.pipe(text('expiresAt', TIME_HINT), v.transform(toEpochMs), v.number(TIME_HINT))),
  askedAt: v.optional(v.pipe(text('askedAt', TIME_HINT), v.transform(toMoment), v.number(TIME_HINT))),
  confirm: v.optional(
    v.pipe(
      v.union([v.boolean(), v.picklist(['true', 'false'])], CONFIRM),
      v.transform((value) => value === true || value === 'true'),
    ),
  ),
});

type OrderFields = Pick<
  v.InferOutput<typeof schema>,
  'symbol' | 'orderId' | 'clientOrderId' | 'origClientOrderId'
>;

/**
 * Parses a cancel request from its fields: text (query, form), JSON read by `parseJson`, or JSON
 * that the platform parsed (then a number above 2^53 - 1 is refused, since it has lost digits).
 * `origClientOrderId` means `clientOrderId`. An unknown field is an error.
 */
export function parseCancelRequest(fields: unknown): Parsed<CancelRequest> {
  const result = v.safeParse(schema, fields);
  if (!result.success) return { ok: false, errors: errorsOf(result.issues, 'a cancel request') };
  const { account, recvWindow, expiresAt, askedAt, confirm } = result.output;
  const order = orderOf(result.output);
  if (typeof order === 'string') return { ok: false, errors: [order] };
  return { ok: true, value: { order, account, recvWindow, expiresAt, confirm, askedAt } };
}

/**
 * Returns the request as flat JSON that `parseCancelRequest` takes: ids as strings, times in epoch
 * milliseconds.
 */
export function toJson({ order, ...rest }: CancelRequest): string {
  return JSON.stringify({ ...order, ...rest });
}

/** Returns the order that fields name, or the error in them. */
export function orderOf(fields: OrderFields): RequestedOrder | string {
  const { symbol, orderId, clientOrderId, origClientOrderId } = fields;
  const name = clientOrderId ?? origClientOrderId;
  if (name !== (origClientOrderId ?? name))
    return 'clientOrderId and origClientOrderId differ: send one of them';
  if (orderId !== undefined) return { symbol, orderId, clientOrderId: name };
  return name === undefined
    ? 'orderId or clientOrderId is missing: send at least one'
    : { symbol, clientOrderId: name };
}

/**
 * Parses `askedAt` from outside a request's fields, such as a message attribute. A time without
 * milliseconds means the end of that second, so that it is never earlier than the moment that was
 * meant. Returns undefined if it is not a time.
 */
export function toMoment(value: string): number | undefined {
  const ms = toEpochMs(value);
  const isWholeSecond = /T\d{2}:\d{2}(:\d{2})?(Z|[+-])/.test(value);
  return ms !== undefined && isWholeSecond ? ms + 999 : ms;
}

/**
 * Parses a time: ISO 8601 with a time zone, or milliseconds since the epoch. Returns undefined for
 * any other text.
 */
export function toEpochMs(value: string): number | undefined {
  const ms = /^\d{1,16}$/.test(value) ? Number(value) : parseIso(value);
  return ms >= 0 && ms <= LAST_MS ? ms : undefined;
}

/**
 * Returns NaN for any other text and for days that do not exist: `Date.parse` takes February 30 for
 * March 2.
 */
function parseIso(value: string): number {
  const day = /^(\d{4}-\d{2}-\d{2})T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/.exec(value)?.[1];
  const isRealDay = day !== undefined && new Date(`${day}T00:00Z`).getUTCDate() === Number(day.slice(8));
  return isRealDay ? Date.parse(value) : Number.NaN;
}

/**
 * Returns an error for each issue, ten at most, that names the field and its fix. `what` says what
 * the fields are of.
 */
export function errorsOf(issues: readonly v.GenericIssue[], what: string): readonly string[] {
  return [...new Set(issues.slice(0, MOST_ERRORS).map((issue) => errorOf(issue, what)))];
}

function errorOf(issue: v.GenericIssue, what: string): string {
  const field = v.getDotPath(issue)?.slice(0, LONGEST_NAME);
  if (field === undefined) return 'the request must be an object with symbol and orderId or clientOrderId';
  if (issue.expected === 'never') return `${field} is not a field of ${what}: remove it`;
  if (issue.type === 'strict_object' && issue.received === 'undefined') return `${field} is missing: send it`;
  return `${field} ${issue.message}`;
}
