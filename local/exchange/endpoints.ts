import type { Answer } from './answers.ts';
import type { Book } from './book.ts';
import type { StaleRead } from './faults.ts';
import { cancelOrder, listOpenOrders, newOrder, queryOrder } from './order-endpoints.ts';
import type { Parameters } from './parameters.ts';

/** What an endpoint works with. */
export interface Desk {
  readonly book: Book;
  /** The exchange's clock, ms. */
  readonly now: () => number;
  /** How cancels answer where the order does not say; see ExchangeOptions. */
  readonly acceptedForMs: number | undefined;
}

/** One endpoint: what it costs, whether it is signed, and what it does. Throws a Refusal for what it refuses. */
export interface Endpoint {
  readonly signed: boolean;
  readonly weight: (parameters: Parameters) => number;
  readonly run: (desk: Desk, parameters: Parameters, read?: StaleRead) => Answer;
}

const ping: Endpoint = { signed: false, weight: () => 1, run: () => ({ status: 200, body: '{}' }) };

const time: Endpoint = {
  signed: false,
  weight: () => 1,
  run: ({ now }) => ({ status: 200, body: JSON.stringify({ serverTime: now() }) }),
};

const endpoints: ReadonlyMap<string, Endpoint> = new Map([
  ['GET /eapi/v1/ping', ping],
  ['GET /eapi/v1/time', time],
  ['POST /eapi/v1/order', { signed: true, weight: () => 0, run: newOrder }],
  ['DELETE /eapi/v1/order', { signed: true, weight: () => 1, run: cancelOrder }],
  ['GET /eapi/v1/order', { signed: true, weight: () => 1, run: queryOrder }],
  [
    'GET /eapi/v1/openOrders',
    { signed: true, weight: ({ values }) => (values.has('symbol') ? 1 : 40), run: listOpenOrders },
  ],
]);

/** The endpoint at a method and path, if there is one. */
export function endpointAt(method: string, path: string): Endpoint | undefined {
  return endpoints.get(`${method} ${path}`);
}
