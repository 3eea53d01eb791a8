import type { Effects } from '../effects.ts';
import type { CallResult, Failure } from '../exchange/result.ts';
import type { Session } from '../exchange/session.ts';
import type { ListedOrder } from '../order.ts';
import type { KillOutcomeKind, Reason } from '../outcome.ts';
import { cancel } from './cancellation.ts';
import { underlyingOf } from './coverage.ts';
import type { KillRequest } from './kill-request.ts';
import type { Tally } from './tally.ts';

/** A kill, and when it was asked for in milliseconds since the epoch. */
export interface KillAsk {
  readonly request: KillRequest;
  readonly askedAt: number;
}

export interface KillParts {
  /** Opens a session for one order, or for one part of the kill. All have the same deadline. */
  readonly open: () => Session;
  readonly effects: Effects;
  /** Cancel calls for one order. */
  readonly maxAttempts: number;
  /** The underlyings that a kill of everything sweeps, beside those that the open orders show. */
  readonly underlyings: readonly string[];
  readonly warn: (message: string) => void;
}

/** Calls about single orders that are under way at the same time. */
const AT_ONCE = 20;
/** More survivors of a mass cancel than this get another one. */
const MOST_SINGLES = 20;
/** Orders that are queried one by one in a run. */
const MOST_QUERIES = 50;

type Target = { readonly symbol: string } | { readonly underlying: string };

/** The end of a kill. */
export interface Stop {
  readonly outcome: KillOutcomeKind;
  readonly reason?: Reason;
  /** The moment of the proof, in milliseconds of the exchange's clock, if it was emptied. */
  readonly asOf?: number;
}

/** Failures of any call that end a kill. */
const STOPS: ReadonlyMap<Failure['kind'], KillOutcomeKind> = new Map([
  ['throttled', 'throttled'],
  ['held', 'throttled'],
  ['forbidden', 'forbidden'],
  ['keys', 'credentials'],
]);

/** Returns how a failure ends a kill; undefined if it does not. */
export function stopOf({ kind, reason }: Failure): Stop | undefined {
  const outcome = STOPS.get(kind);
  return outcome && { outcome, reason };
}

/** The calls of a kill that change or query orders: mass cancels, single cancels, queries. */
export class Strikes {
  readonly #ask: KillAsk;
  readonly #parts: KillParts;
  readonly #tally: Tally;
  readonly #calls = { mass: 0, cancels: 0, queries: 0 };
  #examined = 0;
  #refusedScope: Reason | undefined;
  #isAcknowledged = false;
  #leftBefore = Number.POSITIVE_INFINITY;

  constructor(ask: KillAsk, parts: KillParts, tally: Tally) {
    this.#ask = ask;
    this.#parts = parts;
    this.#tally = tally;
  }

  /** The calls made so far. */
  get calls(): Readonly<Record<'mass' | 'cancels' | 'queries', number>> {
    return this.#calls;
  }

  /** True if the exchange has acknowledged the last mass cancels, each of them. */
  get isAcknowledged(): boolean {
    return this.#isAcknowledged;
  }

  /** The reason why the exchange refused the scope itself. */
  get refusedScope(): Reason | undefined {
    return this.#refusedScope;
  }

  /**
   * Sends the mass cancels of the scope; of a kill of everything, one for each configured
   * underlying.
   */
  cancelScope(): Promise<Stop | undefined> {
    const { kill } = this.#ask.request;
    if (!('everything' in kill)) return this.#massCancel([kill]);
    return this.#massCancel(this.#parts.underlyings.map((underlying) => ({ underlying })));
  }

  /**
   * Cancels what is left: one by one, or by mass cancels where that is allowed and more than 20 are
   * left.
   */
  cancelLeft(left: readonly ListedOrder[], mayUseMass: boolean): Promise<Stop | undefined> {
    const isWorking = this.#isAcknowledged && left.length < this.#leftBefore;
    this.#leftBefore = left.length;
    if (!mayUseMass || !isWorking || left.length <= MOST_SINGLES) return this.#cancelSingly(left);
    const { kill } = this.#ask.request;
    if (!('everything' in kill)) return this.#massCancel([kill]);
    const underlyings = new Set(left.map(({ symbol }) => underlyingOf(symbol)));
    return this.#massCancel([...underlyings].map((underlying) => ({ underlying })));
  }

