import { join } from 'node:path';
import * as v from 'valibot';
import { Child } from '../child.ts';
import { RUNNER } from '../contenders.ts';
import type { Site } from '../site.ts';
import { median } from '../statistics.ts';
import { batchEvent, requireSuccess } from './events.ts';
import { warmReport } from './speed.ts';

/** Measurements of the queue handler in one environment. */
export interface QueueRun {
  /** Median duration of a batch of one message, in milliseconds. */
  readonly oneMs: number;
  /** Median duration of a batch of ten messages, in milliseconds. */
  readonly tenMs: number;
  /** Throughput while the environment drains a queue batch by batch. */
  readonly cancelsPerSecond: number;
}

const BATCH = 10;
const PAIRS = 30;
/** Batches that do not count, because V8 still optimises the code. */
const WARM_UP = 10;

/**
 * Measures the queue handler in a fresh environment each round: batches of one and of ten in turn,
 * then a drain of `messages` in batches of ten.
 */
export async function measureQueue(
  root: string,
  site: Site,
  { rounds, messages }: { readonly rounds: number; readonly messages: number },
): Promise<readonly QueueRun[]> {
  const args = [join(root, RUNNER), join(root, 'dist/handlers/queue.mjs')];
  const runs: QueueRun[] = [];
  for (let round = 0; round < rounds; round++) {
    await using child = new Child(args, site.env);
    await child.next();
    await invoke(child, site, repeated(WARM_UP, [BATCH]));
    const pairs = await invoke(child, site, repeated(PAIRS, [1, BATCH]));
    const drained = await invoke(child, site, repeated(messages / BATCH, [BATCH]));
    runs.push({
      oneMs: median(pairs.filter((_, index) => index % 2 === 0)),
      tenMs: median(pairs.filter((_, index) => index % 2 === 1)),
      cancelsPerSecond: (messages * 1000) / drained.reduce((sum, ms) => sum + ms, 0),
    });
    console.error(`queue: round ${round + 1} of ${rounds}`);
  }
  return runs;
}

/** Invokes the handler with batches of these sizes, in order. @returns the milliseconds of each */
async function invoke(child: Child, site: Site, sizes: readonly number[]): Promise<readonly number[]> {
  const orderIds = [...site.place(sizes.reduce((sum, size) => sum + size, 0))];
  const events = sizes.map((size) => batchEvent(orderIds.splice(0, size)));
  const { ms, answers } = v.parse(warmReport, await child.ask(events));
  answers.forEach(requireSuccess);
  return ms;
}

const repeated = (times: number, sizes: readonly number[]) =>
  Array.from({ length: times }, () => sizes).flat();
