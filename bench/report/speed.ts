import { labelOf } from '../contenders.ts';
import { type Cost, SIZES } from '../measure/cost.ts';
import type { QueueRun } from '../measure/queue.ts';
import type { SpeedSamples } from '../measure/speed.ts';
import { median, number, spreadText } from '../statistics.ts';
import type { Target } from '../targets.ts';
import { table } from './document.ts';

const MIB = 1024 * 1024;

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
    speed.map(({ contender, cold, coldFar, first, warm, bundleBytes }) => [
      labelOf(contender),
      spreadText(cold),
      spreadText(coldFar),
      spreadText(first.map(({ ms }) => ms)),
      spreadText(warm.map(({ p50 }) => p50)),
      spreadText(warm.map(({ p99 }) => p99)),
      spreadText(warm.map(({ peakBytes }) => peakBytes / MIB)),
      `${kb(Math.max(...first.map(({ loadedBytes }) => loadedBytes)))} of ${kb(bundleBytes)}`,
    ]),
  );
}

const kb = (bytes: number) => String(Math.round(bytes / 1000));

export function queueTable(runs: readonly QueueRun[], messages: number): string {
  return table(
    ['queue handler, exchange 20 ms away', ''],
    [
      ['one message, ms', spreadText(runs.map(({ oneMs }) => oneMs))],
      ['batch of ten, ms', spreadText(runs.map(({ tenMs }) => tenMs))],
      [
        `cancels a second, ${messages} messages, one environment`,
        spreadText(runs.map(({ cancelsPerSecond }) => cancelsPerSecond)),
      ],
    ],
  );
}

export function targetTable(targets: readonly Target[]): string {
  return table(
    ['target', 'at most', 'measured', ''],
    targets.map(({ name, limit, value, verdict }) => [name, String(limit), number(value), verdict]),
  );
}

const MEASURES = [
  ({ weight }: Cost) => weight,
  ({ answerMs }: Cost) => answerMs,
  ({ logBytes }: Cost) => logBytes,
];

/** Renders the costs of a cancel and of kills, and how many times more the largest kill costs. */
export function costTable(costs: readonly Cost[]): string {
  const medians = (orders: number | undefined) =>
    MEASURES.map((measure) => median(costs.filter((cost) => cost.orders === orders).map(measure)));
  const [low = 0, high = 0] = [SIZES.at(0), SIZES.at(-1)];
  const lowest = medians(low);
  const growth = medians(high).map((value, index) => `× ${number(value / (lowest[index] ?? 1))}`);
  return table(
    ['request', 'weight', 'Lambda, ms', 'log, bytes'],
    [undefined, ...SIZES]
      .map((orders) => [orders === undefined ? 'cancel' : `kill of ${orders}`, ...medians(orders).map(whole)])
      .concat([[`× ${high / low} orders: ${low} to ${high}`, ...growth]]),
  );
}

const whole = (value: number) => String(Math.round(value));
