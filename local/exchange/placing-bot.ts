import type { ReceivedCall } from './calls.ts';
import type { ExchangeOrder, NewOrder } from './orders.ts';

interface PlacingBotOptions {
  /** The order that it places; its name gets a number. Default: the documented order. */
  readonly order?: Partial<NewOrder>;
  /** Returns true for a call before which it places an order. Default: every call. */
  readonly when?: (call: ReceivedCall) => boolean;
  /** The number of orders after which it stops. Default Infinity. */
  readonly most?: number;
}

/** Returns a `beforeCall` hook that keeps placing orders, like a bot that trades. */
export function placingBot(
  exchange: { place(order: Partial<NewOrder>): ExchangeOrder },
  { order = {}, when = () => true, most = Number.POSITIVE_INFINITY }: PlacingBotOptions = {},
): (number: number, call: ReceivedCall) => void {
  let placed = 0;
  return (_number, call) => {
    if (placed >= most || !when(call)) return;
    placed += 1;
    exchange.place({ ...order, clientOrderId: `${order.clientOrderId ?? 'bot'}-${placed}` });
  };
}
