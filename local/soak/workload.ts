import { MAIN_ACCOUNT } from '../exchange/orders.ts';
import type { EmbeddedExchange, ExchangeOrder, NewOrder, OrderStatus } from '../exchange.ts';
import { cancelAmongKills, plannedKill, type Times } from './kill-requests.ts';
import type { OrderFate, PlannedMessage } from './message-mix.ts';
import { bodyOf, type Draft, plannedCancel, type Request, requestOf, reusedName } from './requests.ts';
import { DESK_ACCOUNT, MORE_THAN_THREE_DAYS_AGO } from './settings.ts';

const SYMBOLS = ['BTC-200730-9000-C', 'ETH-261225-4000-P', 'DOGE-240126-0.08-C'];
const SLOW_MS = 200;
const TEN_MINUTES_MS = 600_000;

const FATES: Readonly<Record<OrderFate, Partial<NewOrder>>> = {
  open: {},
  'partly filled': { quantity: '2', executedQty: '1', status: 'PARTIALLY_FILLED' },
  slow: { acceptedForMs: SLOW_MS },
  stuck: { acceptedForMs: Number.POSITIVE_INFINITY },
  overtaken: { acceptedForMs: Number.POSITIVE_INFINITY },
  'matched with itself': { acceptedForMs: Number.POSITIVE_INFINITY },
  old: { createTime: MORE_THAN_THREE_DAYS_AGO },
  'old and slow': { createTime: MORE_THAN_THREE_DAYS_AGO, acceptedForMs: SLOW_MS },
  filled: { executedQty: '1', status: 'FILLED' },
  rejected: { status: 'REJECTED' },
};

/**
 * Places the orders of the planned cancels, and beside each two bystanders: one with the next id,
 * which is the same number where 64-bit ids are rounded, and one of the same name in the other
 * account. Returns the messages.
 */
export function placeOrders(
  messages: readonly PlannedMessage[],
  exchange: EmbeddedExchange,
  placedAt: Map<string, number>,
): Request[] {
  const requests: Request[] = [];
  const longAgo = Date.now() - TEN_MINUTES_MS;
  for (const [index, message] of messages.entries()) {
    requests.push(requestOf(draftOf(message, index, { earlier: requests, exchange, longAgo, placedAt })));
  }
  return requests;
}

interface Circumstances extends Times {
  readonly earlier: readonly Request[];
  readonly exchange: EmbeddedExchange;
}

function draftOf(
  message: PlannedMessage,
  index: number,
  { earlier, exchange, ...times }: Circumstances,
): Draft {
  switch (message.kind) {
    case 'kill':
      return plannedKill(message, index, exchange, times);
    case 'cancel among kills':
      return cancelAmongKills(index, exchange);
    case 'malformed':
      return { ...message, intent: { kind: 'malformed' } };
    case 'no such order':
      return { body: bodyOf(missingOrder(index), message.naming), intent: { kind: 'no such order' } };
    case 'two orders': {
      const order = place(exchange, index);
      const named = { ...order, clientOrderId: bystanderOf(order.clientOrderId) };
      return { body: bodyOf(named, 'id and name'), intent: { kind: 'two orders' } };
    }
    case 'expired': {
      const body = bodyOf(place(exchange, index), message.naming, `,"expiresAt":${message.expiresAt}`);
      return { body, intent: { kind: 'expired' } };
    }
    case 'copy': {
      const original = copiedFrom(earlier, message.back) ?? requestOf(plainCancel(exchange, index));
      const { queue, body, intent, askedAt } = original;
      return { queue, body, intent, askedAt };
    }
    case 'name reused':
      return reusedName(message.when, place(exchange, index), exchange);
    case 'cancel':
      return plannedCancel(
        message,
        place(exchange, index, FATES[message.fate], message.olderBearer),
        exchange,
      );
  }
}

function plainCancel(exchange: EmbeddedExchange, index: number): Draft {
  const order = place(exchange, index);
  return { body: bodyOf(order, 'id'), intent: { kind: 'cancel', orderId: order.orderId } };
}

/** Does not copy a message with a re-used name, since the copy would name another order. */
function copiedFrom(earlier: readonly Request[], back: number): Request | undefined {
  return earlier
    .slice(0, Math.max(0, earlier.length - back + 1))
    .findLast(({ delaySeconds }) => delaySeconds === 0);
}

function place(
  exchange: EmbeddedExchange,
  index: number,
  fate: Partial<NewOrder> = {},
  olderBearer?: OrderStatus,
): ExchangeOrder {
  const [account, other] = index % 2 === 0 ? [MAIN_ACCOUNT, DESK_ACCOUNT] : [DESK_ACCOUNT, MAIN_ACCOUNT];
  const named = { symbol: SYMBOLS[index % SYMBOLS.length] ?? '', clientOrderId: `desk-${index}`, account };
  if (olderBearer !== undefined) {
    exchange.place({ ...named, status: olderBearer, createTime: Date.now() - TEN_MINUTES_MS });
  }
  const order = exchange.place({ ...named, ...fate });
  exchange.place({ ...named, clientOrderId: bystanderOf(named.clientOrderId) });
  exchange.place({ ...named, account: other });
  return order;
}

const bystanderOf = (clientOrderId: string) => `${clientOrderId}-bystander`;

/** An order that does not exist: the exchange never assigns ids this small. */
const missingOrder = (index: number) => ({
  symbol: SYMBOLS[0] ?? '',
  orderId: String(index + 1),
  clientOrderId: `missing-${index}`,
});
