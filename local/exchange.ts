import type { ReceivedCall } from './exchange/calls.ts';
import type { Fault } from './exchange/faults.ts';
import type { ExchangeKey } from './exchange/keys.ts';
import type { TlsIdentity } from './exchange/listener.ts';
import type { ExchangeOrder, NewOrder, OrderStatus } from './exchange/orders.ts';
import type { CallMatch } from './exchange/scripts.ts';
import { ExchangeServer } from './exchange/server.ts';

export type { Answer } from './exchange/answers.ts';
export type { ReceivedCall } from './exchange/calls.ts';
export { type Executed, type Fault, faults, type StaleRead } from './exchange/faults.ts';
export type { ExchangeKey, HmacKey, PublicKey } from './exchange/keys.ts';
export type { TlsIdentity } from './exchange/listener.ts';
export { type ExchangeOrder, isOpen, type NewOrder, type OrderStatus } from './exchange/orders.ts';
export type { CallMatch } from './exchange/scripts.ts';

export interface ExchangeOptions {
  /** Default: the one HMAC key `defaultKey` of `local/keys.ts`. */
  readonly keys?: readonly ExchangeKey[];
  /** Default 0, a free one. The address is always 127.0.0.1. */
  readonly port?: number;
  /** HTTPS with this certificate; default plain HTTP. */
  readonly tls?: TlsIdentity;
  /** Request weight per minute of the exchange's clock; default 2400. */
  readonly weightLimit?: number;
  /** Added to every answer, after the call took effect; default 0. */
  readonly latencyMs?: number;
  /** Default Date.now. The exchange's own clock is `now() + clockSkewMs`. */
  readonly now?: () => number;
  /** How latency and scripted delays (ms) are waited for; default real time. */
  readonly sleep?: (ms: number) => Promise<void>;
  /**
   * Default: a cancel takes effect at once and answers `CANCELLED`, as seen live. With a number it answers in the
   * documented form, `ACCEPTED` and `createDate`, and takes effect so many ms of the exchange's clock later:
   * 0 at once, Infinity never. Until then the order is open and can be filled.
   */
  readonly acceptedForMs?: number;
}

/** A running exchange, and the hands to arrange and inspect it with. Ids are digits throughout; times are ms. */
export interface EmbeddedExchange {
  /** Such as `http://127.0.0.1:41234`. */
  readonly url: string;
  /** Every call received, in order. */
  readonly calls: readonly ReceivedCall[];
  /** How far the exchange's clock is ahead of `now()`. */
  clockSkewMs: number;
  latencyMs: number;
  /** Weight used in the running minute. */
  readonly usedWeight: number;
  /** Every order, in the order of placing. */
  readonly orders: Iterable<ExchangeOrder>;
  /** Replaces the known keys, as a rotation does. */
  setKeys(keys: readonly ExchangeKey[]): void;
  /** Puts an order straight into the book; what is not given is the documented order's. Throws on a taken id or pending name. */
  place(order?: Partial<NewOrder>): ExchangeOrder;
  /** The truth about an order, now. */
  order(orderId: string): ExchangeOrder | undefined;
  /** Fills an open order, whole or by `quantity`. */
  fill(orderId: string, quantity?: string): void;
  /** Forces a status. */
  settle(orderId: string, status: OrderStatus): void;
  /** Spoils the next call that matches, by default the next signed one. */
  script(fault: Fault, on?: CallMatch): void;
  clearScripts(): void;
  /** Answers 429 from now on, for so long; after five calls regardless, 418 for two minutes. */
  throttle(seconds: number): void;
  /** Answers 418 from now on, for so long. */
  ban(seconds: number): void;
  /** Uses up weight, as other clients behind the same address do. */
  useWeight(weight: number): void;
  resetCalls(): void;
  /** Refuses connections, and breaks the open ones off, until `up`. */
  down(): Promise<void>;
  /** Listens again, on the same port. */
  up(): Promise<void>;
  /** Ends it, open connections included. */
  stop(): Promise<void>;
  /** `stop`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Starts an exchange that behaves as Binance's options documentation says: `/ping`, `/time`, `/order` and `/openOrders`
 * below `/eapi/v1`. It is deterministic (no random, no clock but the one handed in) and writes nothing.
 */
export async function startExchange(options: ExchangeOptions = {}): Promise<EmbeddedExchange> {
  const exchange = new ExchangeServer(options);
  await exchange.start(options.port ?? 0);
  return exchange;
}
