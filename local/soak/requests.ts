import { type EmbeddedExchange, type ExchangeOrder, type Fault, faults, isOpen } from '../exchange.ts';
import type { KillOnly, KillScope } from './kill-mix.ts';
import type { Naming, OrderFate, PlannedMessage } from './message-mix.ts';
import { DESK_ACCOUNT } from './settings.ts';

/** The meaning of a kill. */
export interface KillIntent {
  readonly kind: 'kill';
  readonly scope: KillScope;
  readonly only: KillOnly | undefined;
  readonly dryRun: boolean;
  /** The moment at which a late kill was asked for, in ms since the epoch. */
  readonly askedAt: number | undefined;
}

/** The meaning of a message, as its generator knows it. */
export type Intent =
  | KillIntent
  | { readonly kind: 'cancel'; readonly orderId: string }
  | { readonly kind: 'no such order' }
  | { readonly kind: 'two orders' }
  | { readonly kind: 'expired' }
  | { readonly kind: 'malformed' };

/** A planned message whose order is in the exchange's book. */
export interface Request {
  readonly queue: 'cancel' | 'kill';
  readonly body: string;
  readonly intent: Intent;
  /** Seconds for which the queue delays it. */
  readonly delaySeconds: number;
  /** The message attribute `askedAt`, which a redrive adds. */
  readonly askedAt: string | undefined;
  /** True when the handler's first answer that settles it is to be lost. */
  readonly answerIsLost: boolean;
  /** Arranges the faults at the exchange. */
  beforeSending(): void;
  afterLoss(): void;
}

/** A request without the fields that have their default. */
export type Draft = Partial<Request> & Pick<Request, 'body' | 'intent'>;

export function requestOf(draft: Draft): Request {
  const nothing = () => undefined;
  return {
    queue: 'cancel',
    delaySeconds: 0,
    askedAt: undefined,
    answerIsLost: false,
    beforeSending: nothing,
    afterLoss: nothing,
    ...draft,
  };
}

/** Returns a cancel request for an order as JSON. `more` goes before the closing brace. */
export function bodyOf(
  { symbol, orderId, clientOrderId, account }: NamedOrder,
  naming: Naming,
  more = '',
): string {
  const fields = {
    id: `"orderId":"${orderId}"`,
    'id as a number': `"orderId":${orderId}`,
    name: `"clientOrderId":"${clientOrderId}"`,
    'id and name': `"orderId":"${orderId}","clientOrderId":"${clientOrderId}"`,
  };
  const ofDesk = account === DESK_ACCOUNT ? `,"account":"${account}"` : '';
  return `{"symbol":"${symbol}",${fields[naming]}${ofDesk}${more}}`;
}

type NamedOrder = Pick<ExchangeOrder, 'symbol' | 'orderId' | 'clientOrderId'> & {
  readonly account?: string;
};

/**
 * Delay of a request whose name is re-used. A newer order is distinguished by its creation time,
 * and a process knows the exchange's clock no better than a round trip.
 */
const REUSE_AFTER_SECONDS = 1;

type PlannedCancel = Extract<PlannedMessage, { kind: 'cancel' }>;

/** Returns a cancel of this order with its planned faults. */
export function plannedCancel(
  planned: PlannedCancel,
  order: ExchangeOrder,
  exchange: EmbeddedExchange,
): Draft {
  const { orderId, clientOrderId } = order;
  const end = ENDS[planned.fate];
  return {
    body: bodyOf(order, planned.naming),
    intent: { kind: 'cancel', orderId },
    answerIsLost: planned.answerIsLost,
    beforeSending: () => {
      for (const { method, fault, times } of planned.faults) {
        exchange.script(fault, { orderId, method, times });
        // The handler's first query of a name goes by name; every later call goes by id.
        const isByName = method === 'GET' && planned.naming === 'name';
        if (isByName) exchange.script(fault, { clientOrderId, method, times });
      }
      if (end === undefined) return;
      const ending = lostAnswer(() => {
        const now = exchange.order(orderId);
        if (now !== undefined && isOpen(now)) end(exchange, orderId);
      });
      exchange.script(ending, { orderId, method: 'GET' });
    },
  };
}

/** The ways in which an order ends by itself, while a query of it by id loses its answer. */
const ENDS: Readonly<Partial<Record<OrderFate, (exchange: EmbeddedExchange, orderId: string) => void>>> = {
  overtaken: (exchange, orderId) => exchange.fill(orderId),
  'matched with itself': (exchange, orderId) => exchange.settle(orderId, 'EXPIRED_IN_MATCH'),
};

/** Loses the answer of a call, and runs `event` at that moment. */
function lostAnswer(event: () => void): Fault {
  return {
    ...faults.reset({ executed: true }),
    answer: () => {
      event();
      return { status: 503, body: '' };
    },
  };
}

/**
 * Returns a cancel by name. A new order, a bystander, takes the name as soon as the older one is
 * canceled.
 */
export function reusedName(
  when: 'during the cancel' | 'once settled',
  order: ExchangeOrder,
  exchange: EmbeddedExchange,
): Draft {
  const { symbol, clientOrderId, orderId, account } = order;
  const reuse = () => {
    // The order is still open if the exchange refused the cancel for its clock or key.
    const isFree = exchange.order(orderId)?.status === 'CANCELLED';
    if (isFree) exchange.place({ symbol, clientOrderId, account });
  };
  const shared: Draft = {
    body: bodyOf(order, 'name'),
    intent: { kind: 'cancel', orderId },
    delaySeconds: REUSE_AFTER_SECONDS,
  };
  if (when === 'once settled') return { ...shared, answerIsLost: true, afterLoss: reuse };
  const fault = lostAnswer(reuse);
  return {
    ...shared,
    beforeSending: () => exchange.script(fault, { orderId, method: 'DELETE' }),
  };
}
