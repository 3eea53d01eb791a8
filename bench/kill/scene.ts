import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as v from 'valibot';
import { endpointAt } from '../../local/exchange/endpoints.ts';
import { readParameters } from '../../local/exchange/parameters.ts';
import { isOpen } from '../../local/exchange.ts';
import { ROOT } from '../contenders.ts';
import { isSuccess } from '../measure/events.ts';
import { type Scene, startScene } from '../scene.ts';
import type { SiteOptions } from '../site.ts';
import { sum } from '../statistics.ts';

/** A way to cancel every order of an underlying. */
export interface KillContender {
  readonly label: string;
  /** The module that exports the handler, from the repository's root. */
  readonly source: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Returns the event that requests the kill. */
  readonly event: () => unknown;
  /** The evidence on which it reports success. */
  readonly proof: string;
}

/** Calls and puts of twenty strikes. The embedded exchange lists all of them. */
const symbolAt = (index: number) =>
  `BTC-261225-${1000 + 25 * ((index % 40) >> 1)}-${index % 2 === 0 ? 'C' : 'P'}`;
export const SYMBOLS: readonly string[] = Array.from({ length: 40 }, (_, index) => symbolAt(index));
/** Exceeds the time that a contender needs to initialise once its module is loaded. */
const SETTLE_MS = 500;

/** Starts a contender with an exchange 20 ms away, and waits until it is initialised. */
export async function killScene({ source, env }: KillContender, options: SiteOptions = {}): Promise<Scene> {
  const more = { BENCH_SYMBOLS: SYMBOLS.join(), ...env };
  const scene = await startScene(join(ROOT, source), { latencyMs: 20, ...options }, more);
  await sleep(SETTLE_MS);
  return scene;
}

/** Places open orders on all symbols in turn. */
export function place({ exchange }: Scene, count: number): void {
  for (let placed = 0; placed < count; placed++) exchange.place({ symbol: symbolAt(placed) });
}

/** Answers that name the moment of which they speak. */
const dated = v.object({
  body: v.pipe(v.string(), v.parseJson(), v.object({ asOf: v.pipe(v.string(), v.transform(Date.parse)) })),
});

/**
 * Sends an event, and compares the answer with the book. The answer covers the orders that were placed
 * before the moment of which it speaks, or before the last call. Times are milliseconds.
 */
export async function requestIn({ exchange, invoke }: Scene, event: unknown) {
  exchange.resetCalls();
  const startedAt = Date.now();
  const answer = await invoke(event);
  const answerMs = Date.now() - startedAt;
  const calls = [...exchange.calls];
  const claim = v.safeParse(dated, answer);
  const claimedAt = claim.success ? claim.output.body.asOf : (calls.at(-1)?.at ?? startedAt);
  const covered = [...exchange.orders].filter(({ createTime }) => createTime < claimedAt);
  const weights = calls.map(({ method, path, rawQuery, body }) => {
    return endpointAt(method, path)?.weight(readParameters(rawQuery, body)) ?? 1;
  });
  return {
    /** Until the first cancel arrived at the exchange. */
    firstMs: (calls.find(({ method }) => method === 'DELETE')?.at ?? Number.NaN) - startedAt,
    /** Until the last covered order ended. */
    emptyMs: Math.max(startedAt, ...covered.map(({ updateTime }) => updateTime)) - startedAt,
    answerMs,
    weight: sum(weights),
    /** True when the answer reports success. */
    saysDone: isSuccess(answer),
    /** Covered orders that are open. */
    open: covered.filter(isOpen).length,
  };
}

/**
 * Does the same.
 *
 * @throws Error unless the request succeeded, because the time of a failed one means nothing
 */
export async function successIn(scene: Scene, event: unknown, label: string) {
  const run = await requestIn(scene, event);
  if (run.saysDone && run.open === 0) return run;
  throw new Error(`a measured request failed: ${label} ${JSON.stringify(run)}`);
}
