import type { Effects } from '../effects.ts';
import type { CallResult, Failure } from '../exchange/result.ts';
import type { Session } from '../exchange/session.ts';
import type { ListedOrder } from '../order.ts';
import type { KillEnd, KillOutcomeKind, Reason } from '../outcome.ts';
import { cancel } from './cancellation.ts';
import { underlyingOf } from './coverage.ts';
import type { KillRequest } from './kill-request.ts';
import { Survey } from './survey.ts';
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

/** A kill is fresh when it begins at most so long after it was asked for, in milliseconds. */
const FRESH_MS = 120_000;
/** Milliseconds between the beginnings of the two lists that prove a scope empty. */
const PROOF_MS = 1000;
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 2000;
/** Calls about single orders that are under way at the same time. */
const AT_ONCE = 20;
/** More survivors of a mass cancel than this get another one. */
const MOST_SINGLES = 20;
/** Symbols that are listed one by one, at weight 1 each, instead of a list of everything at weight 40. */
const MOST_SYMBOLS = 20;
const MOST_QUERIES = 50;

type Target = { readonly symbol: string } | { readonly underlying: string };

/** The end of a kill. */
interface Stop {
  readonly outcome: KillOutcomeKind;
  readonly reason?: Reason;
}

/** Failures of any call that end a kill. */
const STOPS: ReadonlyMap<Failure['kind'], KillOutcomeKind> = new Map([
  ['throttled', 'throttled'],
  ['held', 'throttled'],
  ['forbidden', 'forbidden'],
  ['keys', 'credentials'],
]);

/**
 * Cancels every open order of a scope and proves that none is left. It looks at the book, cancels what it finds, and
 * looks again, so a repeat does the same and no state is carried from one run to the next.
 */
export class Kill {
  readonly #ask: KillAsk;
  readonly #parts: KillParts;
  readonly #session: Session;
  readonly #survey: Survey;
  readonly #tally: Tally;
  /** Whether it covers only orders created until five seconds after it was asked for. */
  readonly isLate: boolean;
  readonly #isSelective: boolean;
  readonly #calls = { mass: 0, cancels: 0, queries: 0 };
  /** When the last list began, on the exchange's clock and on the monotonic one. */
  #looked = { at: 0, monotonic: 0 };
  #examined = 0;
  #refusedScope: Reason | undefined;
  #asOf: number | undefined;
  #pauseMs = FIRST_PAUSE_MS;

