import {
  type Answer,
  ApiError,
  acceptedBody,
  acknowledgementBody,
  canceledBody,
  orderBody,
} from './answers.ts';
import type { Book } from './book.ts';
import type { StaleRead } from './faults.ts';
import { newOrderTerms } from './new-order.ts';
import { type ExchangeOrder, isOpen } from './orders.ts';
import { clientName, long, optional, optionSymbol, type Parameters } from './parameters.ts';

export interface EndpointContext {
  readonly book: Book;
  readonly now: () => number;
  /** The exchange's option of that name, for orders that have none of their own. */
  readonly acceptedForMs: number | undefined;
}

/** One endpoint. `run` throws an ApiError for a request that the exchange refuses. */
export interface Endpoint {
  readonly signed: boolean;
  readonly weight: (parameters: Parameters) => number;
  readonly run: (context: EndpointContext, parameters: Parameters, read?: StaleRead) => Answer;
}

const unsigned = (run: Endpoint['run']): Endpoint => ({ signed: false, weight: () => 1, run });

const signed = (weight: number, run: Endpoint['run']): Endpoint => ({
  signed: true,
  weight: () => weight,
  run,
});

const endpoints: ReadonlyMap<string, Endpoint> = new Map([
  ['GET /eapi/v1/ping', unsigned(() => ({ status: 200, body: '{}' }))],
  [
    'GET /eapi/v1/time',
    unsigned(({ now }) => ({ status: 200, body: JSON.stringify({ serverTime: now() }) })),
  ],
  ['POST /eapi/v1/order', signed(0, newOrder)],
  ['DELETE /eapi/v1/order', signed(1, cancelOrder)],
  ['GET /eapi/v1/order', signed(1, queryOrder)],
  [
    'GET /eapi/v1/openOrders',
    { signed: true, weight: ({ values }) => (values.has('symbol') ? 1 : 40), run: listOpenOrders },
  ],
]);

export function endpointAt(method: string, path: string): Endpoint | undefined {
  return endpoints.get(`${method} ${path}`);
}

/** A canceled or rejected order without a fill can be queried for three days. */
const VANISHES_AFTER_MS = 3 * 24 * 60 * 60 * 1000;

/** Answers the short acknowledgement, or with `newOrderRespType=RESULT` the whole order. */
function newOrder({ book }: EndpointContext, parameters: Parameters): Answer {
  const terms = newOrderTerms(parameters);
  if (book.isNamePending(terms.symbol, terms.clientOrderId)) {
    throw new ApiError(400, -2010, 'Duplicate order sent.');
  }
  const order = book.place(terms);
  const whole = parameters.values.get('newOrderRespType') === 'RESULT';
  return { status: 200, body: whole ? orderBody(order) : acknowledgementBody(order) };
}

/** Cancels an open order; answers -2011 for anything else. */
function cancelOrder(context: EndpointContext, parameters: Parameters): Answer {
  const order = find(context, identify(parameters));
  if (order === undefined || !isOpen(order)) throw new ApiError(400, -2011, 'Unknown order sent.');
  const acceptedForMs = order.acceptedForMs ?? context.acceptedForMs;
  const after = context.book.cancel(order.orderId, acceptedForMs ?? 0);
  return { status: 200, body: acceptedForMs === undefined ? canceledBody(after) : acceptedBody(after) };
}

/** Answers the order in any status; -2013 when there is none, or it has vanished. */
function queryOrder(context: EndpointContext, parameters: Parameters, read?: StaleRead): Answer {
  const found = find(context, identify(parameters));
  const order = found && !hasVanished(found, context.now()) ? asRead(context, found, read) : undefined;
  if (order === undefined) throw new ApiError(400, -2013, 'Order does not exist.');
  return { status: 200, body: orderBody(order) };
}

function listOpenOrders(context: EndpointContext, parameters: Parameters, read?: StaleRead): Answer {
  const symbol = parameters.values.has('symbol') ? optionSymbol(parameters) : undefined;
  const bodies: string[] = [];
  for (const found of context.book.all()) {
    const order = asRead(context, found, read);
    if (order && isOpen(order) && (symbol ?? order.symbol) === order.symbol) bodies.push(orderBody(order));
  }
  return { status: 200, body: `[${bodies.join(',')}]` };
}

interface Identity {
  readonly symbol: string;
  readonly orderId: string | undefined;
  readonly clientOrderId: string | undefined;
}

/**
 * Reads the identifiers, of which one is mandatory. This endpoint does not read
 * `origClientOrderId`.
 */
function identify(parameters: Parameters): Identity {
  const symbol = optionSymbol(parameters);
  const orderId = optional(parameters, 'orderId');
  const clientOrderId = optional(parameters, 'clientOrderId');
  if (orderId === undefined && clientOrderId === undefined) {
    throw new ApiError(
      400,
      -1102,
      "Param 'orderId' or 'clientOrderId' must be sent, but both were empty/null!",
    );
  }
  return {
    symbol,
    orderId: orderId === undefined ? undefined : long('orderId', orderId),
    clientOrderId: clientOrderId === undefined ? undefined : clientName('clientOrderId', clientOrderId),
  };
}

/** With both identifiers the id finds the order, and the name must be that order's. */
function find(
  { book }: EndpointContext,
  { symbol, orderId, clientOrderId }: Identity,
): ExchangeOrder | undefined {
  if (orderId === undefined) return book.named(symbol, clientOrderId ?? '');
  const order = book.get(orderId);
  if (order?.symbol !== symbol) return undefined;
  return clientOrderId === undefined || clientOrderId === order.clientOrderId ? order : undefined;
}

function asRead(
  { book }: EndpointContext,
  order: ExchangeOrder,
  read?: StaleRead,
): ExchangeOrder | undefined {
  if (read === 'missing') return undefined;
  return read === 'as-placed' ? book.asPlaced(order.orderId) : order;
}

function hasVanished(order: ExchangeOrder, now: number): boolean {
  const withoutFill = !isOpen(order) && order.status !== 'FILLED' && order.executedQty === '0';
  return withoutFill && now - order.updateTime > VANISHES_AFTER_MS;
}
