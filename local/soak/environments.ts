import type { SQSEvent } from 'aws-lambda';
import { type LambdaProcess, startLambdaProcess } from '../lambda-process.ts';
import { messageOf } from '../terminal.ts';
import type { PlannedKill } from './plan.ts';
import { HANDLER_TIMEOUT_MS } from './setup.ts';

export interface EnvironmentsOptions {
  readonly bundle: URL;
  readonly count: number;
  readonly kills: readonly PlannedKill[];
  /** The variables of a new process of this name. */
  readonly envFor: (name: string) => Readonly<Record<string, string>>;
  /** Gets what a process of this name writes. */
  readonly outputOf: (name: string) => (text: string) => void;
}

interface Environment {
  readonly life: Life;
  readonly lambda: LambdaProcess;
}

const UNARMED = { isDone: () => false, disarm: () => undefined };

/** From when to when there was a process, in ms since the epoch. */
export interface Life {
  readonly name: string;
  readonly beganAt: number;
  endedAt: number;
}

/**
 * The handler in so many processes, each with one batch at a time. A process that dies is replaced by one with a new
 * name; the kills of the plan come true in whichever process has the next batch.
 */
export class Environments {
  /** Processes killed in mid-batch. */
  killed = 0;
  /** Every process there has been. */
  readonly lives: Life[] = [];
  /** How processes failed that were not killed. */
  readonly failures: string[] = [];
  readonly #options: EnvironmentsOptions;
  readonly #killsToCome: PlannedKill[];
  readonly #free: Promise<Environment>[];
  readonly #dead: Environment[] = [];
  #delivered = 0;

  constructor(options: EnvironmentsOptions) {
    this.#options = options;
    this.#killsToCome = [...options.kills];
    this.#free = Array.from({ length: options.count }, () => this.#start());
  }

  /** Resolves when all processes have loaded the handler; rejects when one cannot. */
  async loaded(): Promise<void> {
    await Promise.all(this.#free);
  }

  /** Runs the handler in a free process, of which there must be one. @throws InvocationError as the process does */
  async invoke(event: SQSEvent, onStart: (environment: string) => void): Promise<unknown> {
    const next = this.#free.shift();
    if (next === undefined) throw new Error('more batches at once than processes');
    const environment = await next;
    onStart(environment.life.name);
    const kill = this.#armKill(environment.lambda);
    this.#delivered += event.Records.length;
    try {
      return await environment.lambda.invoke(event);
    } catch (error) {
      if (!kill.isDone()) this.failures.push(`${environment.life.name}: ${messageOf(error)}`);
      throw error;
    } finally {
      kill.disarm();
      this.#free.push(environment.lambda.alive ? next : this.#replace(environment));
    }
  }

  /** Ends the processes, and resolves when all that any of them ever wrote is read; nothing may be in hand. */
  async stop(): Promise<void> {
    const environments = await Promise.all(this.#free);
    await Promise.all([...this.#dead, ...environments].map(({ lambda }) => lambda.stop()));
  }

  #replace(dead: Environment): Promise<Environment> {
    dead.life.endedAt = Date.now();
    this.#dead.push(dead);
    return this.#start();
  }

  async #start(): Promise<Environment> {
    const { bundle, envFor, outputOf } = this.#options;
    const name = `process-${this.lives.length + 1}`;
    const life = { name, beganAt: Date.now(), endedAt: Number.POSITIVE_INFINITY };
    this.lives.push(life);
    const lambda = await startLambdaProcess({
      bundle,
      env: envFor(name),
      timeoutMs: HANDLER_TIMEOUT_MS,
      functionName: name,
      onOutput: outputOf(name),
    });
    return { life, lambda };
  }

  /** A batch that ends before its process is killed leaves the kill, a shorter time in, to the next one. */
  #armKill(lambda: LambdaProcess) {
    const [kill] = this.#killsToCome;
    if (kill === undefined || kill.after > this.#delivered) return UNARMED;
    this.#killsToCome.shift();
    let done = false;
    const timer = setTimeout(() => {
      done = true;
      this.killed += 1;
      lambda.kill();
    }, kill.afterMs);
    return {
      isDone: () => done,
      disarm: () => {
        clearTimeout(timer);
        if (!done) this.#killsToCome.unshift({ ...kill, afterMs: Math.floor(kill.afterMs / 2) });
      },
    };
  }
}
