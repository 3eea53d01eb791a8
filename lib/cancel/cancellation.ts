import type { Effects } from '../effects.ts';
import type { Fault, Reading } from '../exchange/result.ts';
import type { Session } from '../exchange/session.ts';
import type { Order } from '../order.ts';
import { expired, type Outcome, unknown } from '../outcome.ts';
import type { CancelRequest, OrderRef } from './request.ts';

/** Waits before the queries that confirm an accepted cancel, in milliseconds. */
const CONFIRM_AFTER_MS = [100, 300, 900];

/** What a query may be told in passing; that there is no such order only if it has been seen before. */
const MAY_PASS: ReadonlySet<Reading['kind']> = new Set(['unknown', 'not-executed', 'no-such-order']);

/** Instead of an outcome: the order is still open, or the cancel certainly was not carried out. */
const AGAIN = 'again';

type Refused = Exclude<Reading, { readonly kind: 'order' }>;

/** Outcomes that say that a cancel was not carried out. */
type NotDone = 'unavailable' | 'credentials' | 'invalid-request' | 'throttled' | 'forbidden';

/** A request to be carried out, with what its trigger knows of it. */
export interface Ask {
  readonly request: CancelRequest;
  /** Whether an accepted cancel is queried until the order is terminal. */
  readonly confirm: boolean;
  /** When it was first asked for, in milliseconds since the epoch. */
  readonly askedAt: number;
  /** Whether it may have been sent before, by an earlier delivery of the same message. */
  readonly isRepeat: boolean;
}

interface Options {
  readonly session: Session;
  readonly effects: Effects;
  readonly maxAttempts: number;
}

/** One order's cancel, from the first call to an outcome that is proven, or that says it is not. */
export class Cancellation {
  readonly #ask: Ask;
  readonly #session: Session;
  readonly #effects: Effects;
  readonly #maxAttempts: number;
  /** Milliseconds since the epoch after which no cancel is sent. */
  readonly #expiresAt: number;
  #ref: OrderRef;
  /** What to say when there is no time and no attempt left. */
  #soFar: Outcome = { kind: 'unavailable', fault: { detail: 'no time was left to send the cancel' } };
  /** Whether a cancel was sent that may have been carried out without our knowing. */
  #isInDoubt = false;
  /** Whether the exchange has shown us the order: a query that does not find it then lags behind. */
  #isSeen = false;

  constructor(ask: Ask, { session, effects, maxAttempts }: Options) {
    this.#ask = ask;
    this.#session = session;
    this.#effects = effects;
    this.#maxAttempts = maxAttempts;
    this.#expiresAt = ask.request.expiresAt ?? Number.POSITIVE_INFINITY;
    this.#ref = ask.request.order;
  }

  /** Carries the request out. Never rejects for anything that the exchange answers or leaves unanswered. */
  async run(): Promise<Outcome> {
    let outcome = this.#ask.isRepeat ? await this.#lookFirst() : AGAIN;
    while (outcome === AGAIN) outcome = await this.#attempt();
    return outcome;
  }

