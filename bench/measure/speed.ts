import { runHandler } from '../child.ts';
import { bundleSize, CONTENDERS, type Contender } from '../contenders.ts';
import type { Counts } from '../options.ts';
import { type Site, startSite } from '../site.ts';
import { median, quantile } from '../statistics.ts';
import { cancelEvent } from './events.ts';

/** Cold starts of each contender per round and distance. */
const COLD_STARTS = 3;
/** Exceeds the time that any contender needs to initialise, in milliseconds. */
const SETTLE_MS = 600;
/** Invocations that do not count, because V8 still optimises the code. */
const WARM_UP = 100;

type Cold = 'cold' | 'coldFar';
type First = 'first' | 'waits' | 'loadedBytes' | 'bundleBytes';
type Warm = 'p50' | 'p99' | 'tail' | 'peakMib';
export type Measure = Cold | First | Warm;

/** Measurements of one process of a contender, or of two cold ones. Times are in milliseconds. */
export type SpeedSample = { readonly contender: string } & Readonly<Partial<Record<Measure, number>>>;

/** Returns all values of one measure of a contender. */
export const valuesOf = (speed: readonly SpeedSample[], contender: string, measure: Measure) =>
  speed.flatMap((sample) => (sample.contender === contender ? (sample[measure] ?? []) : []));

/**
 * Measures every contender in every round. Each round starts with the next contender, so that a
 * drift of the machine affects all of them.
 */
export async function measureSpeed({ rounds, invocations }: Counts): Promise<readonly SpeedSample[]> {
  await using near = await startSite({});
  await using far = await startSite({ latencyMs: 20, secretMs: 15, overTls: true });
  const samples: SpeedSample[] = [];
  for (let round = 0; round < rounds; round++) {
    const order = turned(CONTENDERS, round);
    for (let start = 0; start < COLD_STARTS; start++) {
      for (const contender of order) samples.push(await coldStarts(contender, near, far));
    }
    for (const contender of order) {
      samples.push(await firstCancel(contender, far));
      samples.push(await warmCancels(contender, near, invocations));
    }
    console.error(`speed: round ${round + 1} of ${rounds}`);
  }
  return samples;
}

/** Returns the items in turn, so that each round starts with the next. */
export function turned<T>(items: readonly T[], round: number): readonly T[] {
  const turn = round % items.length;
  return [...items.slice(turn), ...items.slice(0, turn)];
}

async function coldStarts({ label, bundle }: Contender, near: Site, far: Site): Promise<SpeedSample> {
  const { totalMs: cold } = await cancels(bundle, near, 1);
  const { totalMs: coldFar } = await cancels(bundle, far, 1);
  return { contender: label, cold, coldFar };
}

async function firstCancel({ label, bundle }: Contender, site: Site): Promise<SpeedSample> {
  const { ms, waits, loadedBytes } = await cancels(bundle, site, 1, SETTLE_MS);
  return { contender: label, first: median(ms), waits, loadedBytes, bundleBytes: await bundleSize(bundle) };
}

async function warmCancels({ label, bundle }: Contender, site: Site, count: number): Promise<SpeedSample> {
  const { ms, peakBytes } = await cancels(bundle, site, WARM_UP + count);
  const counted = ms.slice(WARM_UP);
  const [p50, p99] = [median(counted), quantile(counted, 0.99)];
  return { contender: label, p50, p99, tail: p99 / p50, peakMib: peakBytes / 2 ** 20 };
}

/** Cancels so many orders, one after the other, in a new process. */
const cancels = (bundle: string, site: Site, count: number, settleMs?: number) =>
  runHandler(bundle, site.env, site.place(count).map(cancelEvent), settleMs);
