import { type Answer, ApiError } from './answers.ts';
import type { EndpointCall } from './endpoint.ts';
import { underlyingOf } from './listing.ts';
import { type ExchangeOrder, isOpen } from './orders.ts';
import { legal, mandatory, optionSymbol } from './parameters.ts';

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
