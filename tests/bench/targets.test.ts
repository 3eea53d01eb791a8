import { describe, expect, test } from '@jest/globals';
import type { ContenderName } from '../../bench/contenders.ts';
import type { BenchResult, SpeedSamples } from '../../bench/result.ts';
import { targetsOf } from '../../bench/targets.ts';

const NOT_MEASURED: BenchResult = {
  date: '2026-01-31T12:00:00.000Z',
  machine: { cpu: 'a CPU', cores: 2, system: 'linux x64', node: 'v24.0.0' },
  rounds: 1,
  invocations: 1,
  messages: 10,
  seeds: 1,
  kills: 1,
};

/** Returns samples with these medians. */
function samples(
  contender: ContenderName,
  { cold = 100, p50 = 1, peakBytes = 100, waits = [1] },
): SpeedSamples {
  return {
    contender,
    bundleBytes: 1,
    cold: [cold - 1, cold, cold + 50],
    coldFar: [cold],
    first: waits.map((count) => ({ ms: 1, waits: count, waitsSinceStart: count, loadedBytes: 1 })),
    warm: [{ p50, p99: p50, peakBytes }],
  };
}

function valuesOf(ours: Parameters<typeof samples>[1]) {
  const speed = [
    samples('ours', ours),
    samples('bare-sdk', { cold: 100, p50: 1, peakBytes: 100 }),
    samples('bare-sdk-our-build', { cold: 90, p50: 1, peakBytes: 100 }),
    samples('connector', { cold: 200 }),
    samples('ccxt', { cold: 400 }),
  ];
  return targetsOf({ ...NOT_MEASURED, speed });
}

describe('the targets', () => {
  test('are ratios to the medians of the contender that each names', () => {
    const targets = valuesOf({ cold: 90, p50: 1.5, peakBytes: 120 });

    const values = targets.map(({ value, met }) => [Number(value.toFixed(3)), met]);
    expect(values).toEqual([
      [0.9, true],
      [0.9, false],
      [1, true],
      [0.45, true],
      [0.225, true],
      [1.5, false],
      [1.2, false],
      [1, true],
    ]);
  });

  test('are met at exactly the limit', () => {
    const [cold] = valuesOf({ cold: 100 });

    expect(cold).toMatchObject({ value: 1, limit: 1, met: true });
  });

  test('use the worst first cancel', () => {
    const targets = valuesOf({ waits: [1, 1, 2] });

    expect(targets.at(-1)).toMatchObject({ value: 2, limit: 1, met: false });
  });

  test('compare a batch of ten with one message', () => {
    const queue = [
      { oneMs: 20, tenMs: 25, cancelsPerSecond: 400 },
      { oneMs: 20, tenMs: 31, cancelsPerSecond: 400 },
    ];

    const [batch] = targetsOf({ ...NOT_MEASURED, queue });

    expect(batch).toMatchObject({ value: 1.4, limit: 1.3, met: false });
  });

  test('are empty without measurements', () => {
    expect(targetsOf(NOT_MEASURED)).toEqual([]);
  });
});
