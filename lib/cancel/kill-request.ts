import * as v from 'valibot';
import type { JsonObject } from '../json.ts';
import {
  accountField,
  errorsOf,
  type Parsed,
  recvWindowField,
  symbolField,
  TIME_HINT,
  toEpochMs,
  toMoment,
} from './request.ts';

/** The open orders that a kill is about: of one symbol, of one underlying, or all. */
export type Scope =
  | { readonly symbol: string }
  | { readonly underlying: string }
  | { readonly everything: true };

/** Narrows a kill to some of its scope's orders. At least one field is given. */
export interface Only {
  readonly side?: 'BUY' | 'SELL';
  readonly optionSide?: 'CALL' | 'PUT';
  readonly clientOrderIdPrefix?: string;
}

/** A valid request to cancel every open order of a scope. Times in milliseconds since the epoch. */
export interface KillRequest {
  readonly kill: Scope;
  readonly only?: Only;
  /** The account whose orders they are. Default: that of the service's own secret. */
  readonly account?: string;
  /** Lists what would be canceled, and cancels nothing. */
  readonly dryRun: boolean;
  /** Why, for the record. */
  readonly reason?: string;
  readonly killId?: string;
  readonly askedAt?: number;
  readonly expiresAt?: number;
  /** Milliseconds that the exchange may take to receive a call. Default: the service's. */
  readonly recvWindow?: number;
}

const LONGEST_REASON = 200;
const UNDERLYING = 'must be an underlying such as BTCUSDT';
const DRY_RUN = 'must be true or false';
const PREFIX = 'must be 1 to 64 visible ASCII characters';
const KILL_ID = 'must be 1 to 128 visible ASCII characters';
const ONE_SCOPE = 'must hold exactly one of {"symbol"}, {"underlying"} and {"everything": true}';
const NARROWS =
  'must hold at least one of side, optionSide and clientOrderIdPrefix; leave it out to cancel all';

const time = (parse: (text: string) => number | undefined) =>
  v.pipe(
    v.union([v.string(), v.number()], TIME_HINT),
    v.transform(String),
    v.transform(parse),
    v.number(TIME_HINT),
  );

const oneOf = <const T extends string>(...values: readonly T[]) =>
  v.picklist(values, `must be ${values.join(' or ')}`);

const underlying = v.pipe(v.string(UNDERLYING), v.regex(/^[A-Z0-9]{2,20}USDT$/, UNDERLYING));

/** Counts the fields that have a value: one without is as good as missing. */
const given = (fields: object) => Object.values(fields).filter((value) => value !== undefined).length;

const scope = v.pipe(
  v.strictObject(
    {
      symbol: v.optional(symbolField),
      underlying: v.optional(underlying),
      everything: v.optional(v.literal(true, 'must be true')),
    },
    ONE_SCOPE,
  ),
  v.check((fields) => given(fields) === 1, ONE_SCOPE),
);

const only = v.pipe(
  v.strictObject(
    {
      side: v.optional(oneOf('BUY', 'SELL')),
      optionSide: v.optional(oneOf('CALL', 'PUT')),
      clientOrderIdPrefix: v.optional(v.pipe(v.string(PREFIX), v.regex(/^[\x21-\x7e]{1,64}$/, PREFIX))),
    },
    NARROWS,
  ),
  v.check((fields) => given(fields) > 0, NARROWS),
);

const circumstances = {
  account: accountField,
  reason: v.optional(v.pipe(v.string('must be text'), v.transform(recordable))),
  killId: v.optional(v.pipe(v.string(KILL_ID), v.regex(/^[\x21-\x7e]{1,128}$/, KILL_ID))),
  askedAt: v.optional(time(toMoment)),
  expiresAt: v.optional(time(toEpochMs)),
  recvWindow: recvWindowField,
};

const schema = v.strictObject({
  kill: scope,
  only: v.optional(only),
  dryRun: v.optional(v.boolean(DRY_RUN), false),
  ...circumstances,
});

const CANCEL_ALLS = {
  symbol: v.strictObject({ symbol: symbolField, ...circumstances }),
  underlying: v.strictObject({ underlying, ...circumstances }),
};

/**
 * Returns true for a request that is a kill. A request without `kill` never is: a forgotten id
 * cannot empty a book.
 */
export const isKill = (fields: unknown): fields is JsonObject =>
  typeof fields === 'object' && fields !== null && Object.hasOwn(fields, 'kill');

/**
 * Parses a kill from its fields. An empty, misspelt or double scope is an error, and so is an
 * unknown field.
 */
export function parseKill(fields: unknown): Parsed<KillRequest> {
  const result = v.safeParse(schema, fields);
  if (!result.success) return { ok: false, errors: errorsOf(result.issues, 'a kill') };
  const { kill, only: narrowed, ...rest } = result.output;
  return {
    ok: true,
    value: {
      kill: scopeOf(kill),
      ...(narrowed !== undefined && { only: defined(narrowed) }),
      ...defined(rest),
    },
  };
}

/**
 * Parses the fields of one of the exchange's cancel-all calls, whose scope is a field of its own. No field can widen
 * the scope or narrow it: the answer says that all of it is empty.
 */
export function parseCancelAll(fields: JsonObject, field: keyof typeof CANCEL_ALLS): Parsed<KillRequest> {
  const result = v.safeParse(CANCEL_ALLS[field], fields);
  if (!result.success) return { ok: false, errors: errorsOf(result.issues, 'a cancel-all') };
  const { [field]: value, ...rest } = fields;
  return parseKill({ ...rest, kill: { [field]: value } });
}

/** Returns the kill as JSON that `parseKill` takes: times in epoch milliseconds. */
export function killToJson(request: KillRequest): string {
  return JSON.stringify(request);
}

function scopeOf({ symbol, underlying }: v.InferOutput<typeof scope>): Scope {
  if (symbol !== undefined) return { symbol };
  return underlying === undefined ? { everything: true } : { underlying };
}

type Defined<T> = { [Field in keyof T]: Exclude<T[Field], undefined> };

/** Leaves out fields without a value. */
function defined<T extends object>(fields: T): Defined<T>;
function defined(fields: object): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** Cuts a text, and replaces the characters that no queue message can hold. */
function recordable(text: string): string {
  return text
    .slice(0, LONGEST_REASON)
    .toWellFormed()
    .replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '?');
}
