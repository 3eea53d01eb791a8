import type { ListedOrder, Order } from '../order.ts';
import type { KillCounts, KilledOrder } from '../outcome.ts';

/** The results that an answer shows at most. */
const MOST_RESULTS = 200;

type End = 'canceled' | 'filled' | 'closed';

/** The orders that a kill covers and that lists have shown, and what became of them. */
export class Tally {
  readonly #seen = new Map<string, ListedOrder>();
  readonly #newer = new Set<string>();
  readonly #ends = new Map<string, { readonly outcome: End; readonly executedQty: string | undefined }>();
  #left = new Map<string, ListedOrder>();

  /** Orders that the last list showed, or a query, and that nothing has shown terminal. */
  get left(): readonly ListedOrder[] {
    return [...this.#left.values()];
  }

  /** Orders that lists showed, that are not left, and whose end is not known; newest first. */
  get unexamined(): readonly ListedOrder[] {
    const orders = [...this.#seen.values()].filter(
      ({ orderId }) => !this.#ends.has(orderId) && !this.#left.has(orderId),
    );
    return orders.sort((a, b) => (b.createdAt ?? 0) - (a.createdAt ?? 0));
  }

  /** Returns true for an order whose end is known. */
  hasEnded(orderId: string): boolean {
    return this.#ends.has(orderId);
  }

  /** Notes an order that was created after the kill was asked for. */
  noteNewer(orderId: string): void {
    this.#newer.add(orderId);
  }

  /** Notes orders that a list showed before the kill had canceled them. */
  noteSeen(orders: readonly ListedOrder[]): void {
    for (const order of orders) this.#seen.set(order.orderId, order);
  }

  /**
   * Notes the orders that the last list showed, of some symbols or of all: they are left unless
   * their end is known.
   */
  noteList(orders: readonly ListedOrder[], symbols?: readonly string[]): void {
    for (const { orderId, symbol } of this.left)
      if (symbols?.includes(symbol) ?? true) this.#left.delete(orderId);
    this.noteSeen(orders);
    for (const order of orders) if (!this.#ends.has(order.orderId)) this.#left.set(order.orderId, order);
  }

  /** Notes that an order is open, which contradicts the lists. */
  noteOpen(order: ListedOrder): void {
    this.#left.set(order.orderId, order);
  }

  /** Notes an order's end, as its own answer or query has shown it. */
  noteEnd({ orderId }: ListedOrder, outcome: End, { executedQty }: Pick<Order, 'executedQty'>): void {
    this.#ends.set(orderId, { outcome, executedQty });
    this.#left.delete(orderId);
  }

  /** Counts the orders by what became of them. */
  counts(): KillCounts {
    const ends = [...this.#ends.values()].map(({ outcome }) => outcome);
    const count = (wanted: End) => ends.filter((outcome) => outcome === wanted).length;
    const [seen, left] = [this.#seen.size, this.#left.size];
    return {
      seen,
      canceled: count('canceled'),
      filled: count('filled'),
      closed: count('closed'),
      unexamined: seen - left - ends.length,
      left,
      newer: this.#newer.size,
    };
  }

  /** Returns what is known of each order, those that are left first; 200 at most. */
  results(): readonly KilledOrder[] {
    const all = [...this.#seen.values()].map((order) => this.#resultOf(order));
    const rank = { left: 0, unexamined: 1, canceled: 2, filled: 2, closed: 2 };
    return all.sort((a, b) => rank[a.outcome] - rank[b.outcome]).slice(0, MOST_RESULTS);
  }

  #resultOf({ orderId, symbol, clientOrderId, executedQty }: ListedOrder): KilledOrder {
    const end = this.#ends.get(orderId) ?? { executedQty };
    const outcome = 'outcome' in end ? end.outcome : this.#left.has(orderId) ? 'left' : 'unexamined';
    return { orderId, symbol, clientOrderId, outcome, executedQty: end.executedQty };
  }
}
