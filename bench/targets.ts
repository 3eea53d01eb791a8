import { BARE, CCXT, CONNECTOR, POWERTOOLS, SERVICE } from './contenders.ts';
import type { QueueRun } from './measure/queue.ts';
import { type Measure, type SpeedSample, valuesOf } from './measure/speed.ts';
import { areEqual, median } from './statistics.ts';

/** The bare handler logs nothing. Both bare ones have this service's bundling. */
const RATIOS: readonly (readonly [string, Measure, string, number])[] = [
  ['cold start / bare handler', 'cold', BARE, 1.1],
  ['cold start / bare handler with Powertools', 'cold', POWERTOOLS, 1],
  ['cold start / official connector', 'cold', CONNECTOR, 0.75],
  ['cold start / ccxt', 'cold', CCXT, 0.4],
  ['warm p50 / bare handler', 'p50', BARE, 1.3],
  ['warm p50 / bare handler with Powertools', 'p50', POWERTOOLS, 1.1],
  ['warm p99 per p50 / that of the bare handler', 'tail', BARE, 2],
  ['peak memory / bare handler', 'peakMib', BARE, 1.05],
  ['peak memory / bare handler with Powertools', 'peakMib', POWERTOOLS, 1.05],
];

/** Returns the targets of the speed of a cancel. */
export function speedTargets(speed: readonly SpeedSample[]): readonly Target[] {
  const waits = Math.max(...valuesOf(speed, SERVICE, 'waits'));
  return [
    ...RATIOS.map(([name, measure, other, limit]) =>
      ratio(name, valuesOf(speed, SERVICE, measure), valuesOf(speed, other, measure), limit),
    ),
    target('waits for the network in the first cancel', waits, 1),
  ];
}

/** Returns the target of the queue handler. */
export function batchTarget(runs: readonly QueueRun[]): Target {
  const [tens, ones] = [runs.map(({ tenMs }) => tenMs), runs.map(({ oneMs }) => oneMs)];
  return ratio('batch of ten / one message', tens, ones, 1.3);
}

const ratio = (name: string, ours: readonly number[], others: readonly number[], limit: number) =>
  target(name, median(ours) / median(others), limit, areEqual(ours, others));

/**
 * A goal for this service: the largest value that meets it, and `equal` where the interquartile ranges
 * overlap, because the ratio may be chance. The benchmark does not fail when the service misses it.
 */
export type Target = ReturnType<typeof target>;

function target(name: string, value: number, limit: number, isEqual = false) {
  const verdict = value <= limit ? 'met' : 'not met';
  return { name, value, limit, verdict: isEqual ? 'equal' : verdict };
}
