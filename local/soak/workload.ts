import { MAIN_ACCOUNT } from '../exchange/orders.ts';
import {
  type EmbeddedExchange,
  type ExchangeOrder,
  type Fault,
  faults,
  isOpen,
  type NewOrder,
  placingBot,
  SYMBOLS,
} from '../exchange.ts';
import type { KillTarget } from '../oracle.ts';
import type { Naming, OrderFate, PlannedCancel, PlannedKill, PlannedMessage } from './generator.ts';

/** The meaning of a kill. */
export interface KillIntent extends KillTarget {
  readonly kind: 'kill';
  readonly dryRun: boolean;
  /** The moment at which a late kill was asked for, in ms since the epoch. */
  readonly askedAt: number | undefined;
}

/** The meaning of a message, as its generator knows it. */
export type Intent =
  | KillIntent
  | { readonly kind: 'cancel'; readonly orderId: string }
  | { readonly kind: 'no such order' | 'two orders' | 'expired' | 'malformed' };

/** A planned message whose order is in the exchange's book. */
export interface Request {
  /** Default: the queue of cancels. */
  readonly queue?: 'kill' | undefined;
  readonly body: string;
  readonly intent: Intent;
  /** Seconds for which the queue delays it. Default 0. */
  readonly delaySeconds?: number;
  /** The message attribute `askedAt`, which a redrive adds. */
  readonly askedAt?: string | undefined;
  /** True when the handler's first answer that settles it is to be lost. */
  readonly answerIsLost?: boolean;
  /** Arranges the faults at the exchange. */
  readonly beforeSending?: () => void;
  readonly afterLoss?: () => void;
}

/** The account that every second cancel names; the others are of the processes' default account. */
export const DESK_ACCOUNT = 'desk-a';
/** The account whose orders are killed. The other cancels have one of their own. */
export const KILL_ACCOUNT = 'kills';

const CANCEL_SYMBOLS = ['BTC-200730-9000-C', 'ETH-261225-4000-P', 'DOGE-240126-0.08-C'];
const SLOW_MS = 200;
const MINUTE_MS = 60_000;
/** The creation of an order that cannot be queried once it is canceled without a fill. */
const MORE_THAN_THREE_DAYS_AGO = Date.UTC(2020, 0, 1);
/** An order with this in its name is left open by mass cancels. */
const SURVIVOR = 'survivor';
const LIST_PATH = '/eapi/v1/openOrders';
/** The bot trades rarely enough for every kill to find an end. */
const LISTS_PER_TRADE = 9;
/**
 * Delay of a request whose name is re-used. A newer order is distinguished by its creation time,
 * and a process knows the exchange's clock no better than a round trip.
 */
const REUSE_AFTER_SECONDS = 1;

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

/** The orders at the exchange to which the messages refer. */
export class Workload {
  /** The times at which orders that kills may cancel came into the book, in ms since the epoch, by id. */
  readonly placedAt = new Map<string, number>();
  readonly #exchange: EmbeddedExchange;
  /** The moment at which every late kill of the run was asked for. */
  readonly #longAgo = Date.now() - 10 * MINUTE_MS;

  constructor(exchange: EmbeddedExchange) {
    this.#exchange = exchange;
  }

  /**
   * Places the orders of the planned cancels, and beside each two bystanders: one with the next id,
   * which is the same number where 64-bit ids are rounded, and one of the same name in the other
   * account. Returns the messages. A kill's orders are placed when it is sent, since a fresh kill
   * cancels all that are there.
   */
  requestsOf(messages: readonly PlannedMessage[]): Request[] {
    const requests: Request[] = [];
    for (const [index, message] of messages.entries()) {
      requests.push(this.#requestOf(message, index, requests));
    }
    return requests;
  }

  /** Sets what kills meet throughout a run, and starts a bot that trades in their account. */
  startTrading(): void {
    Object.assign(this.#exchange.behaviour, {
      listLagMs: 200,
      massDelayMs: 100,
      pageCap: 20,
      massSurvivors: ({ clientOrderId }: NewOrder) => clientOrderId.includes(SURVIVOR),
    });
    let lists = 0;
    this.#exchange.beforeCall = placingBot(
      { place: (order) => this.#placeAndNote(order) },
      {
        order: { account: KILL_ACCOUNT, clientOrderId: 'mm1-bot' },
        when: ({ path }) => path === LIST_PATH && lists++ % LISTS_PER_TRADE === 0,
      },
    );
  }

