import { CONTENDERS } from '../contenders.ts';
import { type Cost, SIZES } from '../measure/cost.ts';
import type { QueueRun } from '../measure/queue.ts';
import { type Measure, type SpeedSample, valuesOf } from '../measure/speed.ts';
import { median, number, spreadText } from '../statistics.ts';
import type { Target } from '../targets.ts';
import { table } from './document.ts';

const SPEEDS = {
  'cold start, ms': 'cold',
  'at a distance, ms': 'coldFar',
  'first cancel, ms': 'first',
  'warm p50, ms': 'p50',
  'warm p99, ms': 'p99',
  'peak memory, MiB': 'peakMib',
} as const;

/** Renders each contender's medians with the interquartile range in brackets. */
export function speedTable(speed: readonly SpeedSample[]): string {
  const rows = CONTENDERS.map(({ label }) => {
    const kb = (measure: Measure) => Math.round(Math.max(...valuesOf(speed, label, measure)) / 1000);
    const spreads = Object.values(SPEEDS).map((measure) => spreadText(valuesOf(speed, label, measure)));
    return [label, ...spreads, `${kb('loadedBytes')} of ${kb('bundleBytes')}`];
  });
  return table(['handler', ...Object.keys(SPEEDS), 'loaded of the bundle, kB'], rows);
}

export function queueTable(runs: readonly QueueRun[], messages: number): string {
  const row = (name: string, field: keyof QueueRun) => [name, spreadText(runs.map((run) => run[field]))];
  return table(
    ['queue handler, exchange 20 ms away', ''],
    [
      row('one message, ms', 'oneMs'),
      row('batch of ten, ms', 'tenMs'),
      row(`cancels a second, ${messages} messages, one environment`, 'cancelsPerSecond'),
    ],
  );
}

export function targetTable(targets: readonly Target[]): string {
  return table(
    ['target', 'at most', 'measured', ''],
    targets.map(({ name, limit, value, verdict }) => [name, limit, number(value), verdict]),
  );
}

const COSTS = ['weight', 'answerMs', 'logBytes'] as const;

/** Renders the costs of a cancel and of kills, and how many times more the largest kill costs. */
export function costTable(costs: readonly Cost[]): string {
  const medians = (orders: number | undefined) => {
    const own = costs.filter((cost) => cost.orders === orders);
    return COSTS.map((field) => median(own.map((cost) => cost[field])));
  };
  const row = (name: string, orders: number | undefined) => [name, ...medians(orders).map(Math.round)];
  const [low, high] = [SIZES[0], SIZES[3]];
  const lowest = medians(low);
  const growth = medians(high).map((value, index) => `× ${number(value / (lowest[index] ?? 1))}`);
  return table(
    ['request', 'weight', 'Lambda, ms', 'log, bytes'],
    [
      row('cancel', undefined),
      ...SIZES.map((orders) => row(`kill of ${orders}`, orders)),
      [`× ${high / low} orders: ${low} to ${high}`, ...growth],
    ],
  );
}
