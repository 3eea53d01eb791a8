import type { ExchangeOrder } from '../exchange.ts';
import type { Naming } from './message-mix.ts';

/** A cancel request for an order, as JSON that names the order in that way; `more` goes before the closing brace. */
export function bodyOf(
  { symbol, orderId, clientOrderId }: Pick<ExchangeOrder, 'symbol' | 'orderId' | 'clientOrderId'>,
  naming: Naming,
  more = '',
): string {
  const fields = {
    id: `"orderId":"${orderId}"`,
    'id as a number': `"orderId":${orderId}`,
    name: `"clientOrderId":"${clientOrderId}"`,
    'id and name': `"orderId":"${orderId}","clientOrderId":"${clientOrderId}"`,
  };
  return `{"symbol":"${symbol}",${fields[naming]}${more}}`;
}
