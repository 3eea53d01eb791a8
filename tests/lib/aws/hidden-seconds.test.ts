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
    [1, 1, 3],
    [3000, 1, 3],
    [3001, 1, 4],
    [16_001, 1, 17],
    [16_001, 9, 225],
    [225_001, 9, 226],
    [15 * 60_000, 9, 900],
  ])(
    'while a throttle lasts %d ms more stays hidden for the longer of it and the backoff of receive %d: %d s',
    (ms, receives, seconds) => {
      expect(hiddenSeconds(ms, receives, 0.5)).toBe(seconds);
    },
  );

  test('stays hidden for no longer than the longest backoff that its queue has', () => {
    expect(hiddenSeconds(0, 9, 0, 60)).toBe(30);
    expect(hiddenSeconds(0, 9, ALMOST_ONE, 60)).toBe(60);
  });

  test('stays hidden for whole seconds', () => {
    expect(hiddenSeconds(0, 2, 0.1)).toBe(5);
  });
});
