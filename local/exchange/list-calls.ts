import { type Answer, orderBody } from './answers.ts';
import type { EndpointCall } from './endpoint.ts';
import { type ExchangeOrder, isOpen } from './orders.ts';
import { integer, optionSymbol, type Parameters } from './parameters.ts';

/** Lists open orders, from the lowest id on, and as many as `pageCap` allows. */
export function listOpenOrders(call: EndpointCall): Answer {
  const { parameters, behaviour, book, account } = call;
  const symbol = parameters.values.has('symbol') ? optionSymbol(parameters) : undefined;
  const isAsked = filterOf(parameters);
  const orders = [...book.all()]
    .filter((order) => order.account === account && (symbol ?? order.symbol) === order.symbol)
    .map((order) => asListed(call, order))
    .filter((order) => order !== undefined)
    .filter((order) => isOpen(order) && isAsked(order));
  const listed = orders.toSorted(byId).slice(0, behaviour.pageCap);
  return { status: 200, body: `[${listed.map(orderBody).join(',')}]` };
}

/** Returns the order as a list shows it: `ghosts`, `listLagMs` and stale reads change that. */
function asListed(call: EndpointCall, order: ExchangeOrder): ExchangeOrder | undefined {
  const { book, behaviour, now } = call;
  if (behaviour.ghosts.has(order.orderId)) return book.lastOpen(order.orderId);
  if (call.read !== undefined) return asRead(call, order);
  return behaviour.listLagMs > 0 ? book.at(order.orderId, now() - behaviour.listLagMs) : order;
}

/** With `older-bearer` the oldest order of a name, as it was placed, hides the newer ones. */
function asRead({ book, read }: EndpointCall, order: ExchangeOrder): ExchangeOrder | undefined {
  if (read === 'missing') return undefined;
  if (read === 'as-placed') return book.asPlaced(order.orderId);
  const bearers = book.bearersOf(order);
  if (bearers.length < 2) return order;
  return bearers[0] === order ? book.asPlaced(order.orderId) : undefined;
}

/** Reads the lowest id, and the times of creation between which an order has to be. */
function filterOf(parameters: Parameters): (order: ExchangeOrder) => boolean {
  const fromId = integer(parameters, 'orderId') ?? 0n;
  const start = integer(parameters, 'startTime') ?? 0n;
  const end = integer(parameters, 'endTime');
  return ({ orderId, createTime }) =>
    BigInt(orderId) >= fromId && createTime >= start && (end === undefined || createTime <= end);
}

function byId(left: ExchangeOrder, right: ExchangeOrder): number {
  return BigInt(left.orderId) < BigInt(right.orderId) ? -1 : 1;
}