  #requestOf(message: PlannedMessage, index: number, earlier: readonly Request[]): Request {
    switch (message.kind) {
      case 'cancel':
        return this.#cancel(message, this.#place(index, FATES[message.fate], message.olderBearer));
      case 'kill':
        return this.#kill(message, index);
      case 'cancel among kills': {
        const symbol = killSymbol(index);
        const named = { account: KILL_ACCOUNT, symbol, clientOrderId: `mm1-single-${index}` };
        return { queue: 'kill', ...cancelOf(this.#exchange.place(named), 'id') };
      }
      case 'name reused':
        return this.#nameReused(message.onceSettled, this.#place(index));
      case 'no such order':
        return { body: bodyOf(missingOrder(index), message.naming), intent: { kind: 'no such order' } };
      case 'two orders': {
        const order = this.#place(index);
        const named = { ...order, clientOrderId: bystanderOf(order.clientOrderId) };
        return { body: bodyOf(named, 'id and name'), intent: { kind: 'two orders' } };
      }
      case 'expired': {
        const body = bodyOf(this.#place(index), message.naming, `,"expiresAt":${message.expiresAt}`);
        return { body, intent: { kind: 'expired' } };
      }
      case 'malformed': {
        const { body, answerIsLost } = message;
        return { body, answerIsLost, intent: { kind: 'malformed' } };
      }
      case 'copy': {
        // A copy of a message with a re-used name, which is delayed, would name another order.
        const original = earlier
          .slice(0, Math.max(0, earlier.length - message.back + 1))
          .findLast(({ delaySeconds }) => delaySeconds === undefined);
        const { queue, body, intent, askedAt } = original ?? cancelOf(this.#place(index), 'id');
        return { queue, body, intent, askedAt };
      }
    }
  }

  #place(index: number, fate: Partial<NewOrder> = {}, olderBearer?: PlannedCancel['olderBearer']) {
    const exchange = this.#exchange;
    const [account, other] = index % 2 === 0 ? [MAIN_ACCOUNT, DESK_ACCOUNT] : [DESK_ACCOUNT, MAIN_ACCOUNT];
    const named = {
      symbol: CANCEL_SYMBOLS[index % CANCEL_SYMBOLS.length] ?? '',
      clientOrderId: `desk-${index}`,
      account,
    };
    if (olderBearer !== undefined) {
      exchange.place({ ...named, status: olderBearer, createTime: this.#longAgo });
    }
    const order = exchange.place({ ...named, ...fate });
    exchange.place({ ...named, clientOrderId: bystanderOf(named.clientOrderId) });
    exchange.place({ ...named, account: other });
    return order;
  }

  #cancel({ fate, naming, faults: planned, answerIsLost }: PlannedCancel, order: ExchangeOrder): Request {
    const exchange = this.#exchange;
    const { orderId, clientOrderId } = order;
    const beforeSending = () => {
      for (const { method, fault, times } of planned) {
        exchange.script(fault, { orderId, method, times });
        // The handler's first query of a name goes by name; every later call goes by id.
        const isByName = method === 'GET' && naming === 'name';
        if (isByName) exchange.script(fault, { clientOrderId, method, times });
      }
      // The order ends by itself, while a query of it by id loses its answer.
      if (fate === 'overtaken' || fate === 'matched with itself') {
        const ending = lostAnswer(() => this.#end(orderId, fate));
        exchange.script(ending, { orderId, method: 'GET' });
      }
    };
    return { ...cancelOf(order, naming), answerIsLost, beforeSending };
  }

  /** Ends an order in another way than by its cancel. */
  #end(orderId: string, fate: 'overtaken' | 'matched with itself'): void {
    const now = this.#exchange.order(orderId);
    if (now === undefined || !isOpen(now)) return;
    if (fate === 'overtaken') this.#exchange.fill(orderId);
    else this.#exchange.settle(orderId, 'EXPIRED_IN_MATCH');
  }

  /** Places a new order, a bystander, that takes the name as soon as the older one is canceled. */
  #nameReused(onceSettled: boolean, order: ExchangeOrder): Request {
    const { symbol, clientOrderId, orderId, account } = order;
    const reuse = () => {
      // The order is still open if the exchange refused the cancel for its clock or key.
      const isFree = this.#exchange.order(orderId)?.status === 'CANCELLED';
      if (isFree) this.#exchange.place({ symbol, clientOrderId, account });
    };
    const shared = { ...cancelOf(order, 'name'), delaySeconds: REUSE_AFTER_SECONDS };
    if (onceSettled) return { ...shared, answerIsLost: true, afterLoss: reuse };
    const beforeSending = () => this.#exchange.script(lostAnswer(reuse), { orderId, method: 'DELETE' });
    return { ...shared, beforeSending };
  }

  #kill(planned: PlannedKill, index: number): Request {
    const { scope, only, age, dryRun, answerIsLost, massFaults, listFaults } = planned;
    const longAgo = this.#longAgo;
    const askedAt = age === 'fresh' ? undefined : longAgo;
    const body = { kill: scope, only, dryRun, askedAt: age === 'late' ? longAgo : undefined };
    const mass = 'symbol' in scope ? 'allOpenOrders' : 'allOpenOrdersByUnderlying';
    return {
      queue: 'kill',
      body: JSON.stringify(body),
      intent: { kind: 'kill', scope, only, dryRun, askedAt },
      askedAt: age === 'redriven' ? new Date(longAgo).toISOString() : undefined,
      answerIsLost,
      beforeSending: () => {
        this.#placeForKill(planned, index);
        for (const fault of massFaults) this.#exchange.script(fault, { path: `/eapi/v1/${mass}` });
        for (const fault of listFaults) this.#exchange.script(fault, { path: LIST_PATH });
      },
    };
  }

  /** Gives a late kill orders placed before it was asked for, and orders placed since. */
  #placeForKill({ age, orders, hasGhost }: PlannedKill, index: number): void {
    const then = this.#longAgo + this.#exchange.clockSkewMs;
    for (let n = 0; n < orders; n += 1) {
      const createTime = n % 3 === 0 ? then + MINUTE_MS : then - MINUTE_MS;
      const { orderId } = this.#placeAndNote({
        account: KILL_ACCOUNT,
        symbol: killSymbol(index + n),
        side: n % 2 === 0 ? 'BUY' : 'SELL',
        clientOrderId: `${n % 4 < 2 ? 'mm1' : 'desk'}-${index}-${n}${n % 7 === 3 ? `-${SURVIVOR}` : ''}`,
        ...(age !== 'fresh' && { createTime }),
        ...(n % 5 === 4 && { createTime: MORE_THAN_THREE_DAYS_AGO }),
      });
      if (hasGhost && n === 0) this.#exchange.behaviour.ghosts.add(orderId);
    }
  }

  #placeAndNote(order: Partial<NewOrder>): ExchangeOrder {
    const placed = this.#exchange.place(order);
    this.placedAt.set(placed.orderId, Date.now());
    return placed;
  }
}

const cancelOf = (order: ExchangeOrder, naming: Naming): Request => ({
  body: bodyOf(order, naming),
  intent: { kind: 'cancel', orderId: order.orderId },
});

/** Returns a cancel request for an order as JSON. `more` goes before the closing brace. */
function bodyOf(
  { symbol, orderId, clientOrderId, account }: ReturnType<typeof missingOrder>,
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

/** Returns an order that does not exist: the exchange never assigns ids this small. */
const missingOrder = (index: number) => ({
  symbol: CANCEL_SYMBOLS[0] ?? '',
  orderId: String(index + 1),
  clientOrderId: `missing-${index}`,
  account: MAIN_ACCOUNT,
});

const killSymbol = (index: number) => SYMBOLS[index % SYMBOLS.length] ?? '';

const bystanderOf = (clientOrderId: string) => `${clientOrderId}-bystander`;

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
