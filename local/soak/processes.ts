import type { SQSEvent } from 'aws-lambda';
import { messageOf } from '../../tools/terminal.ts';
import type { EmbeddedExchange, HmacKey } from '../exchange.ts';
import { freshHmacKey } from '../keys.ts';
import { type LambdaProcess, startLambdaProcess } from '../lambda-process.ts';
import type { EmbeddedSecrets } from '../secrets.ts';
import type { LocalStack } from '../stack.ts';
import type { PlannedCrash } from './generator.ts';
import { CALL_TIMEOUT_MS, HANDLER_TIMEOUT_MS, LogReader, type Recorder } from './history.ts';
import { DESK_ACCOUNT } from './workload.ts';

/** The exchange's weight per minute. It is never reached, since the nemesis throttles. */
export const WEIGHT_LIMIT = 1_000_000;
/** Time for the calls of one cancel, in ms. */
const CANCEL_BUDGET_MS = 2500;
const QUEUE_HANDLER = new URL('../../dist/handlers/queue.mjs', import.meta.url);

export interface ProcessesOptions {
  /** The processes are named after it and numbered. */
  readonly name: string;
  readonly count: number;
  /** The account of their keys. Default: the exchange's main account. */
  readonly account?: string;
  readonly crashes: readonly PlannedCrash[];
  readonly keys: ProcessKeys;
  readonly recorder: Recorder;
}

/** The lifetime of a process, in ms since the epoch. */
interface Lifetime {
  readonly name: string;
  readonly beganAt: number;
  endedAt: number;
}

interface RunningProcess {
  readonly lifetime: Lifetime;
  readonly lambda: LambdaProcess;
}

const UNARMED = { isDone: () => false, disarm: () => undefined };

/**
 * Runs the built queue handler in several processes, each with its own keys and one batch at a time,
 * and records what they log. A process that dies is replaced by one with a new name. A planned crash
 * hits the process that gets the next batch.
 */
export class Processes {
  /** The number of processes crashed during a batch. */
  crashed = 0;
  readonly lifetimes: Lifetime[] = [];
  readonly failures: string[] = [];
  /** The number of processes, and so of batches at once. */
  readonly count: number;
  readonly #stack: LocalStack;
  readonly #options: ProcessesOptions;
  readonly #crashesToCome: PlannedCrash[];
  readonly #free: Promise<RunningProcess>[];
  readonly #dead: RunningProcess[] = [];
  #delivered = 0;

  constructor(stack: LocalStack, options: ProcessesOptions) {
    this.#stack = stack;
    this.#options = options;
    this.count = options.count;
    this.#crashesToCome = [...options.crashes];
    this.#free = Array.from({ length: options.count }, () => this.#start());
  }

  /** Resolves when all processes have loaded the handler; rejects when one cannot. */
  async loaded(): Promise<void> {
    await Promise.all(this.#free);
  }

  /**
   * Runs the handler in a free process.
   *
   * @throws InvocationError of the process; Error when no process is free
   */
  async invoke(event: SQSEvent): Promise<unknown> {
    const next = this.#free.shift();
    if (next === undefined) throw new Error('more batches at once than processes');
    const { lambda, lifetime } = await next;
    const crash = this.#armCrash(lambda);
    this.#delivered += event.Records.length;
    try {
      return await lambda.invoke(event);
    } catch (error) {
      if (!crash.isDone()) this.failures.push(`${lifetime.name}: ${messageOf(error)}`);
      throw error;
    } finally {
      crash.disarm();
      this.#free.push(lambda.alive ? next : this.#replace({ lambda, lifetime }));
    }
  }

  /** Ends all processes, which must be free. Resolves when all output has been read. */
  async stop(): Promise<void> {
    const all = [...this.#dead, ...(await Promise.all(this.#free))];
    await Promise.all(all.map(({ lambda }) => lambda.stop()));
  }

  #replace(dead: RunningProcess): Promise<RunningProcess> {
    dead.lifetime.endedAt = Date.now();
    this.#dead.push(dead);
    return this.#start();
  }

  async #start(): Promise<RunningProcess> {
    const { name: prefix, account, keys, recorder } = this.#options;
    const { env, exchange } = this.#stack;
    const name = `${prefix}-${this.lifetimes.length + 1}`;
    const lifetime = { name, beganAt: Date.now(), endedAt: Number.POSITIVE_INFINITY };
    this.lifetimes.push(lifetime);
    keys.issue(name, account);
    keys.issue(`${name}/${DESK_ACCOUNT}`, DESK_ACCOUNT);
    const reader = new LogReader(name, recorder);
    const lambda = await startLambdaProcess({
      bundle: QUEUE_HANDLER,
      env: {
        ...env,
        BINANCE_BASE_URL: exchange.url,
        BINANCE_SECRET_ID: name,
        BINANCE_ACCOUNT_SECRETS: `${name}/`,
        BINANCE_TIMEOUT_MS: String(CALL_TIMEOUT_MS),
        BINANCE_WEIGHT_LIMIT: String(WEIGHT_LIMIT),
        QUEUE_BUDGET_MS: String(CANCEL_BUDGET_MS),
      },
      timeoutMs: HANDLER_TIMEOUT_MS,
      functionName: name,
      onOutput: (text) => reader.read(text),
    });
    return { lifetime, lambda };
  }

  /** If the batch ends first, the crash is left to the next batch, after half the time. */
  #armCrash(lambda: LambdaProcess) {
    const [crash] = this.#crashesToCome;
    if (crash === undefined || crash.after > this.#delivered) return UNARMED;
    this.#crashesToCome.shift();
    let done = false;
    const timer = setTimeout(() => {
      done = true;
      this.crashed += 1;
      lambda.kill();
    }, crash.afterMs);
    return {
      isDone: () => done,
      disarm: () => {
        clearTimeout(timer);
        if (!done) this.#crashesToCome.unshift({ ...crash, afterMs: Math.floor(crash.afterMs / 2) });
      },
    };
  }
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

  constructor({ exchange, secrets }: LocalStack) {
    this.#exchange = exchange;
    this.#secrets = secrets;
  }

  /** Puts a new key into the secret of this name. The exchange then knows it instead of the one before. */
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
