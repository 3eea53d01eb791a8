import type { Endpoint } from './endpoint.ts';
import { exchangeInfo } from './listing.ts';
import { cancelSymbol, cancelUnderlying, listOpenOrders } from './open-order-calls.ts';
import { cancelOrder, queryOrder } from './order-calls.ts';
import type { Parameters } from './parameters.ts';

type Run = Endpoint['run'];

const unsigned = (run: Run): Endpoint => ({ signed: false, weight: () => 1, run });
const signed = (weight: number, run: Run): Endpoint => ({ signed: true, weight: () => weight, run });
const listWeight = ({ values }: Parameters) => (values.has('symbol') ? 1 : 40);

const ENDPOINTS: Readonly<Record<string, Endpoint>> = {
  'GET /eapi/v1/ping': unsigned(() => '{}'),
  'GET /eapi/v1/time': unsigned(({ book }) => JSON.stringify({ serverTime: book.now() })),
  'GET /eapi/v1/exchangeInfo': unsigned(({ underlyings, book, limits }) =>
    exchangeInfo(underlyings, book.now(), limits.limit),
  ),
  'DELETE /eapi/v1/order': signed(1, cancelOrder),
  'GET /eapi/v1/order': signed(1, queryOrder),
  'DELETE /eapi/v1/allOpenOrders': signed(5, cancelSymbol),
  'DELETE /eapi/v1/allOpenOrdersByUnderlying': signed(5, cancelUnderlying),
  'GET /eapi/v1/openOrders': { signed: true, weight: listWeight, run: listOpenOrders },
};

/** Returns the endpoint that serves these; undefined when none does. */
export function endpointAt(method: string, path: string): Endpoint | undefined {
  return ENDPOINTS[`${method} ${path}`];
}
