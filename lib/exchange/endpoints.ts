import { parseObject } from '../json.ts';
import { type Order, readOrder } from '../order.ts';

/**
 * What a call is for. Throttling depends on it, never on the HTTP verb: `cancel` and `clock` may use all of
 * the exchange's weight, `query` leaves the last tenth and `proof` (the lists of a kill) the last twentieth.
 */
export type Purpose = 'cancel' | 'proof' | 'query' | 'clock';

/** One endpoint of the exchange. Source: https://developers.binance.com/docs/derivatives/options-trading */
export interface Endpoint<T> {
  readonly method: 'GET' | 'DELETE';
  readonly path: string;
  /** Request weight, counted per minute and address. */
  readonly weight: number;
  readonly purpose: Purpose;
  /** Reads the body of a 200. Returns undefined for any other body. */
  readonly read: (text: string) => T | undefined;
}

export const cancelOrder: Endpoint<Order> = {
  method: 'DELETE',
  path: '/eapi/v1/order',
  weight: 1,
  purpose: 'cancel',
  read: readOrder,
};

export const queryOrder: Endpoint<Order> = {
  method: 'GET',
  path: '/eapi/v1/order',
  weight: 1,
  purpose: 'query',
  read: readOrder,
};

/** Its answer is the exchange's clock in milliseconds since the epoch. */
export const serverTime: Endpoint<number> = {
  method: 'GET',
  path: '/eapi/v1/time',
  weight: 1,
  purpose: 'clock',
  read: (text) => {
    const time = parseObject(text)?.serverTime;
    return typeof time === 'string' && /^\d{13}$/.test(time) ? Number(time) : undefined;
  },
};
