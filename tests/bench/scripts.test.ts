import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ROOT } from '../../bench/contenders.ts';
import { between, oneOf, seeded } from '../../bench/scene.ts';
import { play } from '../../bench/truth/run.ts';

const SERVICE = join(ROOT, 'handlers/api.ts');
const BARE = join(ROOT, 'bench/contenders/bare.ts');

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'scene-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

async function handlerOf(body: string): Promise<string> {
  const path = join(folder, `${crypto.randomUUID()}.mjs`);
  await writeFile(path, `export const handler = async () => { ${body} };`);
  return path;
}

describe('a fault script', () => {
  test('detects a handler that falsely claims a cancel', async () => {
    const liar = await handlerOf("return { statusCode: 200, headers: {}, body: '{}' };");

    const { verdicts } = await play(liar, 'id in the query', 1);

    expect(verdicts).toEqual(['false success']);
  });

  test('counts a failed invocation as no answer', async () => {
    const thrower = await handlerOf("throw new Error('no');");

    const { verdicts } = await play(thrower, 'id in the query', 1);

    expect(verdicts).toEqual(['no answer']);
  });

  test.each([
    ['id as a JSON number', ['wrong order']],
    ['id as a JSON string', ['right']],
    ['id in a form', ['right']],
    ['503 unknown, cancel carried out', ['false failure']],
    ['-2011, order filled', ['right']],
    ['clock of the exchange ahead', ['right', 'gave up']],
    ['key rotated', ['right', 'gave up']],
  ])('"%s" gives a bare handler the verdicts %j', async (script, expected) => {
    const { verdicts } = await play(BARE, script, 1);

    expect(verdicts).toEqual(expected);
  });

  test('gives the service the verdict right', async () => {
    const { verdicts } = await play(SERVICE, '503 unknown, cancel carried out', 1);

    expect(verdicts).toEqual(['right']);
  });

  test('counts calls during a throttle and kept requests', async () => {
    const bare = await play(BARE, '429, further cancels requested', 1);
    const service = await play(SERVICE, '429, further cancels requested', 1);

    expect(bare).toEqual({ verdicts: Array(8).fill('gave up'), callsAgainstRefusal: 7 });
    expect(service).toEqual({ verdicts: Array(8).fill('kept'), callsAgainstRefusal: 0 });
  });

  test('throws when its name is unknown', async () => {
    await expect(play(BARE, 'no such script', 1)).rejects.toThrow('there is no script no such script');
  });
});

describe('seeded random numbers', () => {
  test('repeat for the same seed and differ for another', () => {
    const draws = (seed: string) => Array.from({ length: 100 }, seeded(seed));

    expect(draws('1/lost')).toEqual(draws('1/lost'));
    expect(draws('1/lost')).not.toEqual(draws('2/lost'));
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
