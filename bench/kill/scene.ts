import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import * as v from 'valibot';
import { endpointAt } from '../../local/exchange/endpoints.ts';
import { readParameters } from '../../local/exchange/parameters.ts';
import { type ExchangeOptions, isOpen, type ReceivedCall } from '../../local/exchange.ts';
import { isSuccess, killBatch, killEvent } from '../measure/events.ts';
import { oneOf, type Scene, seeded, startScene } from '../scene.ts';

/** A way to cancel every order of an underlying. */
export interface KillContender {
  readonly label: string;
  /** The module that exports the handler, from the repository's root. */
  readonly source: string;
  /** A kill of `handlers.ts`, and the number of calls that it sends at once. */
  readonly kill?: string;
  readonly width?: number;
  readonly trigger: 'api' | 'queue';
  /** The evidence on which it reports success. */
  readonly proof: string;
}

const UNDERLYING = 'BTCUSDT';
/** Calls and puts of twenty strikes. The embedded exchange lists all of them. */
const SYMBOLS: readonly string[] = Array.from({ length: 40 }, (_, index) => {
  return `BTC-261225-${1000 + 25 * (index >> 1)}-${index % 2 === 0 ? 'C' : 'P'}`;
});
const LATENCY_MS = 20;
/** Exceeds the time that a contender needs to initialise once its module is loaded. */
const SETTLE_MS = 500;

/** One request. Times are milliseconds since it was made. */
export interface KillRun {
  /** Arrival of the first cancel at the exchange. */
  readonly firstMs: number;
  /** The end of the last order that the answer covers. */
  readonly emptyMs: number;
  readonly answerMs: number;
  /** The documented weight of all calls. */
  readonly weight: number;
  /** True when the answer reports success. */
  readonly saysDone: boolean;
  /** Open orders that the answer covers: they were placed before the moment of which it speaks. */
  readonly open: number;
}

const httpAnswer = v.object({ body: v.string() });
const result = v.object({ asOf: v.string() });

/** Starts a contender with an exchange 20 ms away, and waits until it is initialised. */
export async function killScene(
  root: string,
  { source, kill = '', width }: KillContender,
  { certificatePath, ...options }: ExchangeOptions & { readonly certificatePath?: string } = {},
): Promise<Scene> {
  const { weightLimit = 1_000_000 } = options;
  const env = {
    BINANCE_WEIGHT_LIMIT: String(weightLimit),
    BENCH_SYMBOLS: SYMBOLS.join(),
    BENCH_KILL: kill,
    BENCH_WIDTH: String(width),
    ...(certificatePath !== undefined && { NODE_EXTRA_CA_CERTS: certificatePath }),
  };
  const exchange = { ...options, weightLimit, latencyMs: LATENCY_MS };
  const scene = await startScene(pathToFileURL(join(root, source)), exchange, { env });
  await sleep(SETTLE_MS);
  return scene;
}

/** Empties the book, and ends what the last weather did. Draws from another seed from now on. */
export function clear(scene: Scene, seed: string): void {
  const { exchange } = scene;
  scene.random = seeded(seed);
  exchange.clearScripts();
  exchange.beforeCall = undefined;
  Object.assign(exchange.behaviour, { listLagMs: 0, massSurvivors: () => false });
  for (const { orderId } of [...exchange.orders].filter(isOpen)) exchange.settle(orderId, 'CANCELLED');
}

/** Places open orders on all symbols in turn. */
export function place({ exchange }: Scene, count: number): void {
  for (let left = count; left > 0; ) for (const symbol of SYMBOLS) if (left-- > 0) exchange.place({ symbol });
}

/** Places an open order on any symbol. */
export const placeOne = ({ exchange, random }: Scene) => exchange.place({ symbol: oneOf(random, SYMBOLS) });

/** Requests a kill, and compares its answer with the book. */
export const killIn = (scene: Scene, { trigger }: Pick<KillContender, 'trigger'>): Promise<KillRun> =>
  requestIn(scene, trigger === 'api' ? killEvent(UNDERLYING) : killBatch(UNDERLYING));

/** Sends an event, and compares the answer with the book. */
export async function requestIn(scene: Scene, event: unknown): Promise<KillRun> {
  const { exchange } = scene;
  exchange.resetCalls();
  const startedAt = Date.now();
  const answer = await scene.invoke(event);
  const answerMs = Date.now() - startedAt;
  const calls = [...exchange.calls];
  const claimedAt = claimOf(answer) ?? calls.at(-1)?.at ?? startedAt;
  const covered = [...exchange.orders].filter(({ createTime }) => createTime < claimedAt);
  const ends = covered.map(({ updateTime }) => updateTime);
  return {
    firstMs: (calls.find(({ method }) => method === 'DELETE')?.at ?? Number.NaN) - startedAt,
    emptyMs: ends.reduce((latest, end) => Math.max(latest, end), startedAt) - startedAt,
    answerMs,
    weight: calls.reduce((sum, call) => sum + weightOf(call), 0),
    saysDone: isSuccess(answer),
    open: covered.filter(isOpen).length,
  };
}

/** @throws Error unless the request succeeded, because the time of a failed one means nothing */
export function requireDone(run: KillRun, label: string): KillRun {
  if (run.saysDone && run.open === 0) return run;
  throw new Error(`a measured request failed: ${label} ${JSON.stringify(run)}`);
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
