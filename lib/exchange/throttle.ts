import type { Effects } from '../effects.ts';
import type { Purpose } from './endpoints.ts';
import type { Answer } from './transport.ts';

const DEFAULT_MS = 60_000;
/** The longest ban that the exchange documents. */
const LONGEST_MS = 3 * 24 * 60 * 60_000;
const MINUTE_MS = 60_000;

interface Options {
  /** The exchange's weight per minute and IP. */
  readonly weightLimit: number;
  readonly effects: Effects;
  /** Returns the milliseconds by which the exchange's clock is ahead of ours. */
  readonly clockOffset: () => number;
}

/** Keeps one execution environment within the exchange's limits: makes no call during a throttle or ban, and keeps weight for cancels. */
export class Throttle {
  readonly #options: Options;
  #throttledUntil = 0;
  #usedWeight = 0;
  #weightMinute = 0;

  constructor(options: Options) {
    this.#options = options;
  }

  /** Returns the time before which no call for `purpose` may be made, in milliseconds since the epoch; undefined when one may be made now. */
  heldUntil(purpose: Purpose): number | undefined {
    if (this.#options.effects.now() < this.#throttledUntil) return this.#throttledUntil;
    const reserved =
      this.#usedWeight >= this.#options.weightLimit * 0.9 && this.#weightMinute === this.#minute();
    if (purpose !== 'query' || !reserved) return undefined;
    return (this.#weightMinute + 1) * MINUTE_MS - this.#options.clockOffset();
  }

  /** Returns the milliseconds until a throttle or ban ends; 0 when there is none. */
  remainingMs(): number {
    return Math.max(0, this.#throttledUntil - this.#options.effects.now());
  }

  /** Notes the used weight that an answer reports. */
  noteWeight(usedWeight: number): void {
    const minute = this.#minute();
    this.#usedWeight = minute === this.#weightMinute ? Math.max(this.#usedWeight, usedWeight) : usedWeight;
    this.#weightMinute = minute;
  }

  /**
   * Notes a throttle or ban, which lasts until `Retry-After` (seconds or a date) or the time in the ban's text, whichever
   * is later, else for 60 s. Never shortens a running one.
   *
   * @returns its end, in milliseconds since the epoch
   */
  noteThrottle({ retryAfter, text }: Answer): number {
    const { effects, clockOffset } = this.#options;
    const now = effects.now();
    const bannedUntil = Number(/banned until (\d{13})\b/.exec(text ?? '')?.[1]) - clockOffset();
    const times = [now + retryAfterMs(retryAfter, now + clockOffset()), bannedUntil].filter(Number.isFinite);
    const until = times.length > 0 ? Math.max(...times, now + 1000) : now + DEFAULT_MS;
    this.#throttledUntil = Math.max(this.#throttledUntil, Math.min(until, now + LONGEST_MS));
    return this.#throttledUntil;
  }

  #minute(): number {
    return Math.floor((this.#options.effects.now() + this.#options.clockOffset()) / MINUTE_MS);
  }
}

/** Converts a `Retry-After` (seconds, or a date of the exchange's clock) to milliseconds; NaN for any other text. */
function retryAfterMs(header: string | undefined, exchangeNow: number): number {
  if (header === undefined || !/^\d+$|GMT$/.test(header)) return Number.NaN;
  return header.endsWith('GMT') ? Date.parse(header) - exchangeNow : Number(header) * 1000;
}
