import type { ListedOrder } from '../../lib/order.ts';

/** An open order as a list shows it, with every field that is not given. */
export function listedOrder(fields: Partial<ListedOrder> = {}): ListedOrder {
  return {
    orderId: '1',
    symbol: 'BTC-261225-90000-C',
    status: 'ACCEPTED',
    state: 'open',
    clientOrderId: 'mm1-a',
    createdAt: Date.UTC(2026, 0, 31, 11),
    updatedAt: Date.UTC(2026, 0, 31, 11),
    executedQty: '0',
    side: 'SELL',
    optionSide: 'CALL',
    ...fields,
  };
}
