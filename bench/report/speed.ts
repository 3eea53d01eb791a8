import { LABELS } from '../contenders.ts';
import type { BenchResult, SpeedSamples } from '../result.ts';
import type { Target } from '../targets.ts';
import { KB, MIB, number, spreadText } from './format.ts';
import { table } from './table.ts';

const SPEED_HEAD = [
  'handler',
  'cold start, ms',
  'at a distance, ms',
  'first cancel, ms',
  'warm p50, ms',
  'warm p99, ms',
  'peak memory, MiB',
  'loaded of the bundle, kB',
];

/** Renders each contender's medians with the interquartile range in brackets. */
export function speedTable(speed: readonly SpeedSamples[]): string {
  return table(
    SPEED_HEAD,
    speed.map((samples) => [LABELS[samples.contender], ...speedCells(samples)]),
  );
}

function speedCells({ cold, coldFar, first, warm, bundleBytes }: SpeedSamples): readonly string[] {
  return [
    spreadText(cold),
    spreadText(coldFar),
    spreadText(first.map(({ ms }) => ms)),
    spreadText(warm.map(({ p50 }) => p50)),
    spreadText(warm.map(({ p99 }) => p99)),
    spreadText(
      warm.map(({ peakBytes }) => peakBytes),
      MIB,
    ),
    `${kb(Math.max(...first.map(({ loadedBytes }) => loadedBytes)))} of ${kb(bundleBytes)}`,
  ];
}

const kb = (bytes: number) => String(Math.round(bytes / KB));

export function queueTable(runs: NonNullable<BenchResult['queue']>, messages: number): string {
  const head = ['queue handler, exchange 20 ms away', ''];
  return table(head, [
    ['one message, ms', spreadText(runs.map(({ oneMs }) => oneMs))],
    ['batch of ten, ms', spreadText(runs.map(({ tenMs }) => tenMs))],
    [
      `cancels a second, ${messages} messages, one environment`,
      spreadText(runs.map(({ cancelsPerSecond }) => cancelsPerSecond)),
    ],
  ]);
}

export function targetTable(targets: readonly Target[]): string {
  return table(
    ['target', 'at most', 'measured', ''],
    targets.map(({ name, limit, value, met }) => [
      name,
      String(limit),
      number(value),
      met ? 'met' : 'not met',
    ]),
  );
}
