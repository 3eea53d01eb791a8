import {
  type Answer,
  acceptedBody,
  acknowledgementBody,
  cancelledBody,
  orderBody,
  Refusal,
} from './answers.ts';
import type { Desk } from './endpoints.ts';
import type { StaleRead } from './faults.ts';
import { newOrderTerms } from './new-order.ts';
import { type ExchangeOrder, isOpen } from './orders.ts';
import { clientName, long, optional, optionSymbol, type Parameters } from './parameters.ts';

/** Cancelled and rejected orders without a fill can be queried for three days. */
const VANISHES_AFTER_MS = 3 * 24 * 60 * 60 * 1000;

/** `POST /eapi/v1/order`: the short acknowledgement, or with `newOrderRespType=RESULT` the whole order. */
export function newOrder({ book }: Desk, parameters: Parameters): Answer {
  const terms = newOrderTerms(parameters);
  if (book.isNamePending(terms.symbol, terms.clientOrderId)) {
    throw new Refusal(400, -2010, 'Duplicate order sent.');
  }
  const order = book.place(terms);
  const whole = parameters.values.get('newOrderRespType') === 'RESULT';
  return { status: 200, body: whole ? orderBody(order) : acknowledgementBody(order) };
}

/** `DELETE /eapi/v1/order`: only an open order; anything else is -2011. */
export function cancelOrder(desk: Desk, parameters: Parameters): Answer {
  const order = find(desk, identify(parameters));
  if (order === undefined || !isOpen(order)) throw new Refusal(400, -2011, 'Unknown order sent.');
  const acceptedForMs = order.acceptedForMs ?? desk.acceptedForMs;
  const after = desk.book.cancel(order.orderId, acceptedForMs ?? 0);
  return { status: 200, body: acceptedForMs === undefined ? cancelledBody(after) : acceptedBody(after) };
}

/** `GET /eapi/v1/order`: the order in whatever status; -2013 when there is none, or none any more. */
export function queryOrder(desk: Desk, parameters: Parameters, read?: StaleRead): Answer {
  const found = find(desk, identify(parameters));
  const order = found && !hasVanished(found, desk.now()) ? asRead(desk, found, read) : undefined;
  if (order === undefined) throw new Refusal(400, -2013, 'Order does not exist.');
  return { status: 200, body: orderBody(order) };
}

/** `GET /eapi/v1/openOrders`: of one symbol, or of all. */
export function listOpenOrders(desk: Desk, parameters: Parameters, read?: StaleRead): Answer {
  const symbol = parameters.values.has('symbol') ? optionSymbol(parameters) : undefined;
  const bodies: string[] = [];
  for (const found of desk.book.all()) {
    const order = asRead(desk, found, read);
    if (order && isOpen(order) && (symbol ?? order.symbol) === order.symbol) bodies.push(orderBody(order));
  }
  return { status: 200, body: `[${bodies.join(',')}]` };
}

interface Identity {
  readonly symbol: string;
  readonly orderId: string | undefined;
  readonly clientOrderId: string | undefined;
}

/** One of the two identifiers has to be there; `origClientOrderId` is a name this endpoint does not read. */
function identify(parameters: Parameters): Identity {
  const symbol = optionSymbol(parameters);
  const orderId = optional(parameters, 'orderId');
  const clientOrderId = optional(parameters, 'clientOrderId');
  if (orderId === undefined && clientOrderId === undefined) {
    throw new Refusal(
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

/** With both identifiers the id finds the order and the name has to be that order's. */
function find({ book }: Desk, { symbol, orderId, clientOrderId }: Identity): ExchangeOrder | undefined {
  if (orderId === undefined) return book.named(symbol, clientOrderId ?? '');
  const order = book.get(orderId);
  if (order?.symbol !== symbol) return undefined;
  return clientOrderId === undefined || clientOrderId === order.clientOrderId ? order : undefined;
}

function asRead({ book }: Desk, order: ExchangeOrder, read?: StaleRead): ExchangeOrder | undefined {
  if (read === 'missing') return undefined;
  return read === 'as-placed' ? book.asPlaced(order.orderId) : order;
}

function hasVanished(order: ExchangeOrder, now: number): boolean {
  const withoutFill = !isOpen(order) && order.status !== 'FILLED' && order.executedQty === '0';
  return withoutFill && now - order.updateTime > VANISHES_AFTER_MS;
}