  /**
   * A mass cancel proves nothing, whatever it answers. Only a throttle, the keys or a wrong scope
   * end the kill.
   */
  async #massCancel(targets: readonly Target[]): Promise<Stop | undefined> {
    const results = await Promise.all(
      targets.map((target) => this.#parts.open().massCancel(target, this.#ask.request.expiresAt)),
    );
    this.#calls.mass += results.filter(({ kind }) => !UNSENT.has(kind)).length;
    this.#isAcknowledged = results.every(({ kind }) => kind === 'ok');
    const stops = results.map((result, index) => this.#massStop(result, targets[index]));
    return stops.find((stop) => stop !== undefined);
  }

  #massStop(result: CallResult<boolean>, target: Target | undefined): Stop | undefined {
    switch (result.kind) {
      // Stryker disable next-line StringLiteral: a value has no kind that stops a kill
      case 'ok':
        return undefined;
      case 'invalid':
        if ('everything' in this.#ask.request.kill)
          this.#parts.warn(`a mass cancel of ${JSON.stringify(target)} was refused: ${result.reason.detail}`);
        else this.#refusedScope = result.reason;
        return undefined;
      default:
        return stopOf(result);
    }
  }

  /** Cancels orders one by one, as single cancels are, so that each is proven. */
  async #cancelSingly(orders: readonly ListedOrder[]): Promise<Stop | undefined> {
    let stop: Stop | undefined;
    await inParallel(orders, AT_ONCE, async (order) => {
      if (stop === undefined) stop = await this.#cancelOne(order);
    });
    return stop;
  }

  async #cancelOne(listed: ListedOrder): Promise<Stop | undefined> {
    const { open, effects, maxAttempts } = this.#parts;
    const { expiresAt } = this.#ask.request;
    const { symbol, orderId } = listed;
    const session = open();
    const request = { order: { symbol, orderId }, expiresAt };
    const ask = { ...ONE_OF_A_KILL, request, askedAt: this.#ask.askedAt };
    const { outcome } = await cancel(ask, { session, effects, maxAttempts });
    this.#calls.cancels += session.cancelsSent;
    this.#calls.queries += session.queriesSent;
    switch (outcome.kind) {
      case 'canceled':
      case 'filled':
      case 'closed':
        if (!outcome.isInferred) this.#tally.noteEnd(listed, outcome.kind, outcome.order);
        break;
      case 'throttled':
      case 'credentials':
      case 'forbidden':
        return { outcome: outcome.kind, reason: outcome.reason };
    }
    return undefined;
  }

  /**
   * Queries orders that were seen and whose end is not known, newest first, as far as the weight
   * and the time before `reserveMs` allow.
   */
  async examine(reserveMs: number): Promise<void> {
    const orders = this.#tally.unexamined.slice(0, Math.max(0, MOST_QUERIES - this.#examined));
    this.#examined += orders.length;
    let isHeld = false;
    await inParallel(orders, AT_ONCE, async (order) => {
      const session = this.#parts.open();
      if (isHeld || session.remainingMs() <= reserveMs) return;
      const result = await session.query({ symbol: order.symbol, orderId: order.orderId });
      this.#calls.queries += session.queriesSent;
      if (result.kind !== 'ok') {
        isHeld ||= STOPS.has(result.kind);
        return;
      }
      if (result.value.state === 'open') this.#tally.noteOpen(order);
      else this.#tally.noteEnd(order, result.value.state, result.value);
    });
  }
}

/** Results of calls that were not made, or certainly not carried out. */
const UNSENT: ReadonlySet<string> = new Set(['held', 'too-late', 'not-executed']);

const ONE_OF_A_KILL = { confirm: true, isRepeat: false, looksFirst: false } as const;

/** Does the work for each item, `width` of them at a time. */
async function inParallel<T>(
  items: readonly T[],
  width: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = [...items];
  const workers = Array.from({ length: Math.min(width, queue.length) }, async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  });
  await Promise.all(workers);
}
