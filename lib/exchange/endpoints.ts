import { isJsonObject, type JsonObject, parseObject } from '../json.ts';
import { type AnsweredOrder, type ListedOrder, readOrder, readOrders } from '../order.ts';

/**
 * The purpose of a call. Throttling depends on it, never on the HTTP verb: `cancel` and `clock` may
 * use all of the exchange's weight, `query` leaves the last tenth and `proof` (the lists of a kill)
 * the last twentieth. What callers look at leaves more, so that it never takes the weight of a
 * cancel's proof or of a kill: `look` (one order) the last quarter, `browse` (lists) the second half.
 */
export type Purpose = 'cancel' | 'proof' | 'query' | 'clock' | 'look' | 'browse';

/**
 * One endpoint of the exchange. Source:
 * https://developers.binance.com/docs/derivatives/options-trading
 */
export interface Endpoint<T> {
  readonly method: 'GET' | 'DELETE';
  readonly path: string;
  readonly purpose: Purpose;
  /** The longest answer that is read, in bytes; default 1 MiB. */
  readonly maxBytes?: number;
  /** Reads the body of a 200. Returns undefined for any other body. */
  readonly read: (text: string) => T | undefined;
}

const LIST_BYTES = 8 * 1024 * 1024;
/** Lambda answers with 6 MB of JSON at most, in which each quotation mark takes two bytes. */
const PASSED_ON_BYTES = 4 * 1024 * 1024;

/** Weight 1. */
export const cancelOrder: Endpoint<AnsweredOrder> = {
  method: 'DELETE',
  path: '/eapi/v1/order',
  purpose: 'cancel',
  read: readOrder,
};

/** Weight 1. */
export const queryOrder: Endpoint<AnsweredOrder> = {
  method: 'GET',
  path: '/eapi/v1/order',
  purpose: 'query',
  read: readOrder,
};

/** Weight 1 with a symbol, else 40. With `orderId` it lists orders from that id on. */
export const openOrders: Endpoint<readonly ListedOrder[]> = {
  method: 'GET',
  path: '/eapi/v1/openOrders',
  purpose: 'proof',
  maxBytes: LIST_BYTES,
  read: readOrders,
};

/** An answer that is passed on is not read here. */
const unread = () => true as const;

/** An order as a caller looks at it; weight 1. */
export const orderForCaller: Endpoint<true> = { ...queryOrder, purpose: 'look', read: unread };

/** Open orders as a caller looks at them; weight 1 with a symbol, else 40. */
export const openOrdersForCaller: Endpoint<true> = {
  ...openOrders,
  purpose: 'browse',
  maxBytes: PASSED_ON_BYTES,
  read: unread,
};

/** Reads the acknowledgement of a mass cancel: code 0, as text or as a number. It proves nothing. */
const acknowledged = (text: string) => (parseObject(text)?.code === '0' ? true : undefined);

/** Cancels the open orders of a symbol; weight 5. */
export const cancelSymbol: Endpoint<boolean> = {
  method: 'DELETE',
  path: '/eapi/v1/allOpenOrders',
  purpose: 'cancel',
  read: acknowledged,
};

/** Cancels the open orders of an underlying; weight 5 at most. */
export const cancelUnderlying: Endpoint<boolean> = {
  method: 'DELETE',
  path: '/eapi/v1/allOpenOrdersByUnderlying',
  purpose: 'cancel',
  read: acknowledged,
};

/** Its answer is the exchange's clock in milliseconds since the epoch; weight 1. */
export const serverTime: Endpoint<number> = {
  method: 'GET',
  path: '/eapi/v1/time',
  purpose: 'clock',
  read: (text) => {
    const time = parseObject(text)?.serverTime;
    return typeof time === 'string' && /^\d{13}$/.test(time) ? Number(time) : undefined;
  },
};

/** The exchange's rules, as far as the service depends on them. */
export interface ExchangeInfo {
  /** Request weight per minute and address; undefined where the exchange does not state it. */
  readonly weightLimit: number | undefined;
  readonly underlyings: readonly string[];
  readonly symbols: readonly string[];
  /** The symbol, of those that are traded, that expires last. */
  readonly lastToExpire: string;
}

/** Unsigned, over 1 MiB long; weight 1. */
export const exchangeInfo: Endpoint<ExchangeInfo> = {
  method: 'GET',
  path: '/eapi/v1/exchangeInfo',
  purpose: 'query',
  maxBytes: LIST_BYTES,
  read: (text) => {
    const info = parseObject(text) ?? {};
    const symbols = listOf(info.optionSymbols);
    const [lastToExpire] = textsOf(
      symbols.toSorted((a, b) => expiryOf(b) - expiryOf(a)),
      'symbol',
    );
    if (lastToExpire === undefined) return undefined;
    const limit = listOf(info.rateLimits).find((rule) => rule.rateLimitType === 'REQUEST_WEIGHT');
    const weightLimit = Number(limit?.limit);
    return {
      weightLimit: Number.isInteger(weightLimit) ? weightLimit : undefined,
      underlyings: [...new Set(textsOf(info.optionContracts, 'underlying'))],
      symbols: textsOf(symbols, 'symbol'),
      lastToExpire,
    };
  },
};

/** Returns 0 for a symbol that is not traded, or whose expiry is not readable. */
const expiryOf = ({ status, expiryDate }: JsonObject) => (status === 'TRADING' ? Number(expiryDate) || 0 : 0);

// Stryker disable next-line ArrayDeclaration: text has none of the fields that are looked for
const listOf = (value: unknown) => (Array.isArray(value) ? value.filter(isJsonObject) : []);

const textsOf = (list: unknown, field: string): readonly string[] =>
  listOf(list)
    .map((item) => item[field])
    .filter((value) => typeof value === 'string');
