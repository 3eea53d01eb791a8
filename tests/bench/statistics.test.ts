import { describe, expect, test } from '@jest/globals';
import { median, quantile, spread } from '../../bench/statistics.ts';

describe('a quantile', () => {
  test('is an existing value at its exact position, in any input order', () => {
    const values = [5, 1, 3, 2, 4];

    const found = [0, 0.25, 0.5, 1].map((q) => quantile(values, q));

    expect(found).toEqual([1, 2, 3, 5]);
  });

  test('is interpolated between neighbours', () => {
    expect(quantile([10, 20], 0.99)).toBeCloseTo(19.9);
    expect(median([10, 20])).toBe(15);
  });

  test('does not change its input', () => {
    const values = [2, 1];

    median(values);

    expect(values).toEqual([2, 1]);
  });

  test('throws on an empty list', () => {
    expect(() => median([])).toThrow(RangeError);
  });
});

test('a spread holds the median and both quartiles', () => {
  expect(spread([1, 2, 3, 4, 5])).toEqual({ median: 3, low: 2, high: 4 });
});
