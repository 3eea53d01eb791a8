import { type Answer, ApiError, orderBody } from './answers.ts';
import type { EndpointCall } from './endpoint.ts';
import { underlyingOf } from './listing.ts';
import { type ExchangeOrder, isOpen } from './orders.ts';
import { integer, legal, mandatory, optionSymbol, type Parameters } from './parameters.ts';

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

/** Returns the order as a list shows it: `ghosts`, `listLagMs` and a `missing` read change that. */
function asListed(call: EndpointCall, order: ExchangeOrder): ExchangeOrder | undefined {
  const { book, behaviour, now } = call;
  if (behaviour.ghosts.has(order.orderId)) return book.lastOpen(order.orderId);
  if (call.read === 'missing') return undefined;
  return behaviour.listLagMs > 0 ? book.at(order.orderId, now() - behaviour.listLagMs) : order;
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

/** Cancels all open orders of a symbol. */
export function cancelSymbol(call: EndpointCall): Answer {
  const symbol = optionSymbol(call.parameters);
  return cancelMany(call, (order) => order.symbol === symbol, '0');
}

/** Cancels all open orders of an underlying. */
export function cancelUnderlying(call: EndpointCall): Answer {
  const underlying = legal('underlying', mandatory(call.parameters, 'underlying'), /^[A-Z0-9]{1,20}$/);
  if (!call.listing.underlyings.includes(underlying)) throw new ApiError(400, -1128, 'Invalid underlying.');
  return cancelMany(call, (order) => underlyingOf(order.symbol) === underlying, 0);
}

const EMPTY = {
  [-2011]: 'Unknown order sent.',
  [-2013]: 'Order does not exist.',
  [-6037]: 'No open orders.',
} as const;

/** Answers neither ids nor a number of orders. An order's own `acceptedForMs` delays its cancel. */
function cancelMany(
  { book, behaviour, account }: EndpointCall,
  isInScope: (order: ExchangeOrder) => boolean,
  documentedCode: '0' | 0,
): Answer {
  const orders = [...book.all()].filter(
    (order) => order.account === account && isOpen(order) && isInScope(order),
  );
  const { massWhenEmpty, massSurvivors, massDelayMs, massCode } = behaviour;
  if (orders.length === 0 && massWhenEmpty !== 'success') {
    throw new ApiError(400, massWhenEmpty, EMPTY[massWhenEmpty]);
  }
  for (const order of orders) {
    if (!massSurvivors(order)) book.cancel(order.orderId, Math.max(massDelayMs, order.acceptedForMs ?? 0));
  }
  const codes = { documented: documentedCode, string: '0', number: 0 };
  return { status: 200, body: JSON.stringify({ code: codes[massCode], msg: 'success' }) };
}
