import type { Failure } from '../exchange/result.ts';
import type { Session } from '../exchange/session.ts';
import type { ListedOrder } from '../order.ts';
import type { KillEnd } from '../outcome.ts';
import { type KillAsk, type KillParts, type Stop, Strikes, stopOf } from './strikes.ts';
import { Survey } from './survey.ts';
import type { Tally } from './tally.ts';

/** A kill is fresh when it begins at most so long after it was asked for, in milliseconds. */
const FRESH_MS = 120_000;
/** Milliseconds between the beginnings of the two lists that prove a scope empty. */
const PROOF_MS = 1000;
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 2000;
/**
 * Symbols that are listed one by one, at weight 1 each, instead of a list of everything at weight
 * 40.
 */
const MOST_SYMBOLS = 20;

/**
 * Cancels every open order of a scope and proves that none is left. It looks at the book, cancels
 * what it finds, and looks again, so a repeat does the same and no state is carried from one run to
 * the next.
 */
export class Kill {
  readonly #ask: KillAsk;
  readonly #parts: KillParts;
  readonly #session: Session;
  readonly #survey: Survey;
  readonly #tally: Tally;
  /** True if it covers only orders created until five seconds after it was asked for. */
  readonly isLate: boolean;
  readonly #isSelective: boolean;
  readonly #strikes: Strikes;
  #mayBeShared = true;
  #pauseMs = FIRST_PAUSE_MS;

