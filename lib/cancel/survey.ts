import type { CallResult, Failure } from '../exchange/result.ts';
import type { Begun, Session } from '../exchange/session.ts';
import type { ListedOrder } from '../order.ts';
import { coverageOf, type Epoch } from './coverage.ts';
import type { KillRequest } from './kill-request.ts';
import { Tally } from './tally.ts';

interface Options {
  readonly request: KillRequest;
  readonly session: Session;
  /** Opens another session, with the same deadline. */
  readonly open: () => Session;
  /** Returns the epoch, on the exchange's clock as far as it is known by then. */
  readonly epoch: () => Epoch;
}

/** A list of more pages would use up the weight of a minute. */
const MOST_PAGES = 20;

/** Lists the book for a kill, and tells the orders that it covers from the others. */
export class Survey {
  readonly tally = new Tally();
  readonly #options: Options;
  #lists = 0;
  #hasSucceeded = false;
  #undecided: string | undefined;
  #begun: Begun | undefined;

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

  /** The moment at which the last list was sent, its first page where it has more. */
  get begun(): Begun | undefined {
    return this.#begun;
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
    this.#lists += 1;
    const page = await this.#options
      .open()
      .list(this.#scopeSymbol())
      .catch(() => undefined);
    if (page?.kind === 'ok') this.tally.noteSeen(this.#coveredOf(page.value));
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
   * empty. After any other page it pages on until nothing comes that is older than the list: a
   * hidden cap could conceal a covered order behind the others.
   */
  async #list(symbol?: string): Promise<CallResult<readonly ListedOrder[]>> {
    const { request, open } = this.#options;
    const session = open(); // each renews its own keys
    const orders = new Map<string, ListedOrder>();
    let from: string | undefined;
    for (let pages = 0; pages < MOST_PAGES; pages++) {
      this.#lists += 1;
      const page = await session.list(symbol ?? this.#scopeSymbol(), from);
      if (page.kind !== 'ok') return page;
      if (from === undefined) this.#begun = session.begun;
      const fresh = page.value.filter(({ orderId }) => !orders.has(orderId));
      for (const order of fresh) orders.set(order.orderId, order);
      const isLast = fresh.every(this.#isYounger) || (!request.dryRun && fresh.some(this.#isLeft));
      if (isLast) return { kind: 'ok', value: [...orders.values()] };
      from = String(highestId(orders.keys()) + 1n);
    }
    return { kind: 'unknown', reason: { detail: `the list has more than ${MOST_PAGES} pages` } };
  }

  #scopeSymbol(): string | undefined {
    const { kill } = this.#options.request;
    return 'symbol' in kill ? kill.symbol : undefined;
  }

  /** True for an order that was created after the list began, of which the list proves nothing. */
  readonly #isYounger = ({ createdAt = 0 }: ListedOrder): boolean => {
    const { at = Number.POSITIVE_INFINITY }: Partial<Begun> = this.#begun ?? {};
    return createdAt > this.#options.session.toExchangeTime(at);
  };

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
