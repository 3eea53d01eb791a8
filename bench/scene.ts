import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EmbeddedExchange, ExchangeOptions } from '../local/exchange.ts';
import { type LambdaProcess, startLambdaProcess } from '../local/lambda-process.ts';
import { type LocalStack, startLocalStack } from '../local/stack.ts';
import { environment } from './child.ts';

/** Timeout of the deployed function. */
const TIMEOUT_MS = 20_000;
/** Exceeds the time in which a handler's output arrives after its answer. */
const OUTPUT_MS = 50;

interface SceneOptions {
  readonly exchange: ExchangeOptions;
  readonly env?: Readonly<Record<string, string>>;
  readonly seed?: string;
}

/** A handler in its own process, with its own exchange. */
export class Scene {
  readonly exchange: EmbeddedExchange;
  readonly stack: LocalStack;
  /** Draws numbers in [0, 1). */
  random: () => number;
  /** The timer of a bot that places orders. */
  bot: NodeJS.Timeout | undefined;
  readonly #handler: LambdaProcess;
  readonly #output: { bytes: number };

  private constructor(stack: LocalStack, handler: LambdaProcess, seed: string, output: { bytes: number }) {
    this.exchange = stack.exchange;
    this.stack = stack;
    this.random = seeded(seed);
    this.#handler = handler;
    this.#output = output;
  }

  /** Starts exchange and handler. `env` adds to the handler's environment. */
  static async set(bundle: URL, { exchange, env = {}, seed = '' }: SceneOptions): Promise<Scene> {
    const stack = await startLocalStack({ exchange });
    const output = { bytes: 0 };
    const handler = await startLambdaProcess({
      bundle,
      env: environment({ ...stack.env, ...env }),
      timeoutMs: TIMEOUT_MS,
      functionName: 'api',
      onOutput: (text) => {
        output.bytes += Buffer.byteLength(text);
      },
    });
    return new Scene(stack, handler, seed, output);
  }

  /** Invokes the handler. Resolves with undefined when it throws or its time is up. */
  invoke(event: unknown): Promise<unknown> {
    return this.#handler.invoke(event).catch(() => undefined);
  }

  /** Returns the bytes that the handler has logged so far. */
  async loggedBytes(): Promise<number> {
    await sleep(OUTPUT_MS);
    return this.#output.bytes;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handler.stop();
    await this.stack.stop();
  }
}

/** Returns a generator of numbers in [0, 1). The same seed gives the same sequence. */
export function seeded(seed: string): () => number {
  let drawn = 0;
  return () => {
    const digest = createHash('sha256').update(`${seed}/${drawn++}`).digest();
    return digest.readUInt32BE() / 2 ** 32;
  };
}

/** Returns a whole number from `low` to `high`, both included. */
export function between(random: () => number, low: number, high: number): number {
  return low + Math.floor(random() * (high - low + 1));
}

/** Returns one of the choices. @throws RangeError when there are none */
export function oneOf<T>(random: () => number, choices: readonly T[]): T {
  const [choice] = choices.slice(between(random, 0, choices.length - 1));
  if (choice === undefined) throw new RangeError('nothing to choose from');
  return choice;
}

/** Does every job, `width` of them at the same time. For jobs that mostly wait and that nothing times. */
export async function sideBySide<T>(
  width: number,
  jobs: readonly T[],
  work: (job: T) => Promise<void>,
): Promise<void> {
  const left = [...jobs];
  const worker = async () => {
    for (let job = left.shift(); job !== undefined; job = left.shift()) await work(job);
  };
  await Promise.all(Array.from({ length: width }, worker));
}
