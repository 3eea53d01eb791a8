import type { OrderRef } from '../cancel/request.ts';
import type { Effects } from '../effects.ts';
import { describeKeyError, type Keys } from '../keys/keys.ts';
import type { KeyStore } from '../keys/store.ts';
import { within } from '../within.ts';
import type { Exchange } from './client.ts';
import { type Reading, readReply } from './result.ts';

interface Options {
  readonly exchange: Exchange;
  readonly keyStore: KeyStore;
  readonly effects: Effects;
  /** Resolves when the clock has been read for the first time, or could not be. */
  readonly clockReady: Promise<unknown>;
}

interface Limits {
  /** Milliseconds. */
  readonly recvWindow: number;
  /** When every call must be over, in milliseconds since the epoch. */
  readonly deadlineAt: number;
}

/** The signed calls made for one cancel request. The clock and the keys are each renewed at most once in it. */
export class Session {
  readonly #options: Options;
  readonly #limits: Limits;
  #keys: Keys | undefined;
  #mayReadClock = true;
  #mayReadKeys = true;
  /** Cancels that went out to the exchange. */
  cancelsSent = 0;
  /** The used weight that the last answer reported. */
  usedWeight: number | undefined;

  constructor(options: Options, limits: Limits) {
    this.#options = options;
    this.#limits = limits;
  }

  /** Milliseconds left for calls; negative when there are none. */
  remainingMs(): number {
    return this.#limits.deadlineAt - this.#options.effects.now();
  }

  /** A time of ours on the exchange's clock, both in milliseconds since the epoch. */
  toExchangeTime(ms: number): number {
    return this.#options.exchange.toExchangeTime(ms);
  }

  /** Sends one cancel; `too-late` when `notAfter`, in milliseconds since the epoch, has passed before it is ready to go. */
  cancel(ref: OrderRef, notAfter: number = Number.POSITIVE_INFINITY): Promise<Reading> {
    return this.#call('DELETE', ref, notAfter);
  }

  /** Queries the order, again when the clock or the keys could be renewed. */
  async query(ref: OrderRef): Promise<Reading> {
    let reading = await this.#call('GET', ref);
    while (await this.renewed(reading)) reading = await this.#call('GET', ref);
    return reading;
  }

  /** Whether what the exchange rejected, our clock or our keys, has been renewed, so that a call is worth signing again. */
  async renewed({ kind }: Reading): Promise<boolean> {
    if (kind === 'clock' && this.#mayReadClock) {
      this.#mayReadClock = false;
      return this.#options.exchange.readClock(this.#limits.deadlineAt);
    }
    if (kind === 'keys' && this.#mayReadKeys && this.#keys !== undefined) {
      this.#mayReadKeys = false;
      return (await this.#inTime(this.#options.keyStore.hasReplacementFor(this.#keys))) ?? false;
    }
    return false;
  }

  async #call(
    method: 'GET' | 'DELETE',
    ref: OrderRef,
    notAfter: number = Number.POSITIVE_INFINITY,
  ): Promise<Reading> {
    const { exchange, clockReady, keyStore } = this.#options;
    try {
      this.#keys = (await this.#inTime(Promise.all([keyStore.get(), clockReady])))?.[0];
    } catch (error) {
      return { kind: 'keys', fault: { detail: `the secret cannot be used: ${describeKeyError(error)}` } };
    }
    if (this.#keys === undefined)
      return { kind: 'not-executed', fault: { detail: 'the keys and the clock were not read in time' } };
    if (this.#options.effects.now() > notAfter)
      return { kind: 'too-late', fault: { detail: `not sent after ${iso(notAfter)}` } };
    const reply = await exchange.call({ method, ref, ...this.#limits }, this.#keys);
    if (reply.kind === 'held') {
      return { kind: 'throttled', fault: { detail: `no call before ${iso(reply.until)}` } };
    }
    if (method === 'DELETE') this.cancelsSent++;
    if (reply.kind === 'answer') this.usedWeight = reply.usedWeight;
    return readReply(reply, ref);
  }

  #inTime<T>(work: Promise<T>): Promise<T | undefined> {
    return within(this.remainingMs(), work);
  }
}

const iso = (ms: number) => new Date(ms).toISOString();
