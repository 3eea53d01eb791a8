import { describe, expect, test } from '@jest/globals';
import { areEqual, median, number, quantile, spreadText } from '../../bench/statistics.ts';

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

test.each([
  [[3, 4, 5, 6, 7], true],
  [[5, 6, 7, 8, 9], false],
])('samples are equal when their interquartile ranges overlap: 1 to 5 and %j', (others, expected) => {
  const sample = [1, 2, 3, 4, 5];

  expect([areEqual(sample, others), areEqual(others, sample)]).toEqual([expected, expected]);
});

test('numbers have fewer decimals the larger they are', () => {
  expect([0.456, 1.234, 12.34, 123.4, 1234.5].map(number)).toEqual(['0.46', '1.23', '12.3', '123', '1235']);
});

test('a spread is shown as the median and the interquartile range', () => {
  expect(spreadText([1, 2, 3, 4, 5])).toBe('3.00 (2.00–4.00)');
});
