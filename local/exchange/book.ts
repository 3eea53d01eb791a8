import {
  addQuantities,
  documentedOrder,
  type ExchangeOrder,
  FIRST_ORDER_ID,
  isOpen,
  type NewOrder,
  type OrderStatus,
} from './orders.ts';

/** A state of an order, from this time of the exchange's clock on. */
interface Version {
  readonly since: number;
  readonly order: ExchangeOrder;
}

/**
 * The orders of all accounts, with their history. Tests compare every claim about an order with it.
 */
export class Book {
  readonly #now: () => number;
  /** The versions of each order, by its id, oldest first. */
  readonly #versions = new Map<string, Version[]>();
  readonly #idsByName = new Map<string, string[]>();
  /** The time at which each accepted cancel takes effect, by order id. */
  readonly #acceptedCancels = new Map<string, number>();
  #nextId = FIRST_ORDER_ID;

  /** @param now the exchange's clock, in ms */
  constructor(now: () => number) {
    this.#now = now;
  }

  /**
   * Adds an order; fields that are not given are the documented order's.
   *
   * @throws Error when its id or pending name is taken
   */
  place(wanted: Partial<NewOrder> = {}): ExchangeOrder {
    const orderId = wanted.orderId ?? this.#freeId();
    if (this.#versions.has(orderId)) throw new Error(`order ${orderId} is already in the book`);
    const now = this.#now();
    const { createTime = now, updateTime = createTime } = wanted;
    const draft = { ...documentedOrder, ...wanted, orderId, createTime, updateTime };
    const order: ExchangeOrder = { ...draft, avgPrice: draft.executedQty === '0' ? '0' : draft.price };
    if (isOpen(order) && this.isNamePending(order)) {
      throw new Error(`a pending order is already named ${order.clientOrderId}`);
    }
    this.#versions.set(orderId, [{ since: createTime, order }]);
    this.#remember(order);
    return order;
  }

  /** Returns the order as it is now; a cancel that is due takes effect first. */
  get(orderId: string): ExchangeOrder | undefined {
    const order = this.#versions.get(orderId)?.at(-1)?.order;
    const due = this.#acceptedCancels.get(orderId);
    if (order === undefined || due === undefined || due > this.#now()) return order;
    this.#acceptedCancels.delete(orderId);
    return isOpen(order) ? this.#update(order, { status: 'CANCELLED' }, due) : order;
  }

  /** Returns the order as it was at that time; undefined before it was created. */
  at(orderId: string, time: number): ExchangeOrder | undefined {
    this.get(orderId);
    return this.#versions.get(orderId)?.findLast(({ since }) => since <= time)?.order;
  }

  asPlaced(orderId: string): ExchangeOrder | undefined {
    return this.#versions.get(orderId)?.[0]?.order;
  }

  /** Returns the order as it was when it was last open. */
  lastOpen(orderId: string): ExchangeOrder | undefined {
    return this.#versions.get(orderId)?.findLast(({ order }) => isOpen(order))?.order;
  }

  /** Returns every order of the account that has had this name, in the order of placing. */
  bearersOf(order: Named): readonly ExchangeOrder[] {
    const ids = this.#idsByName.get(nameKey(order)) ?? [];
    return ids.map((id) => this.get(id)).filter((bearer) => bearer !== undefined);
  }

  /** Names are unique among an account's pending orders only; an empty name does not count. */
  isNamePending(order: Named): boolean {
    return this.bearersOf(order).some(isOpen);
  }

  /**
   * Cancels an open order `delayMs` from now: 0 at once, Infinity never. A second cancel does not
   * delay the first. An order that has ended stays as it is: a cancel accepted before may have
   * taken effect since the caller looked.
   *
   * @throws Error when there is no such order
   */
  cancel(orderId: string, delayMs: number): ExchangeOrder {
    const order = this.#anyOrder(orderId);
    if (!isOpen(order)) return order;
    if (delayMs === 0) {
      this.#acceptedCancels.delete(orderId);
      return this.#update(order, { status: 'CANCELLED' });
    }
    const due = this.#now() + delayMs;
    this.#acceptedCancels.set(orderId, Math.min(due, this.#acceptedCancels.get(orderId) ?? due));
    return order;
  }

  /**
   * Fills an open order, completely or by `quantity`.
   *
   * @throws Error when it is not open or has less left
   */
  fill(orderId: string, quantity?: string): ExchangeOrder {
    const order = this.#openOrder(orderId);
    const executedQty = quantity === undefined ? order.quantity : addQuantities(order.executedQty, quantity);
    const left = Number(order.quantity) - Number(executedQty);
    if (left < 0) throw new Error(`order ${orderId} has less than ${quantity} left to fill`);
    const status = left === 0 ? 'FILLED' : 'PARTIALLY_FILLED';
    return this.#update(order, { status, executedQty, avgPrice: order.price });
  }

  /** Sets an order's status, whatever it was. @throws Error when there is no such order */
  settle(orderId: string, status: OrderStatus): ExchangeOrder {
    return this.#update(this.#anyOrder(orderId), { status });
  }

  *all(): Iterable<ExchangeOrder> {
    for (const orderId of this.#versions.keys()) {
      const order = this.get(orderId);
      if (order !== undefined) yield order;
    }
  }

  #anyOrder(orderId: string): ExchangeOrder {
    const order = this.get(orderId);
    if (order === undefined) throw new Error(`no order ${orderId} in the book`);
    return order;
  }

  #openOrder(orderId: string): ExchangeOrder {
    const order = this.#anyOrder(orderId);
    if (!isOpen(order)) throw new Error(`order ${orderId} is ${order.status}, not open`);
    return order;
  }

  #update(order: ExchangeOrder, change: Partial<ExchangeOrder>, since = this.#now()): ExchangeOrder {
    const updated = { ...order, ...change, updateTime: since };
    this.#versions.get(order.orderId)?.push({ since, order: updated });
    return updated;
  }

  #freeId(): string {
    while (this.#versions.has(String(this.#nextId))) this.#nextId += 1n;
    return String(this.#nextId++);
  }

  #remember(order: ExchangeOrder): void {
    if (order.clientOrderId === '') return;
    const key = nameKey(order);
    const ids = this.#idsByName.get(key);
    if (ids === undefined) this.#idsByName.set(key, [order.orderId]);
    else ids.push(order.orderId);
  }
}

/** A name, and where it has to be unique. */
type Named = Pick<ExchangeOrder, 'account' | 'symbol' | 'clientOrderId'>;

/** No part of the key can contain a line feed, so the key is unambiguous. */
function nameKey({ account, symbol, clientOrderId }: Named): string {
  return `${account}\n${symbol}\n${clientOrderId}`;
}
