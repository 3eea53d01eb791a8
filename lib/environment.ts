import { OutcomeEvents } from './aws/events.ts';
import { secretOpener } from './aws/secret-source.ts';
import { Telemetry } from './aws/telemetry.ts';
import type { Parsed } from './cancel/request.ts';
import type { Config, ExchangeConfig } from './config.ts';
import type { Trigger } from './consequence.ts';
import { Delivery } from './delivery.ts';
import type { Effects } from './effects.ts';
import { ExchangeClient, type ExchangeObserver } from './exchange/client.ts';
import { Session } from './exchange/session.ts';
import { createTransport } from './exchange/transport.ts';
import { type Checked, timed } from './job.ts';
import { Accounts } from './keys/accounts.ts';

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
  readonly accounts: Accounts;

  /** Starts to read the secret and the exchange's clock at once. */
  constructor(config: Config, trigger: Trigger, effects: Effects) {
    this.config = config;
    this.trigger = trigger;
    this.effects = effects;
    const { EVENT_BUS_NAME } = config;
    const events = EVENT_BUS_NAME === undefined ? undefined : new OutcomeEvents(EVENT_BUS_NAME);
    this.telemetry = new Telemetry(trigger, events);
    this.client = createExchangeClient(config, this.telemetry, effects);
    this.accounts = openAccounts(config, this.telemetry, effects);
    void this.#readSecretAtLoad();
    const { throttle } = this.client;
    this.delivery = new Delivery({ config, telemetry: this.telemetry, throttle, effects });
  }

  async #readSecretAtLoad(): Promise<void> {
    const read = await this.accounts.get().keys();
    if (!read.ok) this.telemetry.warn(`could not read the secret at load: ${read.detail}`);
  }

  /**
   * Opens a session of signed calls.
   *
   * @param deadlineAt the end of every call, in milliseconds of the monotonic clock
   */
  openSession(deadlineAt: number, { account, recvWindow }: Signed = {}): Session {
    const { client, effects, config } = this;
    const parts = { client, account: this.accounts.get(account), effects };
    return new Session(parts, { recvWindow: recvWindow ?? config.BINANCE_RECV_WINDOW_MS, deadlineAt });
  }

  /** Refuses an account where none but the default one can be used. */
  allowed<Request extends Signed>(parsed: Parsed<Request>): Parsed<Request> {
    const mayBeNamed = this.config.BINANCE_ACCOUNT_SECRETS !== undefined;
    return parsed.ok && parsed.value.account !== undefined && !mayBeNamed ? NO_ACCOUNTS : parsed;
  }

  /** Checks what a request's fields alone do not show, and adds the moment at which it was wanted. */
  checked<Request extends Signed & { readonly askedAt?: number | undefined }>(
    parsed: Parsed<Request>,
    triggered: number | undefined,
  ): Checked<Request> {
    const request = this.allowed(parsed);
    return request.ok ? timed(request.value, triggered, this.effects.now()) : request;
  }
}

/** The account and the window with which the calls of a request are signed. */
interface Signed {
  /** Default: the account of `BINANCE_SECRET_ID`. */
  readonly account?: string | undefined;
  /** Milliseconds; default: the configured ones. */
  readonly recvWindow?: number | undefined;
}

const NO_ACCOUNTS: Parsed<never> = {
  ok: false,
  errors: ['account cannot be given here: BINANCE_ACCOUNT_SECRETS, the prefix of their secrets, is not set'],
};

/** Receives events about keys, for logs and metrics. */
interface KeyObserver {
  secretRead(): void;
  warn(message: string, error: unknown): void;
}

/** Ignores all events. */
export const SILENT: ExchangeObserver & KeyObserver = {
  answered: () => undefined,
  clockRead: () => undefined,
  otherOrder: () => undefined,
  secretRead: () => undefined,
  warn: () => undefined,
};

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

/** Opens the configured accounts. No secret is read yet. */
export function openAccounts(config: ExchangeConfig, observer: KeyObserver, effects: Effects): Accounts {
  return new Accounts({
    open: secretOpener(() => observer.secretRead()),
    secretId: config.BINANCE_SECRET_ID,
    prefix: config.BINANCE_ACCOUNT_SECRETS ?? '',
    ttlMs: config.SECRET_TTL_SECONDS * 1000,
    effects,
    onStale: (error) => observer.warn('could not refresh the secret; using the cached keys', error),
  });
}
