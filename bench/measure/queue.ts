import { join } from 'node:path';
import * as v from 'valibot';
import { runnerPath } from '../bundle.ts';
import type { Site } from '../exchange/site.ts';
import { median } from '../statistics.ts';
import { KeptChild } from './child.ts';
import { batchEvent, requireSettled } from './events.ts';
import { warmReport } from './warm.ts';

/** The queue handler in one environment. */
export interface QueueRun {
  /** A batch of one message, in milliseconds. */
  readonly oneMs: number;
  /** A batch of ten. */
  readonly tenMs: number;
  /** While a queue is drained, batch after batch. */
  readonly cancelsPerSecond: number;
}

const BATCH = 10;
const PAIRS = 30;
/** Batches that are not counted: the optimiser is still at work. */
const WARM_UP = 10;

/** How often. */
export interface QueueOptions {
  readonly rounds: number;
  /** In a drain; a multiple of ten. */
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

/** Has the handler settle batches of these sizes, one after the other. @returns what each took, in milliseconds */
async function invoke(child: KeptChild, site: Site, sizes: readonly number[]): Promise<readonly number[]> {
  const orderIds = [...(await site.place(sizes.reduce((sum, size) => sum + size, 0)))];
  const events = sizes.map((size) => batchEvent(orderIds.splice(0, size)));
  const { ms, answers } = v.parse(warmReport, await child.ask(events));
  answers.forEach(requireSettled);
  return ms;
}

const repeated = (times: number, sizes: readonly number[]) =>
  Array.from({ length: times }, () => sizes).flat();
