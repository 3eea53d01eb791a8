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
  /** Whether the kill leaves some open orders of its scope alone, so that no list has to be empty. */
  readonly isSelective: boolean;
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

  /** Lists the scope before its orders are canceled. Its orders count as seen; nothing waits for it. Never rejects. */
  async lookAhead(): Promise<void> {
    const list = await this.#list();
    if (list.kind === 'ok') this.tally.noteSeen(this.#coveredOf(list.value));
  }

  /** Lists the scope, or some symbols of it, and notes what is left. Returns the failure of a list. */
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

  /** Makes one list. A selective kill pages on until nothing new comes: a hidden cap could conceal a covered order. */
  async #list(symbol?: string): Promise<CallResult<readonly ListedOrder[]>> {
    const { request, session, isSelective } = this.#options;
    const listed = symbol ?? ('symbol' in request.kill ? request.kill.symbol : undefined);
    const orders = new Map<string, ListedOrder>();
    for (let from: string | undefined; ; ) {
      this.#lists += 1;
      const page = await session.list(listed, from);
      if (page.kind !== 'ok') return page;
      const before = orders.size;
      for (const order of page.value) orders.set(order.orderId, order);
      if (!isSelective || orders.size === before) return { kind: 'ok', value: [...orders.values()] };
      from = String(highestId(orders.keys()) + 1n);
    }
  }

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
