import { describe, expect, test } from '@jest/globals';
import { CONTENDERS, SERVICE } from '../../bench/contenders.ts';
import type { SpeedSample } from '../../bench/measure/speed.ts';
import { batchTarget, speedTargets } from '../../bench/targets.ts';

/** Returns samples with these medians, of which the quartiles are 1 % away. */
function samples(
  contender: string,
  { cold = 100, p50 = 1, tail = 2, peakMib = 100, waits = 1 } = {},
): readonly SpeedSample[] {
  const around = (value: number) => [0.99, 1, 1.01].map((factor) => value * factor);
  return [
    ...around(cold).map((ms) => ({ contender, cold: ms })),
    ...around(p50).map((ms) => ({ contender, p50: ms, tail, peakMib })),
    ...[1, waits].map((count) => ({ contender, waits: count })),
  ];
}

/** Returns the verdicts on the service beside others that are all the same, by name. */
function verdictsOn(ours: Parameters<typeof samples>[1]) {
  const speed = CONTENDERS.flatMap(({ label }) => samples(label, label === SERVICE ? ours : {}));
  return new Map(speedTargets(speed).map(({ name, verdict }) => [name, verdict]));
}

describe('the targets', () => {
  test.each([
    [{ cold: 90 }, 'cold start / bare handler with Powertools', 'met'],
    [{ cold: 101 }, 'cold start / bare handler with Powertools', 'equal'],
    [{ cold: 110 }, 'cold start / bare handler', 'met'],
    [{ cold: 111 }, 'cold start / bare handler', 'not met'],
    [{ p50: 1.29 }, 'warm p50 / bare handler', 'met'],
    [{ p50: 1.12 }, 'warm p50 / bare handler with Powertools', 'not met'],
    [{ tail: 5 }, 'warm p99 per p50 / that of the bare handler', 'not met'],
    [{ peakMib: 106 }, 'peak memory / bare handler', 'not met'],
    [{ waits: 2 }, 'waits for the network in the first cancel', 'not met'],
    [{ waits: 1 }, 'waits for the network in the first cancel', 'met'],
  ])('with %j have for "%s" the verdict %s', (ours, name, verdict) => {
    expect(verdictsOn(ours).get(name)).toBe(verdict);
  });

  test('compare a batch of ten with one message', () => {
    const runs = [
      { oneMs: 20, tenMs: 25, cancelsPerSecond: 400 },
      { oneMs: 20, tenMs: 31, cancelsPerSecond: 400 },
    ];

    expect(batchTarget(runs)).toMatchObject({ value: 1.4, limit: 1.3, verdict: 'not met' });
  });
});
