import { join } from 'node:path';
import * as v from 'valibot';
import { runnerPath } from '../bundle.ts';
import type { Site } from '../exchange/site.ts';
import { median } from '../statistics.ts';
import { KeptChild } from './child.ts';
import { batchEvent, requireSettled } from './events.ts';
import { warmReport } from './warm.ts';

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

export interface QueueOptions {
  readonly rounds: number;
  /** Messages in a drain, a multiple of ten. */
  readonly messages: number;
}

/** Measures the queue handler in a fresh environment each round. */
export async function measureQueue(
  root: string,
  bundle: string,
  site: Site,
  { rounds, messages }: QueueOptions,
): Promise<readonly QueueRun[]> {
  const runs: QueueRun[] = [];
  for (let round = 0; round < rounds; round++) {
    runs.push(await queueRun(root, bundle, site, messages));
    console.error(`queue: round ${round + 1} of ${rounds}`);
  }
  return runs;
}

/** Times batches of one and of ten in turn, then a drain in batches of ten. */
async function queueRun(root: string, bundle: string, site: Site, messages: number): Promise<QueueRun> {
  const runner = join(root, runnerPath('warm'));
  const child = await KeptChild.start({ runner, args: [join(root, bundle)], env: site.env });
  try {
    await invoke(child, site, repeated(WARM_UP, [BATCH]));
    const pairs = await invoke(child, site, repeated(PAIRS, [1, BATCH]));
    const drained = await invoke(child, site, repeated(messages / BATCH, [BATCH]));
    const seconds = drained.reduce((sum, ms) => sum + ms, 0) / 1000;
    return {
      oneMs: median(pairs.filter((_, index) => index % 2 === 0)),
      tenMs: median(pairs.filter((_, index) => index % 2 === 1)),
      cancelsPerSecond: messages / seconds,
    };
  } finally {
    await child.stop();
  }
}

/** Invokes the handler with batches of these sizes, in order. @returns the milliseconds of each */
async function invoke(child: KeptChild, site: Site, sizes: readonly number[]): Promise<readonly number[]> {
  const orderIds = [...(await site.place(sizes.reduce((sum, size) => sum + size, 0)))];
  const events = sizes.map((size) => batchEvent(orderIds.splice(0, size)));
  const { ms, answers } = v.parse(warmReport, await child.ask(events));
  answers.forEach(requireSettled);
  return ms;
}

const repeated = (times: number, sizes: readonly number[]) =>
  Array.from({ length: times }, () => sizes).flat();
