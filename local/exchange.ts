import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleepFor } from 'node:timers/promises';
import { keyRing } from './exchange/authentication.ts';
import { Behaviour } from './exchange/behaviour.ts';
import { Book } from './exchange/book.ts';
import { handle } from './exchange/call-handler.ts';
import { type OpenCall, type ReceivedCall, receive } from './exchange/calls.ts';
import type { ExchangeState } from './exchange/endpoint.ts';
import type { CallMatch, Fault } from './exchange/fault.ts';
import type { ExchangeKey } from './exchange/keys.ts';
import { Limits } from './exchange/limits.ts';
import { Listener } from './exchange/listener.ts';
import { UNDERLYINGS } from './exchange/listing.ts';
import type { ExchangeOptions } from './exchange/options.ts';
import { defaultKey } from './keys.ts';

export type { Behaviour } from './exchange/behaviour.ts';
export type { ReceivedCall } from './exchange/calls.ts';
export type { CallMatch, Executed, Fault } from './exchange/fault.ts';
export { faultCatalogue } from './exchange/fault-catalogue.ts';
export { codeFaults, faults } from './exchange/faults.ts';
export type { HmacKey } from './exchange/keys.ts';
export { SYMBOLS } from './exchange/listing.ts';
export type { ExchangeOptions } from './exchange/options.ts';
export { type ExchangeOrder, isOpen, type NewOrder, type OrderStatus } from './exchange/orders.ts';
export { placingBot } from './exchange/placing-bot.ts';

/**
 * Starts an exchange on 127.0.0.1 that behaves as Binance's options documentation says. It is
 * deterministic: it has no randomness and no clock but the one handed in. It prints nothing.
 */
export async function startExchange(options: ExchangeOptions = {}): Promise<EmbeddedExchange> {
  const exchange = new EmbeddedExchange(options);
  await exchange.up();
  return exchange;
}

/**
 * A running exchange: its book, and methods to arrange and inspect what calls meet. Ids are strings
 * of digits; times are in ms.
 */
export class EmbeddedExchange extends Book {
  /** How far the exchange's clock is ahead of the option `now`, in ms. */
  clockSkewMs = 0;
  /** How it behaves where the documentation is silent. */
  readonly behaviour: Behaviour;
  /**
   * Called with each call on its arrival, before anything else happens, and awaited. It can place,
   * fill and settle orders. `number` counts the calls from 1, as `calls` does.
   */
  beforeCall: ((number: number, call: ReceivedCall) => unknown) | undefined;
  readonly #calls: OpenCall[] = [];
  readonly #state: ExchangeState;
  readonly #onDefect: (defect: Error) => void;
  readonly #listener: Listener;

  constructor({
    keys = [defaultKey],
    tls,
    weightLimit = 400,
    latencyMs = 0,
    now = Date.now,
    sleep = (ms) => sleepFor(ms, undefined, { ref: false }),
    underlyings = UNDERLYINGS,
    onDefect = (defect) => {
      throw defect;
    },
    ...behaviour
  }: ExchangeOptions) {
    super(() => now() + this.clockSkewMs);
    this.behaviour = Object.assign(new Behaviour(), behaviour);
    this.#state = {
      book: this,
      behaviour: this.behaviour,
      limits: new Limits(weightLimit, this.now),
      keys: keyRing(keys),
      scripts: [],
      underlyings,
      latencyMs,
      sleep,
    };
    this.#onDefect = onDefect;
    this.#listener = new Listener((request, response) => void this.#receive(request, response), tls);
  }

  /** Its address, such as `http://127.0.0.1:41234`. */
  get url(): string {
    return this.#listener.url;
  }

  /** Every call received since the start or `resetCalls`, in order. */
  get calls(): readonly ReceivedCall[] {
    return this.#calls;
  }

  resetCalls(): void {
    this.#calls.length = 0;
  }

  /** Replaces the known keys, as a rotation does. */
  setKeys(keys: readonly ExchangeKey[]): void {
    this.#state.keys = keyRing(keys);
  }

  /** Injects a fault into the next call that matches, by default the next signed one. */
  script(fault: Fault, on: CallMatch = {}): void {
    // A stale read shows only in a query. A cancel would use it up without effect.
    const method = fault.read === undefined ? {} : { method: 'GET' };
    this.#state.scripts.push({ fault, on: { ...method, ...on }, left: on.times ?? 1 });
  }

  /** Forgets the faults that have not been used. */
  clearScripts(): void {
    this.#state.scripts.length = 0;
  }

  /** Answers 429 for that long. The fifth call in that time turns it into a ban of two minutes. */
  throttle(seconds: number): void {
    this.#state.limits.throttle(seconds);
  }

  ban(seconds: number): void {
    this.#state.limits.ban(seconds);
  }

  /** Uses up weight, as other clients behind the same address do. */
  useWeight(weight: number): void {
    this.#state.limits.use(weight);
  }

  /** Listens on 127.0.0.1, on any free port the first time, and then on the same. */
  async up(): Promise<void> {
    await this.#listener.open();
  }

  /** Refuses connections and breaks the open ones, until `up`. */
  async down(): Promise<void> {
    await this.#listener.close();
  }

  /** Does what `down` does, for good. */
  async stop(): Promise<void> {
    await this.#listener.close();
  }

  /** Does what `stop` does, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#listener.close();
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const call = await receive(request, this.now).catch(() => undefined);
    if (call === undefined) return;
    const number = this.#calls.push(call);
    try {
      await this.beforeCall?.(number, call);
      await handle(this.#state, call, response);
    } catch (cause) {
      response.destroy();
      const reason = cause instanceof Error ? cause.message : String(cause);
      this.#onDefect(new Error(`embedded exchange: ${call.method} ${call.path}: ${reason}`, { cause }));
    }
  }
}
