import { createSecretSource } from './aws/secret-source.ts';
import type { ExchangeConfig } from './config.ts';
import type { Effects } from './effects.ts';
import { Exchange, type ExchangeObserver } from './exchange/client.ts';
import { Session } from './exchange/session.ts';
import { createTransport } from './exchange/transport.ts';
import { KeyStore } from './keys/store.ts';

/** The first look at the exchange's clock may hold up a cancel no longer than this. */
const CLOCK_MS = 1000;

/** Told what happens on the way to the exchange. */
export interface ConnectionObserver extends ExchangeObserver {
  secretRead(): void;
  warn(message: string, error: unknown): void;
}

/** The way to the exchange that one execution environment keeps: keys, clock, connections, throttle. */
export class Connection {
  readonly exchange: Exchange;
  readonly keyStore: KeyStore;
  /** Whether the exchange's clock could be read at the start. */
  readonly clockReady: Promise<boolean>;
  readonly #effects: Effects;
  readonly #recvWindow: number;

  /** Starts to read the secret and the exchange's clock at once, side by side. */
  constructor(config: ExchangeConfig, observer: ConnectionObserver, effects: Effects) {
    this.#effects = effects;
    this.#recvWindow = config.BINANCE_RECV_WINDOW_MS;
    this.exchange = new Exchange({
      transport: createTransport(config.BINANCE_BASE_URL, effects),
      effects,
      observer,
      timeoutMs: config.BINANCE_TIMEOUT_MS,
      weightLimit: config.BINANCE_WEIGHT_LIMIT,
    });
    this.keyStore = new KeyStore({
      source: createSecretSource(config.BINANCE_SECRET_ID, () => observer.secretRead()),
      ttlMs: config.SECRET_TTL_SECONDS * 1000,
      effects,
      onStale: (error) =>
        observer.warn('secret could not be read again: keys in hand go on being used', error),
    });
    this.clockReady = this.exchange.readClock(effects.now() + CLOCK_MS);
    this.keyStore.get().catch((error) => observer.warn('secret could not be read while loading', error));
  }

  /**
   * Signed calls for one request.
   *
   * @param deadlineAt when they must be over, in milliseconds since the epoch
   * @param recvWindow milliseconds; the configured one when absent
   */
  session(deadlineAt: number, recvWindow = this.#recvWindow): Session {
    const { exchange, keyStore, clockReady } = this;
    return new Session(
      { exchange, keyStore, clockReady, effects: this.#effects },
      { recvWindow, deadlineAt },
    );
  }
}
