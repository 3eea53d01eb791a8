import {
  documentedOrder,
  type ExchangeOrder,
  FIRST_ORDER_ID,
  isOpen,
  type NewOrder,
  type OrderStatus,
} from './orders.ts';

/** A name, and where it has to be unique. */
type Named = Pick<ExchangeOrder, 'account' | 'symbol' | 'clientOrderId'>;

/**
 * The orders of all accounts, with their history. Tests compare every claim about an order with it.
 */
export class Book {
  /** The exchange's clock, in ms. */
  readonly now: () => number;
  /** The states of each order, by its id, oldest first. */
  readonly #histories = new Map<string, ExchangeOrder[]>();
  readonly #idsByName = new Map<string, readonly string[]>();
  /** The time at which each accepted cancel takes effect, by order id. */
  readonly #acceptedCancels = new Map<string, number>();
  #nextId = FIRST_ORDER_ID;

  constructor(now: () => number) {
    this.now = now;
  }

  /** Every order, in the order of placing. */
  get orders(): readonly ExchangeOrder[] {
    return [...this.#histories.keys()].map((orderId) => this.#known(orderId));
  }

  /** Returns the order as it is now. */
  order(orderId: string): ExchangeOrder | undefined {
    return this.history(orderId).at(-1);
  }

  /** Returns the states of an order, oldest first. A cancel that is due has taken effect. */
  history(orderId: string): readonly ExchangeOrder[] {
    const history = this.#histories.get(orderId) ?? [];
    const order = history.at(-1);
    const due = this.#acceptedCancels.get(orderId);
    if (order === undefined || due === undefined || due > this.now()) return history;
    this.#acceptedCancels.delete(orderId);
    if (isOpen(order)) this.#update(order, { status: 'CANCELLED' }, due);
    return history;
  }

  /** Returns every order of the account that has had this name, in the order of placing. */
  bearersOf(name: Named): readonly ExchangeOrder[] {
    return (this.#idsByName.get(nameKey(name)) ?? []).map((orderId) => this.#known(orderId));
  }

  /**
   * Adds an order; fields that are not given are the documented order's.
   *
   * @throws Error when the id is taken, or the name is taken by a pending order
   */
  place(wanted: Partial<NewOrder> = {}): ExchangeOrder {
    const orderId = wanted.orderId ?? this.#freeId();
    if (this.#histories.has(orderId)) throw new Error(`order ${orderId} is already in the book`);
    const { createTime = this.now(), updateTime = createTime } = wanted;
    const draft = { ...documentedOrder, ...wanted, orderId, createTime, updateTime };
    const order: ExchangeOrder = { ...draft, avgPrice: draft.executedQty === '0' ? '0' : draft.price };
    // Names are unique among an account's pending orders only.
    if (isOpen(order) && this.bearersOf(order).some(isOpen)) {
      throw new Error(`a pending order is already named ${order.clientOrderId}`);
    }
    this.#histories.set(orderId, [order]);
    if (order.clientOrderId !== '') {
      const key = nameKey(order);
      this.#idsByName.set(key, [...(this.#idsByName.get(key) ?? []), orderId]);
    }
    return order;
  }

  /**
   * Cancels an open order `delayMs` from now: 0 at once, Infinity never. A second cancel does not
   * delay the first. An order that has ended stays as it is: a cancel accepted before may have
   * taken effect since the caller looked.
   *
   * @throws Error when there is no such order
   */
  cancel(orderId: string, delayMs: number): ExchangeOrder {
    const order = this.#known(orderId);
    if (!isOpen(order)) return order;
    const due = this.now() + delayMs;
    this.#acceptedCancels.set(orderId, Math.min(due, this.#acceptedCancels.get(orderId) ?? due));
    return this.#known(orderId);
  }

  /**
   * Fills an open order, completely or by `quantity`.
   *
   * @throws Error when it is not open or has less left
   */
  fill(orderId: string, quantity?: string): ExchangeOrder {
    const order = this.#known(orderId);
    if (!isOpen(order)) throw new Error(`order ${orderId} is ${order.status}, not open`);
    const executedQty = quantity === undefined ? order.quantity : addQuantities(order.executedQty, quantity);
    const left = Number(order.quantity) - Number(executedQty);
    if (left < 0) throw new Error(`order ${orderId} has less than ${quantity} left to fill`);
    const status = left === 0 ? 'FILLED' : 'PARTIALLY_FILLED';
    return this.#update(order, { status, executedQty, avgPrice: order.price });
  }

  /** Sets an order's status, whatever it was. @throws Error when there is no such order */
  settle(orderId: string, status: OrderStatus): ExchangeOrder {
    return this.#update(this.#known(orderId), { status });
  }

  #known(orderId: string): ExchangeOrder {
    const order = this.order(orderId);
    if (order === undefined) throw new Error(`no order ${orderId} in the book`);
    return order;
  }

  #update(order: ExchangeOrder, change: Partial<ExchangeOrder>, updateTime = this.now()): ExchangeOrder {
    const updated = { ...order, ...change, updateTime };
    this.#histories.get(order.orderId)?.push(updated);
    return updated;
  }

  #freeId(): string {
    while (this.#histories.has(String(this.#nextId))) this.#nextId += 1n;
    return String(this.#nextId);
  }
}

/** No part of the key can contain a line feed, so the key is unambiguous. */
function nameKey({ account, symbol, clientOrderId }: Named): string {
  return `${account}\n${symbol}\n${clientOrderId}`;
}

/** Adds two decimal quantities, exactly to four places. */
function addQuantities(left: string, right: string): string {
  return String(Number((Number(left) + Number(right)).toFixed(4)));
}
