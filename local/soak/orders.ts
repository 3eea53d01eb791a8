import type { EmbeddedExchange, ExchangeOrder, NewOrder } from '../exchange.ts';
import { bodyOf } from './bodies.ts';
import { reusedName, spoiltCancel } from './drafts.ts';
import type { OrderFate, PlannedMessage } from './message-mix.ts';
import type { Draft, ReadyMessage } from './ready-message.ts';

const SYMBOLS = ['BTC-200730-9000-C', 'ETH-261225-4000-P', 'DOGE-240126-0.08-C'];
const SLOW_MS = 200;

const FATES: Readonly<Record<OrderFate, Partial<NewOrder>>> = {
  open: {},
  'partly filled': { quantity: '2', executedQty: '1', status: 'PARTIALLY_FILLED' },
  slow: { acceptedForMs: SLOW_MS },
  stuck: { acceptedForMs: Number.POSITIVE_INFINITY },
  overtaken: { acceptedForMs: Number.POSITIVE_INFINITY },
  filled: { executedQty: '1', status: 'FILLED' },
  rejected: { status: 'REJECTED' },
};

/**
 * Puts the orders of a plan into the exchange's book, and beside each an order of a bystander with the next id, which
 * is the same number where 64-bit ids are rounded.
 */
export function placeOrders(messages: readonly PlannedMessage[], exchange: EmbeddedExchange): ReadyMessage[] {
  const ready: ReadyMessage[] = [];
  for (const [index, message] of messages.entries()) {
    const draft = draftOf(message, index, ready, exchange);
    const nothing = () => undefined;
    ready.push({
      delaySeconds: 0,
      answerIsLost: false,
      beforeSending: nothing,
      afterLoss: nothing,
      ...draft,
    });
  }
  return ready;
}

function draftOf(
  message: PlannedMessage,
  index: number,
  earlier: readonly ReadyMessage[],
  exchange: EmbeddedExchange,
): Draft {
  switch (message.kind) {
    case 'malformed':
      return { ...message, intent: { kind: 'malformed' } };
    case 'no such order':
      return { body: bodyOf(noOrder(index), message.naming), intent: { kind: 'no such order' } };
    case 'expired': {
      const body = bodyOf(place(exchange, index), message.naming, `,"expiresAt":${message.expiresAt}`);
      return { body, intent: { kind: 'expired' } };
    }
    case 'copy': {
      const { body, intent } = copiedFrom(earlier, message.back) ?? plainCancel(exchange, index);
      return { body, intent };
    }
    case 'name reused':
      return reusedName(message.when, place(exchange, index), exchange);
    case 'cancel':
      return spoiltCancel(message, place(exchange, index, FATES[message.fate]), exchange);
  }
}

function plainCancel(exchange: EmbeddedExchange, index: number): Draft {
  const order = place(exchange, index);
  return { body: bodyOf(order, 'id'), intent: { kind: 'cancel', orderId: order.orderId } };
}

/** A name that is reused names another order the second time: such a message is not copied. */
function copiedFrom(earlier: readonly ReadyMessage[], back: number): ReadyMessage | undefined {
  return earlier
    .slice(0, Math.max(0, earlier.length - back + 1))
    .findLast(({ delaySeconds }) => delaySeconds === 0);
}

function place(exchange: EmbeddedExchange, index: number, fate: Partial<NewOrder> = {}): ExchangeOrder {
  const symbol = SYMBOLS[index % SYMBOLS.length] ?? '';
  const order = exchange.place({ symbol, clientOrderId: `desk-${index}`, ...fate });
  exchange.place({ symbol, clientOrderId: `desk-${index}-bystander` });
  return order;
}

/** Ids that the exchange never gives out. */
const noOrder = (index: number) => ({
  symbol: SYMBOLS[0] ?? '',
  orderId: String(index + 1),
  clientOrderId: `nobody-${index}`,
});
