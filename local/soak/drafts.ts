import { type EmbeddedExchange, type ExchangeOrder, type Fault, faults } from '../exchange.ts';
import { bodyOf } from './bodies.ts';
import type { PlannedMessage } from './message-mix.ts';
import type { Draft } from './ready-message.ts';

/** The answer of a connection that is reset. */
const NEVER_SENT = { status: 503, body: '' };
/**
 * A newer order that takes over a name is told from the older one by its time, and the exchange's clock is known no
 * better than a round trip: so the cancel is asked for a second before.
 */
const REUSE_AFTER_SECONDS = 1;

type PlannedCancel = Extract<PlannedMessage, { kind: 'cancel' }>;

/** A cancel of this order, with what goes wrong in its calls. */
export function spoiltCancel(
  planned: PlannedCancel,
  order: ExchangeOrder,
  exchange: EmbeddedExchange,
): Draft {
  const { naming, spoilt, answerIsLost, fate } = planned;
  const { orderId, clientOrderId } = order;
  const who = naming === 'name' ? { clientOrderId } : { orderId };
  return {
    body: bodyOf(order, naming),
    intent: { kind: 'cancel', orderId },
    answerIsLost,
    beforeSending: () => {
      for (const { method, fault, times } of spoilt) exchange.script(fault, { ...who, method, times });
      if (fate === 'overtaken')
        exchange.script(
          lostAnd(() => exchange.fill(orderId)),
          { ...who, method: 'GET' },
        );
    },
  };
}

/** The answer of the call is lost, and in that moment something happens. */
function lostAnd(happens: () => void): Fault {
  return {
    ...faults.reset({ executed: true }),
    answer: () => {
      happens();
      return NEVER_SENT;
    },
  };
}

/** The name goes to a newer order, a bystander, as soon as the older one is cancelled and before anyone hears of that. */
export function reusedName(
  when: 'in mid-cancel' | 'once settled',
  order: ExchangeOrder,
  exchange: EmbeddedExchange,
): Draft {
  const { symbol, clientOrderId, orderId } = order;
  const reuse = () => {
    // Not when the cancel was not carried out after all, refused for its clock or its key.
    if (exchange.order(orderId)?.status === 'CANCELLED') exchange.place({ symbol, clientOrderId });
  };
  const shared = {
    body: bodyOf(order, 'name'),
    intent: { kind: 'cancel', orderId },
    delaySeconds: REUSE_AFTER_SECONDS,
  } as const;
  return when === 'once settled'
    ? { ...shared, answerIsLost: true, afterLoss: reuse }
    : {
        ...shared,
        beforeSending: () => exchange.script(lostAnd(reuse), { clientOrderId, method: 'DELETE' }),
      };
}
