import { MAIN_ACCOUNT } from '../exchange/orders.ts';
import {
  type EmbeddedExchange,
  type ExchangeOrder,
  faults,
  isOpen,
  type NewOrder,
  type OrderStatus,
  SYMBOLS,
} from '../exchange.ts';
import type { KillTarget } from '../oracle.ts';
import {
  FATES,
  type Fate,
  KILL_ACCOUNT,
  MORE_THAN_THREE_DAYS_AGO,
  type Naming,
  type OrderFate,
  type PlannedCancel,
  type PlannedKill,
  type PlannedMessage,
} from './messages.ts';

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
  readonly queue: 'cancel' | 'kill';
  readonly body: string;
  readonly intent: Intent;
  /** Seconds for which the queue delays it. Default 0. */
  readonly delaySeconds?: number | undefined;
  /** The message attribute `askedAt`, which a redrive adds. */
  readonly askedAt?: string | undefined;
  /** True when the handler's first answer that settles it is to be lost. */
  readonly answerIsLost?: boolean;
  /** Arranges the faults at the exchange. */
  readonly beforeSending?: () => void;
  readonly afterLoss?: () => void;
}

/** The account that every second cancel names. */
export const DESK_ACCOUNT = 'desk-a';

const MINUTE_MS = 60_000;
/** The moment at which every late kill was asked for. */
const LONG_AGO = Date.now() - 10 * MINUTE_MS;
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

/** The orders at the exchange to which the messages refer. */
export class Workload {
  /** The times at which orders that kills may cancel were placed, in ms since the epoch, by id. */
  readonly placedAt = new Map<string, number>();
  readonly #exchange: EmbeddedExchange;

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
    for (const message of messages) requests.push(this.#requestOf(message, requests));
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
    this.#exchange.beforeCall = (number, { path }) => {
      if (path !== LIST_PATH || lists++ % LISTS_PER_TRADE !== 0) return;
      this.#placeAndNote({ clientOrderId: `mm1-bot-${number}` });
    };
  }

  #requestOf(message: PlannedMessage, earlier: readonly Request[]): Request {
    const index = earlier.length;
    switch (message.kind) {
      case 'cancel':
        return this.#cancel(message, index);
      case 'kill':
        return this.#kill(message, index);
      case 'malformed':
        return { ...message, queue: 'cancel', intent: message };
      case 'copy': {
        // A copy of a message with a re-used name, which is delayed, would name another order.
        const original = earlier.findLast(
          ({ delaySeconds }, at) => delaySeconds === undefined && at <= index - message.back,
        );
        const { queue, body, intent, askedAt } = original ?? cancelOf(this.#place(index, 'open'), 'id');
        return { queue, body, intent, askedAt };
      }
    }
  }

  #place(index: number, fate: OrderFate, olderBearer?: OrderStatus): ExchangeOrder {
    const exchange = this.#exchange;
    const [account, other] = index % 2 === 0 ? [MAIN_ACCOUNT, DESK_ACCOUNT] : [DESK_ACCOUNT, MAIN_ACCOUNT];
    const { order: changes, prefix = 'desk' }: Fate = FATES[fate];
    const named = { symbol: symbolOf(index), clientOrderId: `${prefix}-${index}`, account };
    if (olderBearer !== undefined) {
      exchange.place({ ...named, status: olderBearer, createTime: LONG_AGO });
    }
    const order = exchange.place({ ...named, ...changes });
    exchange.place({ ...named, clientOrderId: `${order.clientOrderId}-bystander` });
    exchange.place({ ...named, account: other });
    return order;
  }

  #cancel(planned: PlannedCancel, index: number): Request {
    const { fate, olderBearer, answerIsLost } = planned;
    const exchange = this.#exchange;
    const order = this.#place(index, fate, olderBearer);
    const { orderId, clientOrderId } = order;
    const { naming = planned.naming, during }: Fate = FATES[fate];
    const beforeSending = () => {
      for (const { method, fault, times } of planned.faults) {
        exchange.script(fault, { orderId, method, times });
        // The handler's first query of a name goes by name; every later call goes by id.
        const isByName = method === 'GET' && naming === 'name';
        if (isByName) exchange.script(fault, { clientOrderId, method, times });
      }
      const lost = faults.reset({ executed: true });
      const answer = () => {
        this.#happen(fate, orderId);
        return { status: 503, body: '' };
      };
      if (during !== undefined) exchange.script({ ...lost, answer }, { orderId, method: during });
    };
    return {
      ...cancelOf(order, naming, fate),
      queue: fate === 'among kills' ? 'kill' : 'cancel',
      delaySeconds: isReused(fate) ? REUSE_AFTER_SECONDS : undefined,
      answerIsLost: answerIsLost || fate === 'name reused once settled',
      beforeSending,
      afterLoss: () => {
        if (fate === 'name reused once settled') this.#happen(fate, orderId);
      },
    };
  }

  /**
   * Ends an order in another way than by its cancel, or gives its name to a new order, a bystander.
   */
  #happen(fate: OrderFate, orderId: string): void {
    const exchange = this.#exchange;
    const order = exchange.order(orderId);
    if (order === undefined) return;
    const { symbol, clientOrderId, account } = order;
    if (fate === 'overtaken' && isOpen(order)) exchange.fill(orderId);
    if (fate === 'matched with itself' && isOpen(order)) exchange.settle(orderId, 'EXPIRED_IN_MATCH');
    // The order is still open if the exchange refused the cancel for its clock or key.
    if (isReused(fate) && !isOpen(order)) exchange.place({ symbol, clientOrderId, account });
  }

  #kill(planned: PlannedKill, index: number): Request {
    const { scope, only, age, dryRun, answerIsLost, massFaults, listFaults } = planned;
    const mass = 'symbol' in scope ? 'allOpenOrders' : 'allOpenOrdersByUnderlying';
    return {
      queue: 'kill',
      body: JSON.stringify({
        kill: scope,
        only,
        dryRun,
        account: KILL_ACCOUNT,
        askedAt: age === 'late' ? LONG_AGO : undefined,
      }),
      intent: { ...planned, askedAt: age === 'fresh' ? undefined : LONG_AGO },
      askedAt: age === 'redriven' ? new Date(LONG_AGO).toISOString() : undefined,
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
    const then = LONG_AGO + this.#exchange.clockSkewMs;
    for (let n = 0; n < orders; n += 1) {
      const createTime = n % 3 === 0 ? then + MINUTE_MS : then - MINUTE_MS;
      const { orderId } = this.#placeAndNote({
        symbol: symbolOf(index + n),
        side: n % 2 === 0 ? 'BUY' : 'SELL',
        clientOrderId: `${n % 4 < 2 ? 'mm1' : 'desk'}-${index}-${n}${n % 7 === 3 ? `-${SURVIVOR}` : ''}`,
        ...(age !== 'fresh' && { createTime }),
        ...(n % 5 === 4 && { createTime: MORE_THAN_THREE_DAYS_AGO }),
      });
      if (hasGhost && n === 0) this.#exchange.behaviour.ghosts.add(orderId);
    }
  }

  #placeAndNote(order: Partial<NewOrder>): ExchangeOrder {
    const placed = this.#exchange.place({ ...order, account: KILL_ACCOUNT });
    this.placedAt.set(placed.orderId, Date.now());
    return placed;
  }
}

