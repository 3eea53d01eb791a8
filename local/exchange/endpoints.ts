import type { Answer } from './answers.ts';
import type { Endpoint, EndpointCall } from './endpoint.ts';
import { cancelSymbol, cancelUnderlying, listOpenOrders } from './open-order-calls.ts';
import { cancelOrder, queryOrder } from './order-calls.ts';

type Run = Endpoint['run'];

const unsigned = (run: Run): Endpoint => ({ signed: false, weight: () => 1, run });
const signed = (weight: number, run: Run): Endpoint => ({ signed: true, weight: () => weight, run });

const ENDPOINTS: ReadonlyMap<string, Endpoint> = new Map([
  ['GET /eapi/v1/ping', unsigned(() => ({ status: 200, body: '{}' }))],
  ['GET /eapi/v1/time', unsigned(time)],
  ['GET /eapi/v1/exchangeInfo', unsigned(exchangeInfo)],
  ['DELETE /eapi/v1/order', signed(1, cancelOrder)],
  ['GET /eapi/v1/order', signed(1, queryOrder)],
  ['DELETE /eapi/v1/allOpenOrders', signed(5, cancelSymbol)],
  ['DELETE /eapi/v1/allOpenOrdersByUnderlying', signed(5, cancelUnderlying)],
  [
    'GET /eapi/v1/openOrders',
    { signed: true, weight: ({ values }) => (values.has('symbol') ? 1 : 40), run: listOpenOrders },
  ],
]);

export function endpointAt(method: string, path: string): Endpoint | undefined {
  return ENDPOINTS.get(`${method} ${path}`);
}

function time({ now }: EndpointCall): Answer {
  return { status: 200, body: JSON.stringify({ serverTime: now() }) };
}

function exchangeInfo({ listing, limits, now }: EndpointCall): Answer {
  return { status: 200, body: listing.exchangeInfo(now(), limits.limit) };
}
