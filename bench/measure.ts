import { arch, cpus, platform } from 'node:os';
import { measureKill } from './kill/run.ts';
import { measureCost } from './measure/cost.ts';
import { measureQueue } from './measure/queue.ts';
import { measureSpeed } from './measure/speed.ts';
import type { readOptions } from './options.ts';
import { measureTruth } from './truth/run.ts';

/**
 * The result of one run, as `bench/results` stores it. It lacks the parts that were not asked for.
 */
export type BenchResult = Awaited<ReturnType<typeof measure>>;

/** Measures the parts that are asked for. */
export async function measure({ counts, parts }: ReturnType<typeof readOptions>) {
  const cores = cpus();
  const cpu = cores[0]?.model.trim() ?? 'unknown CPU';
  return {
    date: new Date().toISOString(),
    machine: `${cpu}, ${cores.length} cores, ${platform()} ${arch()}, Node ${process.version}`,
    counts,
    ...(parts.has('speed') && { speed: await measureSpeed(counts) }),
    ...(parts.has('queue') && { queue: await measureQueue(counts) }),
    ...(parts.has('truth') && { truth: await measureTruth(counts) }),
    ...(parts.has('kill') && { kill: await measureKill(counts) }),
    ...(parts.has('cost') && { cost: await measureCost(counts) }),
  };
}
