import { describe, expect, test } from '@jest/globals';
import { between, oneOf, seeded } from '../../bench/truth/random.ts';

const draws = (seed: string) => Array.from({ length: 100 }, seeded(seed));

describe('seeded random numbers', () => {
  test('repeat for the same seed and differ for another', () => {
    expect(draws('1/lost')).toEqual(draws('1/lost'));
    expect(draws('1/lost')).not.toEqual(draws('2/lost'));
  });

  test('cover the range from 0 to 1', () => {
    const numbers = draws('spread');

    expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...numbers)).toBeLessThan(1);
    expect(new Set(numbers.map((value) => Math.floor(value * 4))).size).toBe(4);
  });

  test('yield every whole number within inclusive bounds and every item of a list', () => {
    const random = seeded('choice');
    const numbers = Array.from({ length: 200 }, () => between(random, -1, 1));
    const choices = Array.from({ length: 200 }, () => oneOf(random, ['a', 'b']));

    expect([...new Set(numbers)].sort()).toEqual([-1, 0, 1]);
    expect([...new Set(choices)].sort()).toEqual(['a', 'b']);
    expect(() => oneOf(random, [])).toThrow(RangeError);
  });
});
