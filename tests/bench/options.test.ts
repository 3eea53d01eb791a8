import { describe, expect, test } from '@jest/globals';
import { FULL, readOptions } from '../../bench/options.ts';

describe('the options of the benchmark', () => {
  test('default to a full run of every part and write no documents', () => {
    expect(readOptions([])).toEqual({
      counts: FULL,
      parts: new Set(['speed', 'queue', 'truth', 'kill', 'cost']),
      write: false,
    });
  });

  test('select the parts to run, and fewer rounds', () => {
    const { counts, parts } = readOptions(['--quick', '--only', 'truth', '--only', 'queue']);

    expect(parts).toEqual(new Set(['truth', 'queue']));
    expect(counts.rounds).toBeLessThan(FULL.rounds);
  });

  test.each([
    [['--only', 'beauty'], '--only must be one of speed, queue, truth, kill, cost, not beauty'],
    [['--only', 'speed', '--write'], '--write needs every part'],
    [['--quick', '--write'], '--write needs a full run'],
    [['--fast'], '--fast'],
  ])('%j throw an error that names the problem', (args, message) => {
    expect(() => readOptions(args)).toThrow(message);
  });
});
