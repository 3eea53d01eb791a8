import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import * as v from 'valibot';
import { endpointAt } from '../../local/exchange/endpoints.ts';
import { readParameters } from '../../local/exchange/parameters.ts';
import {
  type EmbeddedExchange,
  type ExchangeOptions,
  isOpen,
  type ReceivedCall,
} from '../../local/exchange.ts';
import { type LambdaProcess, startLambdaProcess } from '../../local/lambda-process.ts';
import { type LocalStack, startLocalStack } from '../../local/stack.ts';
import { killBatch, killEvent } from '../measure/events.ts';
import { between, oneOf, seeded } from '../truth/random.ts';
import { environment } from '../truth/run.ts';
import type { KillContender } from './contenders.ts';

const UNDERLYING = 'BTCUSDT';
/** Calls and puts of twenty strikes. The embedded exchange lists all of them. */
export const SYMBOLS: readonly string[] = Array.from({ length: 40 }, (_, index) => {
  return `BTC-261225-${1000 + 25 * (index >> 1)}-${index % 2 === 0 ? 'C' : 'P'}`;
});
const LATENCY_MS = 20;
/** Timeout of the deployed function. */
const TIMEOUT_MS = 20_000;
/** Exceeds the time that a contender needs to initialise once its module is loaded. */
const SETTLE_MS = 500;

/** One kill. Times are milliseconds since it was requested. */
export interface KillRun {
  /** Arrival of the first cancel at the exchange. */
  readonly firstMs: number;
  /** The end of the last order that the kill covers. */
  readonly emptyMs: number;
  readonly answerMs: number;
  /** The documented weight of all calls. */
  readonly weight: number;
  readonly calls: number;
  /** True when the answer reports success. */
  readonly saysDone: boolean;
  /** Open orders that the answer covers: they were placed before the moment of which it speaks. */
  readonly open: number;
}

const httpAnswer = v.object({ statusCode: v.number(), body: v.string() });
const batchAnswer = v.object({ batchItemFailures: v.array(v.unknown()) });
const result = v.object({ asOf: v.string() });

/** A contender in its own process, with its own exchange. */
export class KillScene {
  readonly exchange: EmbeddedExchange;
  random = seeded('');
  readonly #contender: KillContender;
  readonly #handler: LambdaProcess;
  readonly #stack: LocalStack;

  private constructor(contender: KillContender, stack: LocalStack, handler: LambdaProcess) {
    this.exchange = stack.exchange;
    this.#contender = contender;
    this.#stack = stack;
    this.#handler = handler;
  }

  /** Starts exchange and contender, and waits until the contender is initialised. */
  static async set(
    root: string,
    contender: KillContender,
    { certificatePath, ...options }: ExchangeOptions & { readonly certificatePath?: string } = {},
  ): Promise<KillScene> {
    const { weightLimit = 1_000_000 } = options;
    const stack = await startLocalStack({ exchange: { ...options, weightLimit, latencyMs: LATENCY_MS } });
    const handler = await startLambdaProcess({
      bundle: pathToFileURL(join(root, contender.source)),
      env: environment({
        ...stack.env,
        BINANCE_WEIGHT_LIMIT: String(weightLimit),
        BENCH_SYMBOLS: SYMBOLS.join(),
        BENCH_WIDTH: String(contender.width),
        ...(certificatePath !== undefined && { NODE_EXTRA_CA_CERTS: certificatePath }),
      }),
      timeoutMs: TIMEOUT_MS,
    });
    await sleep(SETTLE_MS);
    return new KillScene(contender, stack, handler);
  }

  /** Empties the book, and ends what the last weather did. Draws from another seed from now on. */
  clear(seed: string): void {
    this.random = seeded(seed);
    this.exchange.clearScripts();
    this.exchange.beforeCall = undefined;
    Object.assign(this.exchange.behaviour, { listLagMs: 0, massSurvivors: () => false });
    for (const { orderId } of [...this.exchange.orders].filter(isOpen)) {
      this.exchange.settle(orderId, 'CANCELLED');
    }
  }

  /** Places open orders on all symbols in turn. */
  place(count: number): void {
    for (let index = 0; index < count; index++) this.placeOne(SYMBOLS[index % SYMBOLS.length]);
  }

  placeOne(symbol = oneOf(this.random, SYMBOLS)): void {
    this.exchange.place({ symbol });
  }

  /** Returns a whole number from `low` to `high`. */
  between(low: number, high: number): number {
    return between(this.random, low, high);
  }

  /** Requests a kill, and compares its answer with the book. */
  async kill(): Promise<KillRun> {
    this.exchange.resetCalls();
    const startedAt = Date.now();
    const event = this.#contender.trigger === 'api' ? killEvent(UNDERLYING) : killBatch(UNDERLYING);
    const answer = await this.#handler.invoke(event).catch(() => undefined);
    const answerMs = Date.now() - startedAt;
    const calls = [...this.exchange.calls];
    const claimedAt = claimOf(answer) ?? calls.at(-1)?.at ?? startedAt;
    const covered = [...this.exchange.orders].filter(({ createTime }) => createTime < claimedAt);
    const ends = covered.map(({ updateTime }) => updateTime);
    return {
      firstMs: (calls.find(({ method }) => method === 'DELETE')?.at ?? Number.NaN) - startedAt,
      emptyMs: ends.reduce((latest, end) => Math.max(latest, end), startedAt) - startedAt,
      answerMs,
      weight: calls.reduce((sum, call) => sum + weightOf(call), 0),
      calls: calls.length,
      saysDone: saysDone(answer),
      open: covered.filter(isOpen).length,
    };
  }

  async stop(): Promise<void> {
    await this.#handler.stop();
    await this.#stack.stop();
  }
}

function saysDone(answer: unknown): boolean {
  if (v.is(batchAnswer, answer)) return answer.batchItemFailures.length === 0;
  return v.is(httpAnswer, answer) && answer.statusCode === 200;
}

/** Returns the moment of which an answer speaks, where it names one. Without one, its last call counts. */
function claimOf(answer: unknown): number | undefined {
  if (!v.is(httpAnswer, answer)) return undefined;
  const body: unknown = JSON.parse(answer.body);
  return v.is(result, body) ? Date.parse(body.asOf) : undefined;
}

function weightOf({ method, path, rawQuery, body }: ReceivedCall): number {
  return endpointAt(method, path)?.weight(readParameters(rawQuery, body)) ?? 1;
}