  /** An earlier delivery may have sent the cancel: a request that cannot be sent again as it is starts with a query. */
  async #lookFirst(): Promise<Outcome | typeof AGAIN> {
    const otherwise = unknown(REPEATED);
    return this.#isExpired() ? this.#settleByQuery(otherwise) : this.#repeat(otherwise);
  }

  /** Sends a cancel unless the request has expired, or attempts or time have run out. */
  async #attempt(): Promise<Outcome | typeof AGAIN> {
    if (this.#isExpired()) return this.#tooLate();
    if (!this.#hasAttempts() || this.#session.remainingMs() <= 0) return this.#soFar;
    return this.#follow(await this.#session.cancel(this.#ref, this.#expiresAt));
  }

  /** The table of what the exchange says to a cancel, and what follows. */
  async #follow(reading: Reading): Promise<Outcome | typeof AGAIN> {
    switch (reading.kind) {
      case 'order':
        return this.#conclude(reading.order);
      case 'no-open-order':
      case 'no-such-order':
        this.#isInDoubt = true; // a proxy that sends a cancel twice hears this of the second
        return this.#afterAPause(await this.#settleByQuery(unknown(reading.fault)));
      case 'unknown':
        this.#isInDoubt = true;
        return this.#settleByQuery(unknown(reading.fault));
      case 'not-executed':
        return this.#afterAPause(await this.#repeat(this.#notDone('unavailable', reading.fault)));
      case 'clock':
        return this.#repeatIfRenewed(reading, 'unavailable');
      case 'keys':
        return this.#repeatIfRenewed(reading, 'credentials');
      case 'invalid':
        return this.#notDone('invalid-request', reading.fault);
      case 'throttled':
      case 'forbidden':
        return this.#notDone(reading.kind, reading.fault);
      case 'too-late':
        return this.#tooLate();
    }
  }

  /** Says why a cancel was not carried out. While an earlier one is in doubt that would be a claim about both: unknown. */
  #notDone(kind: NotDone, fault: Fault): Outcome {
    return { kind: this.#isInDoubt ? 'unknown' : kind, fault };
  }

  #tooLate(): Outcome {
    return this.#isInDoubt ? this.#soFar : expired(this.#expiresAt, this.#ask.isRepeat);
  }

  /** A terminal status is proof. Any other means accepted, and with `confirm` is queried until it is terminal. */
  async #conclude(order: Order): Promise<Outcome> {
    if (order.state !== 'open') return { kind: order.state, order };
    this.#pin(order);
    for (const ms of this.#ask.confirm ? CONFIRM_AFTER_MS : []) {
      if (this.#session.remainingMs() <= ms) break;
      await this.#effects.sleep(ms);
      const reading = await this.#session.query(this.#ref);
      if (reading.kind === 'throttled') break;
      if (reading.kind === 'order' && reading.order.state !== 'open')
        return { kind: reading.order.state, order: reading.order };
    }
    return { kind: 'accepted', order };
  }

  /** Once renewed, neither clock nor keys are at fault any more: without time, attempts or a query, merely not carried out. */
  async #repeatIfRenewed(reading: Refused, otherwise: NotDone): Promise<Outcome | typeof AGAIN> {
    const isRenewed = await this.#session.renewed(reading);
    const outcome = this.#notDone(isRenewed ? 'unavailable' : otherwise, reading.fault);
    return isRenewed ? this.#repeat(outcome) : outcome;
  }

  /** A repeat goes by `orderId` only: the name alone may have been given to another order meanwhile. */
  async #repeat(otherwise: Outcome): Promise<Outcome | typeof AGAIN> {
    if (this.#ref.orderId === undefined) return this.#settleByQuery(otherwise);
    this.#soFar = otherwise;
    return AGAIN;
  }

  /** Queries the exact order until the exchange says what became of it, or the time is up. */
  async #settleByQuery(otherwise: Outcome): Promise<Outcome | typeof AGAIN> {
    this.#soFar = otherwise;
    for (let failures = 0; this.#session.remainingMs() > 0; failures++) {
      const reading = await this.#session.query(this.#ref);
      if (reading.kind === 'order') return this.#settleBy(reading.order);
      if (reading.kind === 'no-such-order' && !this.#isSeen)
        return { kind: 'not-found', fault: reading.fault };
      if (reading.kind === 'keys' && otherwise.kind !== 'unknown')
        return { kind: 'credentials', fault: reading.fault };
      if (!MAY_PASS.has(reading.kind) || !(await this.#pause(failures))) break;
    }
    return otherwise;
  }

  #settleBy(order: Order): Outcome | typeof AGAIN {
    if (this.#ref.orderId === undefined && this.#isNewer(order))
      return unknown({ detail: `clientOrderId names a newer order now, ${order.orderId}, left alone` });
    if (order.state !== 'open') return { kind: order.state, order };
    this.#pin(order);
    return AGAIN;
  }

  /** Whether the order was made after the cancel was asked for; an exchange that does not say when is taken to mean the right one. */
  #isNewer({ createdAt }: Order): boolean {
    return createdAt !== undefined && createdAt > this.#session.toExchangeTime(this.#ask.askedAt);
  }

  #isExpired(): boolean {
    return this.#effects.now() > this.#expiresAt;
  }

  #hasAttempts(): boolean {
    return this.#session.cancelsSent < this.#maxAttempts;
  }

  /** Leaves the exchange a moment before the next cancel, if there is to be one. */
  async #afterAPause<T>(next: T): Promise<T> {
    if (next === AGAIN && this.#hasAttempts()) await this.#pause();
    return next;
  }

  #pin({ orderId }: Order): void {
    this.#isSeen = true;
    this.#ref = { ...this.#ref, orderId };
  }

  /** Waits a jittered 50 … 400 ms, twice as long after each failure up to eightfold. @returns false when there is no time for it */
  async #pause(failures = 0): Promise<boolean> {
    const ms = (50 + 350 * this.#effects.random()) * 2 ** Math.min(failures, 3);
    if (this.#session.remainingMs() <= ms) return false;
    await this.#effects.sleep(ms);
    return true;
  }
}

const REPEATED: Fault = { detail: 'an earlier delivery of this message may have been carried out' };
