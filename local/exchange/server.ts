import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleepFor } from 'node:timers/promises';
import type { EmbeddedExchange, ExchangeOptions } from '../exchange.ts';
import { defaultKey } from '../keys.ts';
import { KeyRing } from './authentication.ts';
import { Book } from './book.ts';
import { CallHandler } from './call-handler.ts';
import { type OpenCall, type ReceivedCall, receive } from './calls.ts';
import type { Fault } from './faults.ts';
import type { ExchangeKey } from './keys.ts';
import { Limits } from './limits.ts';
import { Listener } from './listener.ts';
import type { ExchangeOrder, NewOrder, OrderStatus } from './orders.ts';
import { type CallMatch, Scripts } from './scripts.ts';

const DEFAULT_WEIGHT_LIMIT = 2400;

/** The parts of the embedded exchange put together: the interface says what each member does. */
export class ExchangeServer implements EmbeddedExchange {
  clockSkewMs = 0;
  readonly #calls: OpenCall[] = [];
  readonly #keys = new KeyRing();
  readonly #scripts = new Scripts();
  readonly #now: () => number;
  readonly #book: Book;
  readonly #limits: Limits;
  readonly #handler: CallHandler;
  readonly #listener: Listener;

  constructor(options: ExchangeOptions) {
    const clock = options.now ?? Date.now;
    this.#now = () => clock() + this.clockSkewMs;
    this.#book = new Book(this.#now);
    this.#limits = new Limits(options.weightLimit ?? DEFAULT_WEIGHT_LIMIT, this.#now);
    const desk = { book: this.#book, now: this.#now, acceptedForMs: options.acceptedForMs };
    const sleep = options.sleep ?? sleepUnheld;
    const rules = { keys: this.#keys, limits: this.#limits, scripts: this.#scripts, desk, sleep };
    this.#handler = new CallHandler(rules, options.latencyMs ?? 0);
    this.#listener = new Listener((request, response) => this.#receive(request, response), options.tls);
    this.setKeys(options.keys ?? [defaultKey]);
  }

  get url(): string {
    return this.#listener.url;
  }

  get calls(): readonly ReceivedCall[] {
    return this.#calls;
  }

  get orders(): Iterable<ExchangeOrder> {
    return this.#book.all();
  }

  get usedWeight(): number {
    return this.#limits.used;
  }

  get latencyMs(): number {
    return this.#handler.latencyMs;
  }

  set latencyMs(ms: number) {
    this.#handler.latencyMs = ms;
  }

  setKeys(keys: readonly ExchangeKey[]): void {
    this.#keys.set(keys);
  }

  place(order?: Partial<NewOrder>): ExchangeOrder {
    return this.#book.place(order);
  }

  order(orderId: string): ExchangeOrder | undefined {
    return this.#book.get(orderId);
  }

  fill(orderId: string, quantity?: string): void {
    this.#book.fill(orderId, quantity);
  }

  settle(orderId: string, status: OrderStatus): void {
    this.#book.settle(orderId, status);
  }

  script(fault: Fault, on?: CallMatch): void {
    this.#scripts.add(fault, on);
  }

  clearScripts(): void {
    this.#scripts.clear();
  }

  throttle(seconds: number): void {
    this.#limits.throttle(seconds);
  }

  ban(seconds: number): void {
    this.#limits.ban(seconds);
  }

  useWeight(weight: number): void {
    this.#limits.use(weight);
  }

  resetCalls(): void {
    this.#calls.length = 0;
  }

  async start(port: number): Promise<void> {
    await this.#listener.open(port);
  }

  async down(): Promise<void> {
    await this.#listener.close();
  }

  async up(): Promise<void> {
    await this.#listener.open(0);
  }

  async stop(): Promise<void> {
    await this.#listener.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #receive(request: IncomingMessage, response: ServerResponse): void {
    receive(request, this.#now, (call) => {
      this.#calls.push(call);
      // Not awaited and not caught: a defect of the exchange itself should end the process loudly.
      void this.#handler.handle(call, response);
    });
  }
}

/** A wait that holds no process back: a call still delayed when everything else has ended is of no interest. */
async function sleepUnheld(ms: number): Promise<void> {
  await sleepFor(ms, undefined, { ref: false });
}
