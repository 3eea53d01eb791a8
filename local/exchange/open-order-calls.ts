import { ApiError, orderBody, orderError } from './answers.ts';
import type { EndpointCall } from './endpoint.ts';
import { underlyingOf } from './listing.ts';
import { type ExchangeOrder, isOpen } from './orders.ts';
import { integer, legal, mandatory, optionSymbol } from './parameters.ts';

/**
 * Lists open orders, from the lowest id on, and as many as `pageCap` allows. The parameters name a
 * symbol, the lowest id, and the times of creation between which an order has to be.
 */
export function listOpenOrders(call: EndpointCall): string {
  const { parameters, behaviour, book, account } = call;
  const symbol = parameters.values.has('symbol') ? optionSymbol(parameters) : undefined;
  const fromId = integer(parameters, 'orderId') ?? 0n;
  const start = integer(parameters, 'startTime') ?? 0n;
  const end = integer(parameters, 'endTime') ?? Number.POSITIVE_INFINITY;
  const listed = book.orders
    .filter((order) => order.account === account && (symbol ?? order.symbol) === order.symbol)
    .filter(({ createTime }) => createTime >= start && createTime <= end)
    .filter(({ orderId }) => BigInt(orderId) >= fromId)
    .flatMap((order) => asListed(call, order) ?? [])
    .filter(isOpen)
    .sort((left, right) => (BigInt(left.orderId) < BigInt(right.orderId) ? -1 : 1));
  return `[${listed.slice(0, behaviour.pageCap).map(orderBody).join(',')}]`;
}

/** Returns the order as a list shows it: `ghosts`, `listLagMs` and a `missing` read change that. */
function asListed({ book, behaviour, read }: EndpointCall, order: ExchangeOrder): ExchangeOrder | undefined {
  const history = book.history(order.orderId);
  if (behaviour.ghosts.has(order.orderId)) return history.findLast(isOpen);
  if (read === 'missing') return undefined;
  if (behaviour.listLagMs === 0) return order;
  const time = book.now() - behaviour.listLagMs;
  const isSince = ({ createTime, updateTime }: ExchangeOrder, index: number) =>
    (index === 0 ? createTime : updateTime) <= time;
  return history.findLast(isSince);
}

/** Cancels all open orders of a symbol. */
export function cancelSymbol(call: EndpointCall): string {
  const symbol = optionSymbol(call.parameters);
  return cancelMany(call, (order) => order.symbol === symbol, '0');
}

/** Cancels all open orders of an underlying. */
export function cancelUnderlying(call: EndpointCall): string {
  const underlying = legal('underlying', mandatory(call.parameters, 'underlying'), /^[A-Z0-9]{1,20}$/);
  if (!call.underlyings.includes(underlying)) throw new ApiError(400, -1128, 'Invalid underlying.');
  return cancelMany(call, (order) => underlyingOf(order.symbol) === underlying, 0);
}

/** Answers neither ids nor a number of orders. An order's own `acceptedForMs` delays its cancel. */
function cancelMany(
  { book, behaviour, account }: EndpointCall,
  isInScope: (order: ExchangeOrder) => boolean,
  documented: '0' | 0,
): string {
  const { massWhenEmpty, massSurvivors, massDelayMs, massCode } = behaviour;
  const orders = book.orders.filter(
    (order) => order.account === account && isOpen(order) && isInScope(order),
  );
  if (orders.length === 0 && massWhenEmpty !== 'success') throw orderError(massWhenEmpty);
  for (const order of orders) {
    if (!massSurvivors(order)) book.cancel(order.orderId, Math.max(massDelayMs, order.acceptedForMs ?? 0));
  }
  const code = { documented, string: '0', number: 0 }[massCode];
  return JSON.stringify({ code, msg: 'success' });
}
