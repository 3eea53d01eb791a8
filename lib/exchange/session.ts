import { type Effects, within } from '../effects.ts';
import type { Account } from '../keys/account.ts';
import type { Keys } from '../keys/keys.ts';
import { type AnsweredOrder, isSameOrder, type ListedOrder, type OrderRef } from '../order.ts';
import type { ExchangeClient, Reported } from './client.ts';
import {
  cancelOrder,
  cancelSymbol,
  cancelUnderlying,
  type Endpoint,
  openOrders,
  queryOrder,
} from './endpoints.ts';
import type { CallResult, Failure, OwnWords } from './result.ts';

interface Parts {
  readonly client: ExchangeClient;
  readonly account: Account;
  readonly effects: Effects;
}

interface Limits {
  /** Milliseconds. */
  readonly recvWindow: number;
  /** The end of every call, in milliseconds of the monotonic clock. */
  readonly deadlineAt: number;
}

/** A moment on the wall clock (milliseconds since the epoch) and on the monotonic one. */
export interface Begun {
  readonly at: number;
  readonly monotonic: number;
}

/** Milliseconds between two reads of a secret that could not be read. */
const READ_AGAIN_MS = 200;

/** The signed calls of one request. Renews the clock and the keys at most once each. */
export class Session {
  readonly #parts: Parts;
  readonly #limits: Limits;
  #keys: Keys | undefined;
  /** The reason why there are no keys yet. A later read that the deadline cuts off does not hide it. */
  #unreadBecause = 'the keys and the clock were not read in time';
  #mayReadClock = true;
  #mayReadKeys = true;
  #cancelsSent = 0;
  #queriesSent = 0;
  #usedWeight: number | undefined;
  #begun: Begun | undefined;

  constructor(parts: Parts, limits: Limits) {
    this.#parts = parts;
    this.#limits = limits;
  }

  /** The number of cancel calls made so far. */
  get cancelsSent(): number {
    return this.#cancelsSent;
  }

  /** The number of queries of one order made so far. */
  get queriesSent(): number {
    return this.#queriesSent;
  }

  /** The moment at which the last call was sent. */
  get begun(): Begun | undefined {
    return this.#begun;
  }

  /** The used weight that the last answer reported. */
  get usedWeight(): number | undefined {
    return this.#usedWeight;
  }

  /** Returns the milliseconds left for calls; negative when there are none. */
  remainingMs(): number {
    return this.#limits.deadlineAt - this.#parts.effects.monotonic();
  }

  /** Converts a time of ours to the exchange's clock; both in milliseconds since the epoch. */
  toExchangeTime(ms: number): number {
    return this.#parts.client.toExchangeTime(ms);
  }

  /**
   * Sends one cancel. The result is `too-late` when `notAfter`, in milliseconds since the epoch,
   * passes before the call is ready. A refusal of clock or keys says whether they have been
   * renewed.
   */
  async cancel(ref: OrderRef, notAfter?: number): Promise<CallResult<AnsweredOrder>> {
    const result = await this.#callOrder(cancelOrder, ref, notAfter);
    return this.#renewedBy(result);
  }

  /** Queries the order, again when the clock or the keys have been renewed. */
  query(ref: OrderRef): Promise<CallResult<AnsweredOrder>> {
    return this.#renewing(() => this.#callOrder(queryOrder, ref));
  }

  /** Lists the open orders, of one symbol or of all, from an id on. */
  list(symbol?: string, fromId?: string): Promise<CallResult<readonly ListedOrder[]>> {
    return this.#renewing(() => this.#call(openOrders, { symbol, orderId: fromId }));
  }

  /**
   * Sends a mass cancel of a symbol or of an underlying, not after a time as `cancel` has it. An
   * acknowledgement proves nothing.
   */
  massCancel(
    target: { readonly symbol: string } | { readonly underlying: string },
    notAfter?: number,
  ): Promise<CallResult<boolean>> {
    const endpoint = 'symbol' in target ? cancelSymbol : cancelUnderlying;
    return this.#renewing(() => this.#call(endpoint, { ...target }, notAfter));
  }

