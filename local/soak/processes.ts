import type { SQSEvent } from 'aws-lambda';
import { messageOf } from '../../tools/terminal.ts';
import { MAIN_ACCOUNT } from '../exchange/orders.ts';
import type { HmacKey } from '../exchange.ts';
import { freshHmacKey } from '../keys.ts';
import { type LambdaProcess, startLambdaProcess } from '../lambda-process.ts';
import type { LocalStack } from '../stack.ts';
import type { Plan } from './generator.ts';
import { CALL_TIMEOUT_MS, HANDLER_TIMEOUT_MS, idsOf, logReader, type Records } from './history.ts';
import { KILL_ACCOUNT } from './messages.ts';
import { DESK_ACCOUNT } from './workload.ts';

/** The exchange's weight per minute. It is never reached, since the nemesis throttles. */
export const WEIGHT_LIMIT = 1_000_000;
/** Time for the calls of one cancel, in ms. */
const CANCEL_BUDGET_MS = 2500;
const QUEUE_HANDLER = new URL('../../dist/handlers/queue.mjs', import.meta.url);

export type Queue = 'cancel' | 'kill';

/** All that processes and events act on. */
export class World {
  readonly stack: LocalStack;
  readonly records: Records;
  readonly #keys = new Map<string, HmacKey[]>();

  constructor(stack: LocalStack, records: Records) {
    this.stack = stack;
    this.records = records;
  }

  /**
   * Puts new keys, which begin with the name of the process, into its secrets, one for each account.
   * The exchange then knows them instead of those before.
   */
  renewKeys(process: string): void {
    const keys = [MAIN_ACCOUNT, DESK_ACCOUNT, KILL_ACCOUNT].map((account) => {
      const { apiKey, apiSecret } = freshHmacKey().exchangeKey;
      const key = { apiKey: `${process}_${apiKey}`, apiSecret };
      this.stack.secrets.put(`${process}/${account}`, key);
      return { ...key, account };
    });
    this.#keys.set(process, keys);
    this.stack.exchange.setKeys([...this.#keys.values()].flat());
  }

  /** Renews every key at once. */
  rotateKeys(): void {
    for (const process of this.#keys.keys()) this.renewKeys(process);
  }
}

interface NamedProcess {
  readonly name: string;
  readonly lambda: LambdaProcess;
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
  readonly #free: Promise<NamedProcess>[];

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
   * @throws Error when the invocation fails or no process is free
   */
  async invoke(event: SQSEvent, queue: Queue): Promise<unknown> {
    const { crashed, failures, deaths } = this.#world.records;
    const next = this.#free.shift();
    if (next === undefined) throw new Error('more batches at once than processes');
    const { name, lambda } = await next;
    const disarm = this.#armCrash(lambda, queue);
    try {
      return await lambda.invoke(event);
    } catch (error) {
      const failed = idsOf(event.Records).map((id) => `${name}: ${messageOf(error)}: ${id}`);
      if (!crashed.has(lambda)) failures.push(...failed);
      throw error;
    } finally {
      disarm();
      if (!lambda.alive) deaths.push(Date.now());
      this.#free.push(lambda.alive ? next : lambda.stop().then(() => this.#start()));
    }
  }

  /** Ends all processes, which must be free. Resolves when all output has been read. */
  async stop(): Promise<void> {
    for (const { lambda } of await Promise.all(this.#free)) await lambda.stop();
  }

  /** If the batch ends first, the crash is left to the next batch, after half the time. */
  #armCrash(lambda: LambdaProcess, queue: Queue): () => void {
    const { crashed, deliveries } = this.#world.records;
    const due = this.#crashes.findIndex((one) => one.queue === queue && one.after <= deliveries.length);
    const [crash] = due === -1 ? [] : this.#crashes.splice(due, 1);
    if (crash === undefined) return () => undefined;
    const timer = setTimeout(() => {
      crashed.add(lambda);
      lambda.kill();
    }, crash.afterMs);
    return () => {
      clearTimeout(timer);
      if (!crashed.has(lambda)) this.#crashes.push({ ...crash, afterMs: crash.afterMs / 2 });
    };
  }

  async #start(): Promise<NamedProcess> {
    const { stack, records } = this.#world;
    records.starts.push(Date.now());
    const name = `process-${records.starts.length}`;
    this.#world.renewKeys(name);
    const lambda = await startLambdaProcess({
      bundle: QUEUE_HANDLER,
      env: {
        ...stack.env,
        BINANCE_SECRET_ID: `${name}/${MAIN_ACCOUNT}`,
        BINANCE_ACCOUNT_SECRETS: `${name}/`,
        BINANCE_TIMEOUT_MS: String(CALL_TIMEOUT_MS),
        BINANCE_WEIGHT_LIMIT: String(WEIGHT_LIMIT),
        QUEUE_BUDGET_MS: String(CANCEL_BUDGET_MS),
      },
      timeoutMs: HANDLER_TIMEOUT_MS,
      functionName: name,
      onOutput: logReader(name, records),
    });
    return { name, lambda };
  }
}
