import type { SQSEvent } from 'aws-lambda';
import { messageOf } from '../../tools/terminal.ts';
import { MAIN_ACCOUNT } from '../exchange/orders.ts';
import type { HmacKey } from '../exchange.ts';
import { freshHmacKey } from '../keys.ts';
import { type LambdaProcess, startLambdaProcess } from '../lambda-process.ts';
import type { LocalStack } from '../stack.ts';
import type { Plan } from './generator.ts';
import { CALL_TIMEOUT_MS, HANDLER_TIMEOUT_MS, logReader, type Records } from './history.ts';
import { KILL_ACCOUNT } from './messages.ts';
import { DESK_ACCOUNT } from './workload.ts';

/** The exchange's weight per minute. It is never reached, since the nemesis throttles. */
export const WEIGHT_LIMIT = 1_000_000;
/** Time for the calls of one cancel, in ms. */
const CANCEL_BUDGET_MS = 2500;
const QUEUE_HANDLER = new URL('../../dist/handlers/queue.mjs', import.meta.url);

export type Queue = 'cancel' | 'kill';

/** All that processes and events act on. */
export interface World {
  readonly stack: LocalStack;
  readonly keys: ProcessKeys;
  readonly records: Records;
}

interface RunningProcess {
  readonly lambda: LambdaProcess;
  readonly lifetime: Records['lifetimes'][number];
}

/**
 * Runs the built queue handler in several processes, each with its own keys and one batch at a time,
 * and records what they log. A process that dies is replaced by one with a new name. A planned crash
 * hits the process that gets the next batch of its queue.
 */
export class Processes {
  /** The numbers of batches of each queue at once. */
  readonly counts: Readonly<Record<Queue, number>>;
  readonly #world: World;
  readonly #crashes: Plan['crashes'];
  readonly #free: Promise<RunningProcess>[];
  #delivered = 0;

  constructor(count: number, crashes: Plan['crashes'], world: World) {
    this.counts = { cancel: count, kill: Math.ceil(count / 2) };
    this.#world = world;
    this.#crashes = [...crashes];
    this.#free = Array.from({ length: this.counts.cancel + this.counts.kill }, () => this.#start());
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
  async invoke(event: SQSEvent, queue: Queue): Promise<unknown> {
    const next = this.#free.shift();
    if (next === undefined) throw new Error('more batches at once than processes');
    const running = await next;
    try {
      return await this.#invokeOrCrash(running, event, queue);
    } finally {
      const { lambda, lifetime } = running;
      if (!lambda.alive) lifetime.endedAt = Date.now();
      this.#free.push(lambda.alive ? next : lambda.stop().then(() => this.#start()));
    }
  }

  /** Ends all processes, which must be free. Resolves when all output has been read. */
  async stop(): Promise<void> {
    for (const { lambda } of await Promise.all(this.#free)) await lambda.stop();
  }

  /** If the batch ends first, the crash is left to the next batch, after half the time. */
  async #invokeOrCrash(
    { lambda, lifetime }: RunningProcess,
    event: SQSEvent,
    queue: Queue,
  ): Promise<unknown> {
    const { records } = this.#world;
    const due = this.#crashes.findIndex((one) => one.queue === queue && one.after <= this.#delivered);
    const [crash] = due === -1 ? [] : this.#crashes.splice(due, 1);
    let crashed = false;
    const kill = () => {
      crashed = true;
      records.crashed += 1;
      lambda.kill();
    };
    const timer = crash && setTimeout(kill, crash.afterMs);
    this.#delivered += event.Records.length;
    try {
      return await lambda.invoke(event);
    } catch (error) {
      if (!crashed) records.failures.push(`${lifetime.name}: ${messageOf(error)}`);
      throw error;
    } finally {
      clearTimeout(timer);
      if (crash && !crashed) this.#crashes.push({ ...crash, afterMs: Math.floor(crash.afterMs / 2) });
    }
  }

  async #start(): Promise<RunningProcess> {
    const { stack, keys, records } = this.#world;
    const name = `process-${records.lifetimes.length + 1}`;
    const lifetime = { name, beganAt: Date.now(), endedAt: Infinity };
    records.lifetimes.push(lifetime);
    keys.issue(name, MAIN_ACCOUNT);
    for (const account of [DESK_ACCOUNT, KILL_ACCOUNT]) keys.issue(`${name}/${account}`, account);
    const lambda = await startLambdaProcess({
      bundle: QUEUE_HANDLER,
      env: {
        ...stack.env,
        BINANCE_SECRET_ID: name,
        BINANCE_ACCOUNT_SECRETS: `${name}/`,
        BINANCE_TIMEOUT_MS: String(CALL_TIMEOUT_MS),
        BINANCE_WEIGHT_LIMIT: String(WEIGHT_LIMIT),
        QUEUE_BUDGET_MS: String(CANCEL_BUDGET_MS),
      },
      timeoutMs: HANDLER_TIMEOUT_MS,
      functionName: name,
      onOutput: logReader(name, records),
    });
    return { lifetime, lambda };
  }
}

/**
 * Gives each process secrets with keys of its own: one with its name, and those of further accounts,
 * whose names begin with it and a slash. So does an API key, which tells whose call it is.
 */
export class ProcessKeys {
  readonly #stack: LocalStack;
  readonly #keys = new Map<string, Required<HmacKey>>();

  constructor(stack: LocalStack) {
    this.#stack = stack;
  }

  /** Puts a new key into the secret of this name. The exchange then knows it instead of the one before. */
  issue(secretId: string, account: string): void {
    const { apiKey, apiSecret } = freshHmacKey().exchangeKey;
    const key = { apiKey: `${secretId}/${apiKey}`, apiSecret };
    this.#stack.secrets.put(secretId, key);
    this.#keys.set(secretId, { ...key, account });
    this.#stack.exchange.setKeys([...this.#keys.values()]);
  }

  /** Renews every key at once, in the secrets and at the exchange. */
  rotate(): void {
    for (const [secretId, { account }] of this.#keys) this.issue(secretId, account);
  }
}
