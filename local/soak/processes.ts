import type { SQSEvent } from 'aws-lambda';
import { type LambdaProcess, startLambdaProcess } from '../lambda-process.ts';
import { messageOf } from '../terminal.ts';
import type { PlannedCrash } from './generator.ts';
import { HANDLER_TIMEOUT_MS } from './settings.ts';

export interface ProcessesOptions {
  readonly name: string;
  readonly bundle: URL;
  readonly count: number;
  readonly crashes: readonly PlannedCrash[];
  readonly envFor: (name: string) => Readonly<Record<string, string>>;
  /** Returns the receiver of a process's output. */
  readonly outputOf: (name: string) => (text: string) => void;
}

interface RunningProcess {
  readonly lifetime: Lifetime;
  readonly lambda: LambdaProcess;
}

const UNARMED = { isDone: () => false, disarm: () => undefined };

/** The lifetime of a process, in ms since the epoch. */
export interface Lifetime {
  readonly name: string;
  readonly beganAt: number;
  endedAt: number;
}

/**
 * Runs the handler in several processes, each with one batch at a time. A process that dies is
 * replaced by one with a new name. A planned crash hits the process that gets the next batch.
 */
export class Processes {
  /** The number of processes crashed during a batch. */
  crashed = 0;
  readonly lifetimes: Lifetime[] = [];
  readonly failures: string[] = [];
  readonly #options: ProcessesOptions;
  readonly #crashesToCome: PlannedCrash[];
  readonly #free: Promise<RunningProcess>[];
  readonly #dead: RunningProcess[] = [];
  #delivered = 0;

  constructor(options: ProcessesOptions) {
    this.#options = options;
    this.#crashesToCome = [...options.crashes];
    this.#free = Array.from({ length: options.count }, () => this.#start());
  }

  /** The number of processes, and so of batches at once. */
  get count(): number {
    return this.#options.count;
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
  async invoke(event: SQSEvent, onStart: (environment: string) => void): Promise<unknown> {
    const next = this.#free.shift();
    if (next === undefined) throw new Error('more batches at once than processes');
    const environment = await next;
    onStart(environment.lifetime.name);
    const crash = this.#armCrash(environment.lambda);
    this.#delivered += event.Records.length;
    try {
      return await environment.lambda.invoke(event);
    } catch (error) {
      if (!crash.isDone()) this.failures.push(`${environment.lifetime.name}: ${messageOf(error)}`);
      throw error;
    } finally {
      crash.disarm();
      this.#free.push(environment.lambda.alive ? next : this.#replace(environment));
    }
  }

  /** Ends all processes, which must be free. Resolves when all output has been read. */
  async stop(): Promise<void> {
    const environments = await Promise.all(this.#free);
    await Promise.all([...this.#dead, ...environments].map(({ lambda }) => lambda.stop()));
  }

  #replace(dead: RunningProcess): Promise<RunningProcess> {
    dead.lifetime.endedAt = Date.now();
    this.#dead.push(dead);
    return this.#start();
  }

  async #start(): Promise<RunningProcess> {
    const { name: prefix, bundle, envFor, outputOf } = this.#options;
    const name = `${prefix}-${this.lifetimes.length + 1}`;
    const lifetime = { name, beganAt: Date.now(), endedAt: Number.POSITIVE_INFINITY };
    this.lifetimes.push(lifetime);
    const lambda = await startLambdaProcess({
      bundle,
      env: envFor(name),
      timeoutMs: HANDLER_TIMEOUT_MS,
      functionName: name,
      onOutput: outputOf(name),
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
