import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleepFor } from 'node:timers/promises';
import { KeyRing } from './exchange/authentication.ts';
import { type Behaviour, behaviourOf } from './exchange/behaviour.ts';
import { Book } from './exchange/book.ts';
import { CallHandler } from './exchange/call-handler.ts';
import { type OpenCall, type ReceivedCall, receive } from './exchange/calls.ts';
import type { Fault } from './exchange/fault.ts';
import type { ExchangeKey } from './exchange/keys.ts';
import { Limits } from './exchange/limits.ts';
import { Listener } from './exchange/listener.ts';
import { Listing } from './exchange/listing.ts';
import type { ExchangeOptions } from './exchange/options.ts';
import type { ExchangeOrder, NewOrder, OrderStatus } from './exchange/orders.ts';
import { type CallMatch, Scripts } from './exchange/scripts.ts';
import { defaultKey } from './keys.ts';

export type { Answer } from './exchange/answers.ts';
export type { Behaviour } from './exchange/behaviour.ts';
export type { ReceivedCall } from './exchange/calls.ts';
export type { Executed, Fault, StaleRead } from './exchange/fault.ts';
export { faultCatalogue } from './exchange/fault-catalogue.ts';
export { codeFaults, faults } from './exchange/faults.ts';
export type { ExchangeKey, HmacKey, PublicKey } from './exchange/keys.ts';
export type { TlsIdentity } from './exchange/listener.ts';
export { SYMBOLS } from './exchange/listing.ts';
export type { ExchangeOptions } from './exchange/options.ts';
export { type ExchangeOrder, isOpen, type NewOrder, type OrderStatus } from './exchange/orders.ts';
export { type PlacingBotOptions, placingBot } from './exchange/placing-bot.ts';
export type { CallMatch } from './exchange/scripts.ts';

const DEFAULT_WEIGHT_LIMIT = 400;

/**
 * Starts an exchange on 127.0.0.1 that behaves as Binance's options documentation says. It is
 * deterministic: it has no randomness and no clock but the one handed in. It prints nothing.
 */
export async function startExchange(options: ExchangeOptions = {}): Promise<EmbeddedExchange> {
  const exchange = new EmbeddedExchange(options);
  await exchange.start(options.port ?? 0);
  return exchange;
}

/**
 * A running exchange, with methods to arrange and inspect it. Ids are strings of digits; times are
 * in ms.
 */
export class EmbeddedExchange {
  /** How far the exchange's clock is ahead of `now()`, in ms. */
  clockSkewMs = 0;
  /** How it behaves where the documentation is silent. */
  readonly behaviour: Behaviour;
  /**
   * Called with each call on its arrival, before anything else happens, and awaited. It can place,
   * fill and settle orders. `number` counts the calls from 1, as `calls` does.
   */
  beforeCall: ((number: number, call: ReceivedCall) => unknown) | undefined;
  readonly #calls: OpenCall[] = [];
  readonly #keys = new KeyRing();
  readonly #scripts = new Scripts();
  readonly #now: () => number;
  readonly #book: Book;
  readonly #limits: Limits;
  readonly #handler: CallHandler;
  readonly #onDefect: (defect: Error) => void;
  readonly #listener: Listener;

