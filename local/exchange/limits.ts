import { type Answer, errorAnswer } from './answers.ts';

/** The number of calls during a throttle that turns it into a ban. */
const CALLS_UNTIL_BAN = 5;
/** Duration of such a ban: the shortest that the exchange documents. */
const BAN_SECONDS = 120;
const MINUTE_MS = 60_000;

/** The decision about one call; `refusal` is the answer to a call that is refused. */
interface Admission {
  readonly refusal?: Answer;
  readonly madeWhile?: 'throttled' | 'banned';
}

/** Counts request weight per minute of the exchange's clock, and refuses calls above the limit. */
export class Limits {
  /** Weight per minute. */
  readonly limit: number;
  readonly #now: () => number;
  #minute = Number.NaN;
  #used = 0;
  #throttledUntil = 0;
  #bannedUntil = 0;
  #callsWhileThrottled = 0;

  constructor(limit: number, now: () => number) {
    this.limit = limit;
    this.#now = now;
  }

  /** Weight used in the current minute. */
  get used(): number {
    return this.#minute === this.#currentMinute() ? this.#used : 0;
  }

  /** Counts weight. Calls that are refused count too. */
  use(weight: number): void {
    this.#used = this.used + weight;
    this.#minute = this.#currentMinute();
  }

  throttle(seconds: number): void {
    this.#throttledUntil = this.#now() + seconds * 1000;
    this.#callsWhileThrottled = 0;
  }

  ban(seconds: number): void {
    this.#bannedUntil = this.#now() + seconds * 1000;
  }

  /** Counts the call's weight and decides about the call. */
  admit(weight: number): Admission {
    this.use(weight);
    const now = this.#now();
    if (now < this.#bannedUntil) return { refusal: this.#refusal(now), madeWhile: 'banned' };
    if (now < this.#throttledUntil) {
      this.#callsWhileThrottled += 1;
      if (this.#callsWhileThrottled >= CALLS_UNTIL_BAN) this.ban(BAN_SECONDS);
      return { refusal: this.#refusal(now), madeWhile: 'throttled' };
    }
    if (this.#used <= this.limit) return {};
    this.throttle((MINUTE_MS - (now % MINUTE_MS)) / 1000);
    return { refusal: this.#refusal(now) };
  }

  #refusal(now: number): Answer {
    if (now < this.#bannedUntil) return bannedAnswer(this.#bannedUntil, this.#bannedUntil - now);
    return tooManyAnswer(this.limit, this.#throttledUntil - now);
  }

  #currentMinute(): number {
    return Math.floor(this.#now() / MINUTE_MS);
  }
}

/** Returns the 429 answer, with `Retry-After` in whole seconds, rounded up. */
export function tooManyAnswer(limit: number, remainingMs: number): Answer {
  const msg = `Too much request weight used; current limit is ${limit} request weight per 1 MINUTE. Please use the websocket for live updates to avoid polling the API.`;
  return limitAnswer(429, msg, remainingMs);
}

/** Returns the 418 answer, with `Retry-After` as above and the ban's end (epoch ms) in its text. */
export function bannedAnswer(until: number, remainingMs: number): Answer {
  const msg = `Way too many requests; IP banned until ${until}. Please use the websocket for live updates to avoid bans.`;
  return limitAnswer(418, msg, remainingMs);
}

function limitAnswer(status: number, msg: string, remainingMs: number): Answer {
  const seconds = Math.max(1, Math.ceil(remainingMs / 1000));
  return { ...errorAnswer(status, -1003, msg), headers: { 'Retry-After': String(seconds) } };
}
