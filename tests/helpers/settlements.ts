import { type AnsweredOrder, readOrder } from '../../lib/order.ts';
import type { Outcome, Settlement } from '../../lib/outcome.ts';

/** The exchange's JSON of an order that no JavaScript number can name, with this status. */
export const orderText = (status: string) =>
  `{"orderId":4611875134427365377, "symbol":"BTC-200730-9000-C","status":"${status}","avgPrice":100.10}`;

/** The documented order with this status, read from its JSON. */
export function orderWith(status: string): AnsweredOrder {
  const order = readOrder(orderText(status));
  if (order === undefined) throw new Error('no order');
  return order;
}

/** An outcome after one call of 12 ms, without a throttle, unless told otherwise. */
export function settled(outcome: Outcome, more: Partial<Settlement> = {}): Settlement {
  const orderId = 'order' in outcome ? outcome.order.orderId : undefined;
  return { outcome, orderId, attempts: 1, latencyMs: 12, throttledForMs: 0, usedWeight: undefined, ...more };
}