  constructor(ask: KillAsk, parts: KillParts) {
    const { request, askedAt } = ask;
    this.#ask = ask;
    this.#parts = parts;
    this.#session = parts.open();
    this.isLate = parts.effects.now() - askedAt > FRESH_MS;
    this.#isSelective = request.only !== undefined || request.dryRun || this.isLate;
    const epoch = () => ({ askedAt: this.#session.toExchangeTime(askedAt), isLate: this.isLate });
    this.#survey = new Survey({ request, session: this.#session, open: parts.open, epoch });
    this.#tally = this.#survey.tally;
    this.#strikes = new Strikes(ask, parts, this.#tally);
  }

  /**
   * True until the list begins that proves the scope empty. Until then, an equal kill may share
   * this run.
   */
  get mayBeShared(): boolean {
    return this.#mayBeShared;
  }

  /**
   * Carries the kill out. Never rejects for anything that the exchange answers or leaves
   * unanswered.
   */
  async run(): Promise<KillEnd> {
    const { outcome, reason, asOf } = await this.#sweep();
    return {
      outcome,
      reason,
      late: this.isLate,
      asOf,
      orders: this.#tally.counts(),
      results: this.#tally.results(),
      calls: { ...this.#strikes.calls, lists: this.#survey.lists },
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
      if (left.length === 0) stop = await this.#prove();
      else stop = this.#isExpired() ? this.#expired() : await this.#cancelAndLook(left);
    }
    return stop;
  }

  /**
   * Cancels what is left and looks again: by symbol, while that is cheaper, and at the whole scope
   * once nothing is left.
   */
  async #cancelAndLook(left: readonly ListedOrder[]): Promise<Stop | undefined> {
    this.#mayBeShared = true;
    const stop = (await this.#strikes.cancelLeft(left, !this.#isSelective)) ?? (await this.#pause());
    if (stop !== undefined) return stop;
    const symbols = 'symbol' in this.#ask.request.kill ? undefined : symbolsOf(left);
    const failed = await this.#look(symbols);
    const isWhole = symbols === undefined || this.#tally.left.length > 0;
    return failed ?? (isWhole ? undefined : this.#look());
  }

  /**
   * Sends a first list and the mass cancels in the same tick, the list first; nothing waits for the
   * list.
   */
  async #strike(): Promise<Stop | undefined> {
    if (this.#isSelective) return undefined;
    void this.#survey.lookAhead();
    return this.#strikes.cancelScope();
  }

  /** Lists the scope, or some symbols of it, again until the list succeeds or time is up. */
  async #look(symbols?: readonly string[]): Promise<Stop | undefined> {
    if (symbols === undefined) this.#mayBeShared = false;
    for (;;) {
      const failure = await this.#survey.look(symbols);
      if (failure === undefined) return undefined;
      if (failure.kind === 'invalid' && symbols !== undefined) return this.#look(); // its contract has expired
      if (failure.kind === 'invalid' && this.#tally.counts().seen === 0)
        return { outcome: 'invalid-request', reason: failure.reason };
      const stop = stopOf(failure) ?? (await this.#pause(failure));
      if (stop !== undefined) return stop;
    }
  }

  /**
   * Proves the scope empty: by queries, and by a second list at least a second after the first.
   * Returns undefined when they contradict it.
   */
  async #prove(): Promise<Stop | undefined> {
    const { effects } = this.#parts;
    // Stryker disable next-line ObjectLiteral: only the compiler does not know that a list has succeeded
    const first = this.#survey.begun ?? { at: 0, monotonic: 0 };
    const firstAt = this.#session.toExchangeTime(first.at);
    await this.#strikes.examine(PROOF_MS);
    if (this.#tally.left.length > 0) return undefined;
    const waitMs = PROOF_MS - (effects.monotonic() - first.monotonic);
    if (this.#session.remainingMs() <= waitMs) return this.#timeUp();
    await effects.sleep(Math.max(0, waitMs));
    const stop = await this.#look();
    if (stop !== undefined || this.#tally.left.length > 0) return stop;
    const { undecided } = this.#survey;
    if (undecided !== undefined) return { outcome: 'not-emptied', reason: { detail: undecided } };
    const now = this.#session.toExchangeTime(effects.now());
    const asOf = Math.min(firstAt, now - (effects.monotonic() - first.monotonic)); // a clock may be set
    return this.#unknownScope() ?? { outcome: 'emptied', asOf };
  }

  /** A scope is wrong where the exchange says so and no open order shows the contrary. */
  #wrongScope(): Stop | undefined {
    const { refusedScope } = this.#strikes;
    if (refusedScope === undefined || this.#tally.counts().seen > 0) return undefined;
    return { outcome: 'invalid-request', reason: refusedScope };
  }

  /**
   * A misspelt underlying has no orders either. Only a mass cancel, the configuration or an order
   * shows that it exists.
   */
  #unknownScope(): Stop | undefined {
    const { kill } = this.#ask.request;
    if (!('underlying' in kill) || this.#strikes.isAcknowledged || this.#tally.counts().seen > 0)
      return undefined;
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

  /**
   * Without a list nothing is known of the book; without a mass cancel either, nothing was done.
   */
  #timeUp({ kind, reason }: Partial<Failure> = {}): Stop {
    const why = reason ?? { detail: 'time was up before the scope was proven empty' };
    if (this.#survey.hasSucceeded) return { outcome: 'not-emptied', reason: why };
    if (kind === 'reserved') return { outcome: 'throttled', reason: why };
    return { outcome: this.#strikes.calls.mass > 0 ? 'unknown' : 'unavailable', reason: why };
  }

  #isExpired(): boolean {
    const { expiresAt = Number.POSITIVE_INFINITY } = this.#ask.request;
    return this.#parts.effects.now() > expiresAt;
  }

  #expired(): Stop {
    const at = new Date(this.#ask.request.expiresAt ?? 0).toISOString();
    const reason = { detail: `no cancel was sent after expiresAt, ${at}` };
    const { mass, cancels } = this.#strikes.calls;
    return { outcome: mass + cancels > 0 ? 'not-emptied' : 'expired', reason };
  }
}

/** Returns the symbols to list one by one; undefined where a list of all costs less. */
function symbolsOf(left: readonly ListedOrder[]): readonly string[] | undefined {
  const symbols = [...new Set(left.map(({ symbol }) => symbol))];
  return symbols.length <= MOST_SYMBOLS ? symbols : undefined;
}
