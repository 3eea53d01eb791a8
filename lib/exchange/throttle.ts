import type { Effects } from '../effects.ts';
import type { Purpose } from './endpoints.ts';
import type { Answer } from './transport.ts';

const DEFAULT_MS = 60_000;
/** The longest ban that the exchange documents. */
const LONGEST_MS = 3 * 24 * 60 * 60_000;
const MINUTE_MS = 60_000;

/**
 * The share of the exchange's weight from which on calls for a purpose wait for the next minute.
 */
const WEIGHT_SHARE: Readonly<Record<Purpose, number>> = {
  cancel: Number.POSITIVE_INFINITY,
  clock: Number.POSITIVE_INFINITY,
  proof: 0.95,
  query: 0.9,
  look: 0.75,
  browse: 0.5,
};

interface Options {
  /** The exchange's weight per minute and IP. */
  readonly weightLimit: number;
  readonly effects: Effects;
  /** Returns the milliseconds by which the exchange's clock is ahead of ours. */
  readonly clockOffset: () => number;
}

/**
 * Keeps one execution environment within the exchange's limits: makes no call during a throttle or
 * ban, and keeps weight for cancels.
 */
export class Throttle {
  readonly #options: Options;
  /** On the monotonic clock. */
  #throttledUntil = Number.NEGATIVE_INFINITY;
  #usedWeight = 0;
  #weightMinute = 0;

  constructor(options: Options) {
    this.#options = options;
  }

  /**
   * Returns the time before which no call for `purpose` may be made, in milliseconds since the
   * epoch; undefined when one may be made now.
   */
  heldUntil(purpose: Purpose): number | undefined {
    const throttledForMs = this.remainingMs();
    if (throttledForMs > 0) return this.#options.effects.now() + throttledForMs;
    const isReserved = this.#usedWeight >= this.#options.weightLimit * WEIGHT_SHARE[purpose];
    if (!isReserved || this.#weightMinute !== this.#minuteOf(this.#options.effects.now())) return undefined;
    return (this.#weightMinute + 1) * MINUTE_MS - this.#options.clockOffset();
  }

  /** Returns the milliseconds until a throttle or ban ends; 0 when there is none. */
  remainingMs(): number {
    return Math.max(0, this.#throttledUntil - this.#options.effects.monotonic());
  }

  /**
   * Notes the used weight that an answer reports. It counts for the minute in which its call was
   * sent.
   */
  noteWeight(usedWeight: number, sentAt: number): void {
    const minute = this.#minuteOf(sentAt);
    if (minute < this.#weightMinute) return;
    this.#usedWeight = minute === this.#weightMinute ? Math.max(this.#usedWeight, usedWeight) : usedWeight;
    this.#weightMinute = minute;
  }

  /**
   * Notes a throttle or ban, which lasts until `Retry-After` (seconds or a date) or the time in the
   * ban's text, whichever is later, else for 60 s. Never shortens a running one.
   */
  noteThrottle({ retryAfter, text }: Answer): void {
    const { effects, clockOffset } = this.#options;
    const exchangeNow = effects.now() + clockOffset();
    const bannedForMs = Number(/banned until (\d{13})\b/.exec(String(text))?.[1]) - exchangeNow;
    const waits = [retryAfterMs(retryAfter, exchangeNow), bannedForMs].filter(Number.isFinite);
    const ms = waits.length > 0 ? Math.max(...waits, 1000) : DEFAULT_MS;
    this.#throttledUntil = Math.max(this.#throttledUntil, effects.monotonic() + Math.min(ms, LONGEST_MS));
  }

  /** Returns the number of the exchange's minute at a time of ours. */
  #minuteOf(ms: number): number {
    return Math.floor((ms + this.#options.clockOffset()) / MINUTE_MS);
  }
}

/**
 * Converts a `Retry-After` (seconds, or a date of the exchange's clock) to milliseconds; NaN for
 * any other text.
 */
function retryAfterMs(header: string | undefined, exchangeNow: number): number {
  if (header?.endsWith('GMT')) return Date.parse(header) - exchangeNow;
  return /^\d+$/.test(String(header)) ? Number(header) * 1000 : Number.NaN;
}
