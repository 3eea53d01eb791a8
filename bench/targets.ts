import type { ContenderName } from './contenders.ts';
import type { QueueRun } from './measure/queue.ts';
import type { SpeedSamples } from './measure/speed.ts';
import { areEqual, median } from './statistics.ts';

/** A goal for this service. The benchmark does not fail when the service misses it. */
export interface Target {
  readonly name: string;
  /** A ratio of medians. */
  readonly value: number;
  /** The largest value that meets the target. */
  readonly limit: number;
  /** `equal` where the interquartile ranges overlap: the ratio may be chance. */
  readonly verdict: 'met' | 'not met' | 'equal';
}

/** Returns the samples of one contender. @throws RangeError when it was not measured */
export function samplesOf(speed: readonly SpeedSamples[], name: ContenderName): SpeedSamples {
  const samples = speed.find(({ contender }) => contender === name);
  if (samples === undefined) throw new RangeError(`${name} was not measured`);
  return samples;
}

type Measure = (samples: SpeedSamples) => readonly number[];
const cold: Measure = (samples) => samples.cold;
const p50: Measure = ({ warm }) => warm.map((round) => round.p50);
const peak: Measure = ({ warm }) => warm.map(({ peakBytes }) => peakBytes);
const tail: Measure = ({ warm }) => warm.map((round) => round.p99 / round.p50);

/** The bare handler logs nothing. Both bare ones have this service's bundling. */
const RATIOS: readonly (readonly [string, Measure, ContenderName, number])[] = [
  ['cold start / bare handler', cold, 'bare-sdk-our-build', 1.1],
  ['cold start / bare handler with Powertools', cold, 'bare-powertools', 1],
  ['cold start / official connector', cold, 'connector', 0.75],
  ['cold start / ccxt', cold, 'ccxt', 0.4],
  ['warm p50 / bare handler', p50, 'bare-sdk-our-build', 1.3],
  ['warm p50 / bare handler with Powertools', p50, 'bare-powertools', 1.1],
  ['warm p99 per p50 / that of the bare handler', tail, 'bare-sdk-our-build', 2],
  ['peak memory / bare handler', peak, 'bare-sdk-our-build', 1.05],
  ['peak memory / bare handler with Powertools', peak, 'bare-powertools', 1.05],
];

/** Returns the targets of the speed of a cancel. */
export function speedTargets(speed: readonly SpeedSamples[]): readonly Target[] {
  const ours = samplesOf(speed, 'ours');
  const waits = Math.max(...ours.first.map((first) => first.waits));
  return [
    ...RATIOS.map(([name, measure, other, limit]) =>
      target(name, measure(ours), measure(samplesOf(speed, other)), limit),
    ),
    target('waits for the network in the first cancel', [waits], undefined, 1),
  ];
}

/** Returns the target of the queue handler. */
export const batchTarget = (runs: readonly QueueRun[]): Target =>
  target(
    'batch of ten / one message',
    runs.map(({ tenMs }) => tenMs),
    runs.map(({ oneMs }) => oneMs),
    1.3,
  );

/** Compares a median with another, or with 1 without another. */
function target(
  name: string,
  ours: readonly number[],
  others: readonly number[] | undefined,
  limit: number,
): Target {
  const value = median(ours) / median(others ?? [1]);
  if (others !== undefined && areEqual(ours, others)) return { name, value, limit, verdict: 'equal' };
  return { name, value, limit, verdict: value <= limit ? 'met' : 'not met' };
}
