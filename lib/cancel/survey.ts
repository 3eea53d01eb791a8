import type { CallResult, Failure } from '../exchange/result.ts';
import type { Session } from '../exchange/session.ts';
import type { ListedOrder } from '../order.ts';
import { coverageOf, type Epoch } from './coverage.ts';
import type { KillRequest } from './kill-request.ts';
import { Tally } from './tally.ts';

interface Options {
  readonly request: KillRequest;
  readonly session: Session;
  /** Returns the epoch, on the exchange's clock as far as it is known by then. */
  readonly epoch: () => Epoch;
}

/** Lists the book for a kill, and tells the orders that it covers from the others. */
export class Survey {
  readonly tally = new Tally();
  readonly #options: Options;
  #lists = 0;
  #hasSucceeded = false;
  #undecided: string | undefined;

  constructor(options: Options) {
    this.#options = options;
  }

  /** The number of list calls made so far. */
  get lists(): number {
    return this.#lists;
  }

  /** True once the book has been listed after the first cancels. */
  get hasSucceeded(): boolean {
    return this.#hasSucceeded;
  }

  /** An order of the last list that does not show whether the kill covers it, in a sentence. */
  get undecided(): string | undefined {
    return this.#undecided;
  }

  /**
   * Lists the scope before its orders are canceled, one page of it. Its orders count as seen;
   * nothing waits for it. Never rejects.
   */
  async lookAhead(): Promise<void> {
    const page = await this.#page(this.#scopeSymbol());
    if (page.kind === 'ok') this.tally.noteSeen(this.#coveredOf(page.value));
  }

  /**
   * Lists the scope, or some symbols of it, and notes what is left. Returns the failure of a list.
   */
  async look(symbols?: readonly string[]): Promise<Failure | undefined> {
    const parts: readonly (string | undefined)[] = symbols ?? [undefined];
    const lists = await Promise.all(parts.map((symbol) => this.#list(symbol)));
    const orders: ListedOrder[] = [];
    for (const list of lists) {
      if (list.kind !== 'ok') return list;
      orders.push(...list.value);
    }
    this.#hasSucceeded = true;
    this.#undecided = undefined;
    this.tally.noteList(this.#coveredOf(orders), symbols);
    return undefined;
  }

  /**
   * Makes one list. A page that shows an order that is left is proof enough that the scope is not
   * empty. After any other page it pages on until nothing new comes: a hidden cap could conceal a
   * covered order behind the others.
   */
  async #list(symbol?: string): Promise<CallResult<readonly ListedOrder[]>> {
    const { request } = this.#options;
    const orders = new Map<string, ListedOrder>();
    for (let from: string | undefined; ; ) {
      const page = await this.#page(symbol ?? this.#scopeSymbol(), from);
      if (page.kind !== 'ok') return page;
      const before = orders.size;
      for (const order of page.value) orders.set(order.orderId, order);
      const isLast = orders.size === before || (!request.dryRun && page.value.some(this.#isLeft));
      if (isLast) return { kind: 'ok', value: [...orders.values()] };
      from = String(highestId(orders.keys()) + 1n);
    }
  }

  #page(symbol: string | undefined, from?: string): Promise<CallResult<readonly ListedOrder[]>> {
    this.#lists += 1;
    return this.#options.session.list(symbol, from);
  }

  #scopeSymbol(): string | undefined {
    const { kill } = this.#options.request;
    return 'symbol' in kill ? kill.symbol : undefined;
  }

  readonly #isLeft = (order: ListedOrder): boolean =>
    coverageOf(order, this.#options.request, this.#options.epoch()).kind === 'covered' &&
    !this.tally.hasEnded(order.orderId);

  #coveredOf(orders: readonly ListedOrder[]): readonly ListedOrder[] {
    const { request, epoch } = this.#options;
    return orders.filter((order) => {
      const coverage = coverageOf(order, request, epoch());
      if (coverage.isNewer) this.tally.noteNewer(order.orderId);
      if (coverage.kind === 'undecided')
        this.#undecided = `order ${order.orderId} shows no ${coverage.field}: it was left alone`;
      return coverage.kind === 'covered';
    });
  }
}

const highestId = (ids: Iterable<string>): bigint =>
  [...ids].map(BigInt).reduce((highest, id) => (id > highest ? id : highest), 0n);
