import { describe, expect, test } from '@jest/globals';
import { readOptions } from '../../bench/options.ts';

describe('the options of the benchmark', () => {
  test('default to a full run of every part and write no documents', () => {
    const options = readOptions([]);

    expect(options).toEqual({
      rounds: 10,
      invocations: 300,
      messages: 1000,
      seeds: 5,
      kills: 3,
      parts: new Set(['speed', 'queue', 'truth', 'kill']),
      write: false,
    });
  });

  test('override the values of --quick', () => {
    const options = readOptions(['--quick', '--rounds', '7']);

    expect(options).toMatchObject({ rounds: 7, invocations: 50, messages: 200, seeds: 1 });
  });

  test('select the parts to run', () => {
    const { parts } = readOptions(['--only', 'truth', '--only', 'queue']);

    expect(parts).toEqual(new Set(['truth', 'queue']));
  });

  test('allow to write the kills alone', () => {
    const { parts, write } = readOptions(['--only', 'kill', '--write']);

    expect([parts, write]).toEqual([new Set(['kill']), true]);
  });

  test.each([
    [['--rounds', '0'], '--rounds must be a whole number above 0, not 0'],
    [['--seeds', 'x'], '--seeds must be a whole number above 0, not x'],
    [['--messages', '15'], '--messages must be a multiple of ten'],
    [['--only', 'beauty'], '--only must be one of speed, queue, truth, kill, not beauty'],
    [['--only', 'speed', '--write'], '--write needs every part'],
    [['--quick', '--write'], '--write needs a full run'],
    [['--fast'], '--fast'],
  ])('%j throw an error that names the problem', (args, message) => {
    expect(() => readOptions(args)).toThrow(message);
  });
});