  constructor(ask: KillAsk, parts: KillParts) {
    const { request, askedAt } = ask;
    this.#ask = ask;
    this.#parts = parts;
    this.#session = parts.open();
    this.isLate = parts.effects.now() - askedAt > FRESH_MS;
    this.#isSelective = request.only !== undefined || request.dryRun || this.isLate;
    const epoch = () => ({ askedAt: this.#session.toExchangeTime(askedAt), isLate: this.isLate });
    this.#survey = new Survey({ request, session: this.#session, epoch });
    this.#tally = this.#survey.tally;
  }

  /** True until the list begins that proves the scope empty. Until then, an equal kill may share this run. */
  get mayBeShared(): boolean {
    return this.#asOf === undefined;
  }

  /** Carries the kill out. Never rejects for anything that the exchange answers or leaves unanswered. */
  async run(): Promise<KillEnd> {
    const { outcome, reason } = await this.#sweep();
    return {
      outcome,
      reason,
      late: this.isLate,
      asOf: outcome === 'emptied' ? this.#asOf : undefined,
      orders: this.#tally.counts(),
      results: this.#tally.results(),
      calls: { ...this.#calls, lists: this.#survey.lists },
    };
  }

  async #sweep(): Promise<Stop> {
    if (this.#isExpired()) return this.#expired();
    let stop = await this.#strike();
    stop ??= await this.#look();
    stop ??= this.#wrongScope();
    if (stop === undefined && this.#ask.request.dryRun) return this.#unknownScope() ?? { outcome: 'dry-run' };
    while (stop === undefined) {
      const { left } = this.#tally;
      stop = left.length === 0 ? await this.#prove() : await this.#cancelAndLook(left);
    }
    return stop;
  }

  /** Cancels what is left and looks again: by symbol, while that is cheaper, and at the whole scope once nothing is left. */
  async #cancelAndLook(left: readonly ListedOrder[]): Promise<Stop | undefined> {
    this.#asOf = undefined;
    const stop = (await this.#cancel(left)) ?? (await this.#pause());
    if (stop !== undefined) return stop;
    const symbols = 'symbol' in this.#ask.request.kill ? undefined : symbolsOf(left);
    const failed = await this.#look(symbols);
    const isWhole = symbols === undefined || this.#tally.left.length > 0;
    return failed ?? (isWhole ? undefined : this.#look());
  }

  /** Sends a first list and the mass cancels in the same tick, the list first; nothing waits for the list. */
  async #strike(): Promise<Stop | undefined> {
    if (this.#isSelective) return undefined;
    void this.#survey.lookAhead();
    const { kill } = this.#ask.request;
    if (!('everything' in kill)) return this.#massCancel([kill]);
    return this.#massCancel(this.#parts.underlyings.map((underlying) => ({ underlying })));
  }

  /** A mass cancel proves nothing, whatever it answers. Only a throttle, the keys or a wrong scope end the kill. */
  async #massCancel(targets: readonly Target[]): Promise<Stop | undefined> {
    if (this.#isExpired()) return this.#expired();
    const results = await Promise.all(targets.map((target) => this.#parts.open().massCancel(target)));
    this.#calls.mass += results.filter(({ kind }) => kind !== 'held').length;
    const stops = results.map((result, index) => this.#massStop(result, targets[index]));
    return stops.find((stop) => stop !== undefined);
  }

  #massStop(result: CallResult<boolean>, target: Target | undefined): Stop | undefined {
    if (result.kind === 'ok') return undefined;
    if (result.kind !== 'invalid') return stopOf(result);
    if ('everything' in this.#ask.request.kill)
      this.#parts.warn(`a mass cancel of ${JSON.stringify(target)} was refused: ${result.reason.detail}`);
    else this.#refusedScope = result.reason;
    return undefined;
  }

  /** Lists the scope, or some symbols of it, again until the list succeeds or time is up. */
  async #look(symbols?: readonly string[]): Promise<Stop | undefined> {
    const { effects } = this.#parts;
    for (;;) {
      this.#looked = { at: this.#session.toExchangeTime(effects.now()), monotonic: effects.monotonic() };
      if (symbols === undefined) this.#asOf ??= this.#looked.at;
      const failure = await this.#survey.look(symbols);
      if (failure === undefined) return undefined;
      if (failure.kind === 'invalid') return { outcome: 'invalid-request', reason: failure.reason };
      const stop = stopOf(failure) ?? (await this.#pause(failure));
      if (stop !== undefined) return stop;
    }
  }

  async #cancel(left: readonly ListedOrder[]): Promise<Stop | undefined> {
    if (this.#isSelective || left.length <= MOST_SINGLES) return this.#cancelSingly(left);
    const { kill } = this.#ask.request;
    if (!('everything' in kill)) return this.#massCancel([kill]);
    const underlyings = new Set(left.map(({ symbol }) => underlyingOf(symbol)));
    return this.#massCancel([...underlyings].map((underlying) => ({ underlying })));
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
    const request = { order: { symbol, orderId }, ...(expiresAt !== undefined && { expiresAt }) };
    const seenOpen = { ...listed, text: '' };
    const ask = { ...ONE_OF_A_KILL, request, askedAt: this.#ask.askedAt, seenOpen };
    const { outcome } = await cancel(ask, { session, effects, maxAttempts });
    this.#calls.cancels += session.cancelsSent;
    this.#calls.queries += session.queriesSent;
    switch (outcome.kind) {
      case 'canceled':
      case 'filled':
      case 'closed':
        this.#tally.noteEnd(listed, outcome.kind, outcome.order);
        return undefined;
      case 'throttled':
      case 'credentials':
      case 'forbidden':
        return { outcome: outcome.kind, reason: outcome.reason };
      default:
        return undefined;
    }
  }

  /** Proves the scope empty: by queries, and by a second list at least a second after the first. Returns undefined when they contradict it. */
  async #prove(): Promise<Stop | undefined> {
    const { effects } = this.#parts;
    const { undecided } = this.#survey;
    if (undecided !== undefined) return { outcome: 'not-emptied', reason: { detail: undecided } };
    const first = this.#looked;
    this.#asOf = first.at;
    await this.#examine();
    if (this.#tally.left.length > 0) return undefined;
    const waitMs = PROOF_MS - (effects.monotonic() - first.monotonic);
    if (this.#session.remainingMs() <= waitMs) return this.#timeUp();
    if (waitMs > 0) await effects.sleep(waitMs);
    const stop = await this.#look();
    if (stop !== undefined || this.#tally.left.length > 0) return stop;
    return this.#unknownScope() ?? { outcome: 'emptied' };
  }

  /** Queries orders that were seen and whose end is not known, newest first, as far as the weight allows. */
  async #examine(): Promise<void> {
    const orders = this.#tally.unexamined.slice(0, Math.max(0, MOST_QUERIES - this.#examined));
    this.#examined += orders.length;
    let isHeld = false;
    await inParallel(orders, AT_ONCE, async (order) => {
      if (isHeld || this.#session.remainingMs() <= PROOF_MS) return;
      const session = this.#parts.open();
      const result = await session.query({ symbol: order.symbol, orderId: order.orderId });
      this.#calls.queries += session.queriesSent;
      if (result.kind !== 'ok') {
        isHeld ||= result.kind === 'reserved' || STOPS.has(result.kind);
        return;
      }
      if (result.value.state === 'open') this.#tally.noteOpen(order);
      else this.#tally.noteEnd(order, result.value.state, result.value);
    });
  }

  /** A scope is wrong where the exchange says so and no open order shows the contrary. */
  #wrongScope(): Stop | undefined {
    if (this.#refusedScope === undefined || this.#tally.counts().seen > 0) return undefined;
    return { outcome: 'invalid-request', reason: this.#refusedScope };
  }

  /** A misspelt underlying has no orders either. Only a mass cancel, the configuration or an order shows that it exists. */
  #unknownScope(): Stop | undefined {
    const { kill } = this.#ask.request;
    if (!('underlying' in kill) || this.#calls.mass > 0 || this.#tally.counts().seen > 0) return undefined;
    if (this.#parts.underlyings.includes(kill.underlying)) return undefined;
    const detail = `kill.underlying ${kill.underlying} is not known: no open order shows it, and BINANCE_UNDERLYINGS does not name it`;
    return { outcome: 'invalid-request', reason: { detail } };
  }

  /** Pauses 0.2 s, then longer, up to 2 s. */
  async #pause(failure?: Failure): Promise<Stop | undefined> {
    if (this.#session.remainingMs() <= this.#pauseMs) return this.#timeUp(failure);
    await this.#parts.effects.sleep(this.#pauseMs);
    this.#pauseMs = Math.min(this.#pauseMs * 2, LONGEST_PAUSE_MS);
    return undefined;
  }

  /** Without a list nothing is known of the book; without a mass cancel either, nothing was done. */
  #timeUp({ kind, reason }: Partial<Failure> = {}): Stop {
    const why = reason ?? { detail: 'time was up before the scope was proven empty' };
    if (this.#survey.hasSucceeded) return { outcome: 'not-emptied', reason: why };
    if (kind === 'reserved') return { outcome: 'throttled', reason: why };
    return { outcome: this.#calls.mass > 0 ? 'unknown' : 'unavailable', reason: why };
  }

  #isExpired(): boolean {
    const { expiresAt = Number.POSITIVE_INFINITY } = this.#ask.request;
    return this.#parts.effects.now() > expiresAt;
  }

  #expired(): Stop {
    const at = new Date(this.#ask.request.expiresAt ?? 0).toISOString();
    return { outcome: 'expired', reason: { detail: `no cancel was sent after expiresAt, ${at}` } };
  }
}

const ONE_OF_A_KILL = { confirm: true, isRepeat: false, looksFirst: false } as const;

function stopOf({ kind, reason }: Failure): Stop | undefined {
  const outcome = STOPS.get(kind);
  return outcome && { outcome, reason };
}

/** Returns the symbols to list one by one; undefined where a list of all costs less. */
function symbolsOf(left: readonly ListedOrder[]): readonly string[] | undefined {
  const symbols = [...new Set(left.map(({ symbol }) => symbol))];
  return symbols.length <= MOST_SYMBOLS ? symbols : undefined;
}

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
