import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EmbeddedExchange, ExchangeOptions } from '../local/exchange.ts';
import { startLambdaProcess } from '../local/lambda-process.ts';
import { type LocalStack, startLocalStack } from '../local/stack.ts';
import { environment } from './child.ts';

/** Timeout of the deployed function. */
const TIMEOUT_MS = 20_000;
/** Exceeds the time in which a handler's output arrives after its answer. */
const OUTPUT_MS = 50;

/** A handler in its own process, with its own exchange. */
export interface Scene extends AsyncDisposable {
  readonly stack: LocalStack;
  readonly exchange: EmbeddedExchange;
  /** Draws numbers in [0, 1). */
  random: () => number;
  /** The timer of a bot that places orders. */
  bot?: NodeJS.Timeout;
  /** Invokes the handler. Resolves with undefined when it throws or its time is up. */
  invoke(event: unknown): Promise<unknown>;
  /** Resolves with the bytes that the handler has logged so far. */
  loggedBytes(): Promise<number>;
}

/** Starts an exchange, and a handler whose environment has `env` too. */
export async function startScene(
  bundle: URL,
  exchangeOptions: ExchangeOptions,
  { env = {}, seed = '' }: { readonly env?: Readonly<Record<string, string>>; readonly seed?: string },
): Promise<Scene> {
  const stack = await startLocalStack({ exchange: exchangeOptions });
  let logged = 0;
  const handler = await startLambdaProcess({
    bundle,
    env: environment({ ...stack.env, ...env }),
    timeoutMs: TIMEOUT_MS,
    functionName: 'api',
    onOutput: (text) => {
      logged += Buffer.byteLength(text);
    },
  });
  return {
    stack,
    exchange: stack.exchange,
    random: seeded(seed),
    invoke: (event) => handler.invoke(event).catch(() => undefined),
    loggedBytes: () => sleep(OUTPUT_MS).then(() => logged),
    async [Symbol.asyncDispose]() {
      await handler.stop();
      await stack.stop();
    },
  };
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
