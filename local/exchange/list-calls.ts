import { type Answer, ApiError, orderBody } from './answers.ts';
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
  return listAnswer(orders.toSorted(byId).slice(0, behaviour.pageCap));
}

const HISTORY_MS = 5 * 24 * 60 * 60 * 1000;
const MAX_HISTORY = 1000;

/** Lists finished orders of five days: from `orderId` on, or the newest. */
export function listHistory({ parameters, book, account, now }: EndpointCall): Answer {
  const symbol = optionSymbol(parameters);
  const limit = Number(integer(parameters, 'limit') ?? 100n);
  if (limit < 1 || limit > MAX_HISTORY) throw new ApiError(400, -1130, "Parameter 'limit' is not valid.");
  const isAsked = filterOf(parameters);
  const orders = [...book.all()]
    .filter((order) => order.account === account && order.symbol === symbol && !isOpen(order))
    .filter((order) => now() - order.updateTime <= HISTORY_MS && isAsked(order))
    .toSorted(byId);
  return listAnswer(parameters.values.has('orderId') ? orders.slice(0, limit) : orders.slice(-limit));
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

/**
 * Reads the parameters that both lists have: from this id on, and between these times of creation.
 */
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

function listAnswer(orders: readonly ExchangeOrder[]): Answer {
  return { status: 200, body: `[${orders.map(orderBody).join(',')}]` };
}
