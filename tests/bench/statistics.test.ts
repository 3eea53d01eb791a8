import { describe, expect, test } from '@jest/globals';
import { median, quantile, spread } from '../../bench/statistics.ts';

describe('a quantile', () => {
  test('is a value itself where one lies there, whatever the order of the values', () => {
    const values = [5, 1, 3, 2, 4];

    const found = [0, 0.25, 0.5, 1].map((q) => quantile(values, q));

    expect(found).toEqual([1, 2, 3, 5]);
  });

  test('lies between its neighbours in proportion', () => {
    expect(quantile([10, 20], 0.99)).toBeCloseTo(19.9);
    expect(median([10, 20])).toBe(15);
  });

  test('leaves the values as they were', () => {
    const values = [2, 1];

    median(values);

    expect(values).toEqual([2, 1]);
  });

  test('of nothing is refused', () => {
    expect(() => median([])).toThrow(RangeError);
  });
});

test('a spread is the median with the quartiles around it', () => {
  expect(spread([1, 2, 3, 4, 5])).toEqual({ median: 3, low: 2, high: 4 });
});