  /**
   * Reads an endpoint for a caller: the answer in the exchange's own words, whatever it says, or
   * the reason why there is none. Calls again when the clock or the keys have been renewed.
   */
  async read(
    endpoint: Endpoint<true>,
    parameters: Readonly<Record<string, string | undefined>>,
  ): Promise<CallResult<OwnWords>> {
    let answer: OwnWords | undefined;
    const result = await this.#renewing(async () => {
      const reported = await this.#report(endpoint, parameters);
      answer = reported.answer;
      return reported.result;
    });
    if (answer !== undefined) return { kind: 'ok', value: answer };
    return result.kind === 'ok' ? failure('unknown', 'the answer could not be read') : result;
  }

  /** Makes a call, again when the clock or the keys have been renewed. */
  async #renewing<T>(call: () => Promise<CallResult<T>>): Promise<CallResult<T>> {
    let result = await this.#renewedBy(await call());
    while (result.renewed) result = await this.#renewedBy(await call());
    return result;
  }

  /**
   * Renews the clock or the keys that the exchange refused, and adds to the result whether that
   * succeeded.
   */
  async #renewedBy<T>(result: CallResult<T>): Promise<CallResult<T>> {
    if (result.kind === 'clock' && this.#mayReadClock) {
      this.#mayReadClock = false;
      return { ...result, renewed: await this.#parts.client.readClock(this.#limits.deadlineAt) };
    }
    if (result.kind === 'keys' && this.#mayReadKeys && this.#keys !== undefined) {
      this.#mayReadKeys = false;
      const replacement = this.#parts.account.hasReplacementFor(this.#keys);
      return { ...result, renewed: (await this.#inTime(replacement)) ?? false };
    }
    return result;
  }

  async #callOrder(
    endpoint: Endpoint<AnsweredOrder>,
    ref: OrderRef,
    notAfter?: number,
  ): Promise<CallResult<AnsweredOrder>> {
    const result = await this.#call(endpoint, parametersOf(ref), notAfter);
    if (result.kind !== 'ok' || isSameOrder(result.value, ref)) return result;
    this.#parts.client.observer.otherOrder(ref, result.value.orderId);
    const detail = `the exchange answered with another order, ${result.value.orderId}`;
    return { kind: 'unknown', reason: { status: 200, detail } };
  }

  async #call<T>(
    endpoint: Endpoint<T>,
    parameters: Readonly<Record<string, string | undefined>>,
    notAfter?: number,
  ): Promise<CallResult<T>> {
    return (await this.#report(endpoint, parameters, notAfter)).result;
  }

  async #report<T>(
    endpoint: Endpoint<T>,
    parameters: Readonly<Record<string, string | undefined>>,
    notAfter: number = Number.POSITIVE_INFINITY,
  ): Promise<Reported<T>> {
    const { client, effects } = this.#parts;
    const keys = this.#freshKeys() ?? (await this.#signingKeys());
    if ('kind' in keys) return unanswered(keys);
    this.#keys = keys;
    if (effects.now() > notAfter) return unanswered(failure('too-late', `not sent after ${iso(notAfter)}`));
    this.#begun = { at: effects.now(), monotonic: effects.monotonic() };
    const reported = await client.call({ endpoint, parameters, ...this.#limits }, keys);
    const { result, usedWeight } = reported;
    if (result.kind === 'held' || result.kind === 'reserved') return reported;
    if (endpoint.purpose === 'cancel') this.#cancelsSent++;
    if (endpoint.purpose === 'query') this.#queriesSent++;
    if (usedWeight !== undefined) this.#usedWeight = usedWeight;
    return reported;
  }

  /** Returns the keys if there is nothing to wait for: a timer would cost a warm cancel time. */
  #freshKeys(): Keys | undefined {
    const { account, client } = this.#parts;
    return client.isReady && this.remainingMs() > 0 ? account.freshKeys : undefined;
  }

  /**
   * Waits for the keys, and for the first read of the clock. Retries a read that may succeed later
   * until the deadline.
   */
  async #signingKeys(): Promise<Keys | Failure> {
    const { account, client, effects } = this.#parts;
    while (this.remainingMs() > 0) {
      const [read] = (await this.#inTime(Promise.all([account.keys(), client.ready()]))) ?? [];
      if (read?.ok) return read.keys;
      if (read?.isFinal) return failure('keys', `the secret cannot be used: ${read.detail}`);
      if (read !== undefined) this.#unreadBecause = `the secret could not be read: ${read.detail}`;
      if (read?.isLimited) break;
      await effects.sleep(Math.max(0, Math.min(READ_AGAIN_MS, this.remainingMs())));
    }
    return failure('not-executed', this.#unreadBecause);
  }

  #inTime<T>(work: Promise<T>): Promise<T | undefined> {
    return within(this.remainingMs(), work);
  }
}

const failure = (kind: Failure['kind'], detail: string): Failure => ({ kind, reason: { detail } });

const unanswered = (result: Failure) => ({ result, usedWeight: undefined, answer: undefined });

const parametersOf = ({ symbol, orderId, clientOrderId }: OrderRef) => ({ symbol, orderId, clientOrderId });

const iso = (ms: number) => new Date(ms).toISOString();