  constructor(options: ExchangeOptions) {
    const clock = options.now ?? Date.now;
    this.#now = () => clock() + this.clockSkewMs;
    this.#book = new Book(this.#now);
    this.#limits = new Limits(options.weightLimit ?? DEFAULT_WEIGHT_LIMIT, this.#now);
    this.behaviour = behaviourOf(options);
    const state = {
      book: this.#book,
      listing: new Listing(options.underlyings, options.symbols),
      limits: this.#limits,
      behaviour: this.behaviour,
      now: this.#now,
    };
    const sleep = options.sleep ?? sleepUnreferenced;
    const rules = { keys: this.#keys, scripts: this.#scripts, state, sleep };
    this.#handler = new CallHandler(rules, options.latencyMs ?? 0);
    this.#onDefect = options.onDefect ?? throwDefect;
    this.#listener = new Listener((request, response) => this.#receive(request, response), options.tls);
    this.setKeys(options.keys ?? [defaultKey]);
  }

  /** Its address, such as `http://127.0.0.1:41234`. */
  get url(): string {
    return this.#listener.url;
  }

  /** Every call received since the start or `resetCalls`, in order. */
  get calls(): readonly ReceivedCall[] {
    return this.#calls;
  }

  /** Every order, in the order of placing. */
  get orders(): Iterable<ExchangeOrder> {
    return this.#book.all();
  }

  /** Weight used in the current minute. */
  get usedWeight(): number {
    return this.#limits.used;
  }

  /** Delay of every answer in ms, after the call took effect. */
  get latencyMs(): number {
    return this.#handler.latencyMs;
  }

  set latencyMs(ms: number) {
    this.#handler.latencyMs = ms;
  }

  /** Replaces the known keys, as a rotation does. */
  setKeys(keys: readonly ExchangeKey[]): void {
    this.#keys.set(keys);
  }

  /**
   * Adds an order to the book; fields that are not given are those of the documented order.
   *
   * @throws Error when the id is taken, or the name is taken by a pending order
   */
  place(order?: Partial<NewOrder>): ExchangeOrder {
    return this.#book.place(order);
  }

  order(orderId: string): ExchangeOrder | undefined {
    return this.#book.get(orderId);
  }

  /** Fills an open order, completely or by `quantity`. */
  fill(orderId: string, quantity?: string): void {
    this.#book.fill(orderId, quantity);
  }

  /** Sets an order's status, whatever it was. */
  settle(orderId: string, status: OrderStatus): void {
    this.#book.settle(orderId, status);
  }

  /** Injects a fault into the next call that matches, by default the next signed one. */
  script(fault: Fault, on?: CallMatch): void {
    this.#scripts.add(fault, on);
  }

  /** Forgets the faults that have not been used. */
  clearScripts(): void {
    this.#scripts.clear();
  }

  /** Answers 429 for that long. The fifth call in that time turns it into a ban of two minutes. */
  throttle(seconds: number): void {
    this.#limits.throttle(seconds);
  }

  ban(seconds: number): void {
    this.#limits.ban(seconds);
  }

  /** Uses up weight, as other clients behind the same address do. */
  useWeight(weight: number): void {
    this.#limits.use(weight);
  }

  resetCalls(): void {
    this.#calls.length = 0;
  }

  /** Listens on 127.0.0.1; port 0 takes any free one. `startExchange` calls it. */
  async start(port: number): Promise<void> {
    await this.#listener.open(port);
  }

  /** Refuses connections and breaks the open ones, until `up`. */
  async down(): Promise<void> {
    await this.#listener.close();
  }

  /** Listens again, on the same port. */
  async up(): Promise<void> {
    await this.#listener.open(0);
  }

  /** Stops listening and breaks open connections. */
  async stop(): Promise<void> {
    await this.#listener.close();
  }

  /** Does what `stop` does, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #receive(request: IncomingMessage, response: ServerResponse): void {
    receive(request, this.#now, (call) => {
      const number = this.#calls.push(call);
      this.#handle(number, call, response).catch((cause: unknown) => {
        response.destroy();
        const reason = cause instanceof Error ? cause.message : String(cause);
        this.#onDefect(new Error(`embedded exchange: ${call.method} ${call.path}: ${reason}`, { cause }));
      });
    });
  }

  async #handle(number: number, call: OpenCall, response: ServerResponse): Promise<void> {
    if (this.beforeCall !== undefined) await this.beforeCall(number, call);
    await this.#handler.handle(call, response);
  }
}

function throwDefect(defect: Error): never {
  throw defect;
}

async function sleepUnreferenced(ms: number): Promise<void> {
  await sleepFor(ms, undefined, { ref: false });
}
