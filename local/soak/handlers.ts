import type { EmbeddedExchange, HmacKey } from '../exchange.ts';
import { freshHmacKey } from '../keys.ts';
import type { EmbeddedSecrets } from '../secrets.ts';
import type { LocalStack } from '../stack.ts';
import type { PlannedCrash } from './generator.ts';
import type { Recorder } from './history.ts';
import { LogReader } from './log-reader.ts';
import { Processes } from './processes.ts';
import { CALL_TIMEOUT_MS, CANCEL_BUDGET_MS, DESK_ACCOUNT, WEIGHT_LIMIT } from './settings.ts';

export interface HandlersOptions {
  /** The processes are named after it and numbered. */
  readonly name: string;
  /** The account of their keys. */
  readonly account?: string;
  readonly keys: ProcessKeys;
  readonly recorder: Recorder;
  readonly crashes: readonly PlannedCrash[];
  readonly processes: number;
  /** Default: the built queue handler. */
  readonly bundle?: URL;
}

const QUEUE_HANDLER = new URL('../../dist/handlers/queue.mjs', import.meta.url);

/** Starts the processes that run the handler, each with its own keys, and records what they log. */
export function startHandlers(
  { env, exchange }: LocalStack,
  { name: prefix, account, keys, recorder, crashes, processes, bundle = QUEUE_HANDLER }: HandlersOptions,
): Processes {
  return new Processes({
    name: prefix,
    bundle,
    count: processes,
    crashes,
    envFor: (name) => {
      keys.issue(name, account);
      keys.issue(`${name}/${DESK_ACCOUNT}`, DESK_ACCOUNT);
      return {
        ...env,
        BINANCE_BASE_URL: exchange.url,
        BINANCE_SECRET_ID: name,
        BINANCE_ACCOUNT_SECRETS: `${name}/`,
        BINANCE_TIMEOUT_MS: String(CALL_TIMEOUT_MS),
        BINANCE_WEIGHT_LIMIT: String(WEIGHT_LIMIT),
        QUEUE_BUDGET_MS: String(CANCEL_BUDGET_MS),
      };
    },
    outputOf: (name) => {
      const reader = new LogReader(name, recorder);
      return (text) => reader.read(text);
    },
  });
}

/**
 * Gives each process secrets with its own keys, so that a call's key tells which process made it.
 * The secret of a process has its name; those of further accounts begin with it and a slash.
 */
export class ProcessKeys {
  readonly #exchange: EmbeddedExchange;
  readonly #secrets: EmbeddedSecrets;
  readonly #current = new Map<string, HmacKey>();
  readonly #owners = new Map<string, string>();

  constructor(exchange: EmbeddedExchange, secrets: EmbeddedSecrets) {
    this.#exchange = exchange;
    this.#secrets = secrets;
  }

  /**
   * Puts a new key into the secret of this name. The exchange then knows it instead of the one
   * before.
   */
  issue(secretId: string, account?: string): void {
    this.#renew(secretId, account);
    this.#exchange.setKeys([...this.#current.values()]);
  }

  /** Renews every key at once, in the secrets and at the exchange. */
  rotate(): void {
    for (const [secretId, { account }] of this.#current) this.#renew(secretId, account);
    this.#exchange.setKeys([...this.#current.values()]);
  }

  /** Returns the process whose secrets hold or held a key. */
  ownerOf(apiKey: string): string | undefined {
    return this.#owners.get(apiKey);
  }

  #renew(secretId: string, account: string | undefined): void {
    const key = freshHmacKey().exchangeKey;
    this.#secrets.put(secretId, key);
    this.#current.set(secretId, account === undefined ? key : { ...key, account });
    this.#owners.set(key.apiKey, secretId.split('/')[0] ?? secretId);
  }
}
