import { describe, expect, test } from '@jest/globals';
import { hiddenSeconds } from '../../../lib/aws/queues.ts';

const ALMOST_ONE = 1 - Number.EPSILON;

describe('a message that goes back to the queue', () => {
  test.each([
    [1, 2, 4],
    [2, 4, 8],
    [3, 8, 16],
    [7, 128, 256],
    [8, 150, 300],
    [1000, 150, 300],
  ])('after receive %d stays hidden for %d to %d s, by chance', (receives, least, most) => {
    expect(hiddenSeconds(0, receives, 0)).toBe(least);
    expect(hiddenSeconds(0, receives, ALMOST_ONE)).toBe(most);
  });

  test.each([
    [1, 1],
    [1000, 1],
    [16_001, 17],
    [12 * 60 * 60 * 1000, 43_140],
    [3 * 24 * 60 * 60 * 1000, 43_140],
  ])('while a throttle lasts %d ms more stays hidden for %d s, whatever its receives', (ms, seconds) => {
    expect(hiddenSeconds(ms, 1, 0.5)).toBe(seconds);
    expect(hiddenSeconds(ms, 9, 0.5)).toBe(seconds);
  });

  test('stays hidden for whole seconds', () => {
    expect(hiddenSeconds(0, 2, 0.1)).toBe(5);
  });
});
