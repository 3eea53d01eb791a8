import { join } from 'node:path';
import { runHandler } from '../child.ts';
import { ROOT } from '../contenders.ts';
import type { Counts } from '../options.ts';
import { startSite } from '../site.ts';
import { median, sum } from '../statistics.ts';
import { cancelBatch } from './events.ts';

/**
 * Medians of batches of one and of ten messages, and the throughput of a drain, in one environment.
 */
export type QueueRun = Readonly<Record<'oneMs' | 'tenMs' | 'cancelsPerSecond', number>>;

const BATCH = 10;
const PAIRS = 30;
/** Batches that do not count, because V8 still optimises the code. */
const WARM_UP = 10;

/**
 * Measures the queue handler in a fresh environment each round: batches of one and of ten in turn,
 * then a drain of `messages` in batches of ten.
 */
export async function measureQueue({ rounds, messages }: Counts): Promise<readonly QueueRun[]> {
  await using site = await startSite({ latencyMs: 20 });
  const pairs = Array.from({ length: PAIRS }, () => [1, BATCH]).flat();
  const tens = (batches: number) => Array<number>(batches).fill(BATCH);
  const sizes = [...tens(WARM_UP), ...pairs, ...tens(messages / BATCH)];
  const runs: QueueRun[] = [];
  for (let round = 0; round < rounds; round++) {
    const orderIds = site.place(sum(sizes));
    const events = sizes.map((size) => cancelBatch(orderIds.splice(0, size)));
    const { ms } = await runHandler(join(ROOT, 'dist/handlers/queue.mjs'), site.env, events);
    const paired = ms.slice(WARM_UP, WARM_UP + pairs.length);
    runs.push({
      oneMs: median(paired.filter((_, index) => index % 2 === 0)),
      tenMs: median(paired.filter((_, index) => index % 2 === 1)),
      cancelsPerSecond: (messages * 1000) / sum(ms.slice(WARM_UP + pairs.length)),
    });
    console.error(`queue: round ${round + 1} of ${rounds}`);
  }
  return runs;
}
