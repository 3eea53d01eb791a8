import { type Answer, orderBody } from './answers.ts';
import type { EndpointCall } from './endpoint.ts';
import { type ExchangeOrder, isOpen } from './orders.ts';
import { optionSymbol } from './parameters.ts';

export function listOpenOrders(call: EndpointCall): Answer {
  const { parameters, book } = call;
  const symbol = parameters.values.has('symbol') ? optionSymbol(parameters) : undefined;
  const bodies = [...book.all()]
    .map((order) => asListed(call, order))
    .filter((order) => order !== undefined)
    .filter((order) => isOpen(order) && (symbol ?? order.symbol) === order.symbol)
    .map(orderBody);
  return { status: 200, body: `[${bodies.join(',')}]` };
}

/** With `older-bearer` the oldest order of a name, as it was placed, hides the newer ones. */
function asListed({ book, read }: EndpointCall, order: ExchangeOrder): ExchangeOrder | undefined {
  switch (read) {
    case 'missing':
      return undefined;
    case 'as-placed':
      return book.asPlaced(order.orderId);
    case 'older-bearer': {
      const bearers = book.bearersOf(order.symbol, order.clientOrderId);
      if (bearers.length < 2) return order;
      return bearers[0] === order ? book.asPlaced(order.orderId) : undefined;
    }
    case undefined:
      return order;
  }
}
