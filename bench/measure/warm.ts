import { join } from 'node:path';
import * as v from 'valibot';
import { runnerPath } from '../bundle.ts';
import type { Contender } from '../contenders.ts';
import type { Site } from '../exchange/site.ts';
import { quantile } from '../statistics.ts';
import { KeptChild } from './child.ts';
import { cancelEvent, requireSuccess } from './events.ts';

/** Measurements of one environment that cancels many orders in sequence. */
export interface Warm {
  /** Median duration of an invocation, in milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** Peak resident memory since the process started, in bytes. */
  readonly peakBytes: number;
}

/** Invocations that do not count, because V8 still optimises the code. */
const WARM_UP = 100;

export const warmReport = v.object({
  ms: v.array(v.number()),
  answers: v.array(v.unknown()),
  peakBytes: v.number(),
});

/** Cancels `invocations` orders in one environment of the contender. */
export async function warm(
  root: string,
  { bundle }: Contender,
  site: Site,
  invocations: number,
): Promise<Warm> {
  const orderIds = await site.place(WARM_UP + invocations);
  const args = [join(root, bundle)];
  const child = await KeptChild.start({ runner: join(root, runnerPath('warm')), args, env: site.env });
  try {
    const { ms, answers, peakBytes } = v.parse(warmReport, await child.ask(orderIds.map(cancelEvent)));
    answers.forEach(requireSuccess);
    const counted = ms.slice(WARM_UP);
    return { p50: quantile(counted, 0.5), p99: quantile(counted, 0.99), peakBytes };
  } finally {
    await child.stop();
  }
}