const isReused = (fate: OrderFate) => fate.startsWith('name reused');

/** Returns the request to cancel an order. */
function cancelOf(order: ExchangeOrder, naming: Naming, fate: OrderFate = 'open'): Request {
  const { symbol, account } = order;
  const isMissing = fate === 'missing';
  // The exchange never assigns ids this small.
  const orderId = isMissing ? order.orderId.slice(-7) : order.orderId;
  const suffix = isMissing ? '-missing' : fate === 'two orders' ? '-bystander' : '';
  const name = `"clientOrderId":"${order.clientOrderId}${suffix}"`;
  const fields = {
    id: `"orderId":"${orderId}"`,
    'id as a number': `"orderId":${orderId}`,
    name,
    'id and name': `"orderId":"${orderId}",${name}`,
  };
  const named = account === MAIN_ACCOUNT ? '' : `,"account":"${account}"`;
  const expiresAt = account === MAIN_ACCOUNT ? '1600000000000' : '"2020-09-13T12:26:40Z"';
  const expiry = fate === 'expired' ? `,"expiresAt":${expiresAt}` : '';
  const body = `{"symbol":"${symbol}",${fields[naming]}${named}${expiry}}`;
  const kind = isMissing ? 'no such order' : fate === 'expired' || fate === 'two orders' ? fate : 'cancel';
  return { queue: 'cancel', body, intent: { kind, orderId } };
}

const symbolOf = (index: number) => SYMBOLS[index % SYMBOLS.length] ?? SYMBOLS[0];
