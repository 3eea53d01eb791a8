import type { ContenderName } from './contenders.ts';
import { type BenchResult, type SpeedSamples, samplesOf } from './result.ts';
import { median } from './statistics.ts';

/** A goal for this service. The benchmark does not fail when the service misses it. */
export interface Target {
  readonly name: string;
  readonly value: number;
  /** The largest value that meets the target. */
  readonly limit: number;
  readonly met: boolean;
}

/** Returns every target that the result has figures for. */
export function targetsOf({ speed, queue }: BenchResult): readonly Target[] {
  return [...(speed ? speedTargets(speed) : []), ...(queue ? [batchTarget(queue)] : [])];
}

function speedTargets(speed: readonly SpeedSamples[]): readonly Target[] {
  const ours = samplesOf(speed, 'ours');
  const ratio = (measure: (samples: SpeedSamples) => number, other: ContenderName) =>
    measure(ours) / measure(samplesOf(speed, other));
  return [
    target('cold start / bare handler with SDK', ratio(cold, 'bare-sdk'), 1),
    target('the same, stretch goal', ratio(cold, 'bare-sdk'), 0.8),
    target('the same with our bundling', ratio(cold, 'bare-sdk-our-build'), 1),
    target('cold start / official connector', ratio(cold, 'connector'), 0.75),
    target('cold start / ccxt', ratio(cold, 'ccxt'), 0.4),
    target('warm p50 / bare handler with SDK', ratio(p50, 'bare-sdk'), 1.2),
    target('peak memory / bare handler with SDK', ratio(peak, 'bare-sdk'), 1.1),
    target('waits for the network in the first cancel', Math.max(...ours.first.map(({ waits }) => waits)), 1),
  ];
}

function batchTarget(runs: NonNullable<BenchResult['queue']>): Target {
  const ten = median(runs.map(({ tenMs }) => tenMs));
  return target('batch of ten / one message', ten / median(runs.map(({ oneMs }) => oneMs)), 1.3);
}

const cold = (samples: SpeedSamples) => median(samples.cold);
const p50 = ({ warm }: SpeedSamples) => median(warm.map((round) => round.p50));
const peak = ({ warm }: SpeedSamples) => median(warm.map(({ peakBytes }) => peakBytes));

function target(name: string, value: number, limit: number): Target {
  return { name, value, limit, met: value <= limit };
}
