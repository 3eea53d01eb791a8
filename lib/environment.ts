import { createSecretSource } from './aws/secret-source.ts';
import { Telemetry } from './aws/telemetry.ts';
import type { Config, ExchangeConfig } from './config.ts';
import type { Trigger } from './consequence.ts';
import { Delivery } from './delivery.ts';
import type { Effects } from './effects.ts';
import { ExchangeClient, type ExchangeObserver } from './exchange/client.ts';
import { Session } from './exchange/session.ts';
import { createTransport } from './exchange/transport.ts';
import { Account } from './keys/account.ts';
import { KeyStore } from './keys/store.ts';

/** Milliseconds kept of an invocation's time to write a dead letter and to answer. */
export const RESERVE_MS = 1500;

/**
 * The parts that one execution environment keeps between invocations: keys, clock, connections,
 * throttle, queues, telemetry.
 */
export class Environment {
  readonly config: Config;
  readonly trigger: Trigger;
  readonly effects: Effects;
  readonly telemetry: Telemetry;
  readonly client: ExchangeClient;
  readonly delivery: Delivery;
  readonly #account: Account;

  /** Starts to read the secret and the exchange's clock at once. */
  constructor(config: Config, trigger: Trigger, effects: Effects) {
    this.config = config;
    this.trigger = trigger;
    this.effects = effects;
    this.telemetry = new Telemetry(trigger);
    this.client = createExchangeClient(config, this.telemetry, effects);
    this.#account = openAccount(config, this.telemetry, effects);
    const { throttle } = this.client;
    this.delivery = new Delivery({ config, telemetry: this.telemetry, throttle, effects });
  }

  /**
   * Opens a session of signed calls.
   *
   * @param deadlineAt the end of every call, in milliseconds of the monotonic clock
   * @param recvWindow milliseconds; default: the configured one
   */
  openSession(deadlineAt: number, recvWindow = this.config.BINANCE_RECV_WINDOW_MS): Session {
    const parts = { client: this.client, account: this.#account, effects: this.effects };
    return new Session(parts, { recvWindow, deadlineAt });
  }
}

/** Receives events about keys, for logs and metrics. */
export interface KeyObserver {
  secretRead(): void;
  warn(message: string, error: unknown): void;
}

/** Creates the client of the configured address, which reads the exchange's clock at once. */
export function createExchangeClient(
  config: ExchangeConfig,
  observer: ExchangeObserver,
  effects: Effects,
): ExchangeClient {
  const client = new ExchangeClient({
    transport: createTransport(config.BINANCE_BASE_URL, effects),
    effects,
    observer,
    timeoutMs: config.BINANCE_TIMEOUT_MS,
    weightLimit: config.BINANCE_WEIGHT_LIMIT,
  });
  client.start();
  return client;
}

/** Opens the configured account, whose secret is read at once. */
export function openAccount(config: ExchangeConfig, observer: KeyObserver, effects: Effects): Account {
  const store = new KeyStore({
    source: createSecretSource(config.BINANCE_SECRET_ID, () => observer.secretRead()),
    ttlMs: config.SECRET_TTL_SECONDS * 1000,
    effects,
    onStale: (error) => observer.warn('could not refresh the secret; using the cached keys', error),
  });
  store.get().catch((error) => observer.warn('could not read the secret at load', error));
  return new Account(store);
}
