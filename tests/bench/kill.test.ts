import { resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { type KillTruth, killUnder } from '../../bench/kill/run.ts';
import { type KillContender, killIn, killScene, place } from '../../bench/kill/scene.ts';
import { WEATHERS } from '../../bench/kill/weather.ts';
import { killTruthTable } from '../../bench/report/kill.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const SERVICE: KillContender = { label: 'service', source: 'handlers/api.ts', trigger: 'api', proof: '' };
const QUEUE: KillContender = { ...SERVICE, source: 'handlers/queue.ts', trigger: 'queue' };
const SINGLES: KillContender = { ...SERVICE, source: 'bench/kill/handlers.ts', kill: 'singles', width: 20 };

/** Returns the weathers of these names. */
const only = (...names: readonly string[]) =>
  Object.fromEntries(Object.entries(WEATHERS).filter(([name]) => names.includes(name)));

describe('a kill', () => {
  test.each([
    ['the API handler', SERVICE, 40],
    ['the queue handler', QUEUE, 40],
    ['single cancels', SINGLES, 40],
  ])('by %s empties the book and is weighed as documented', async (_, contender, listWeight) => {
    await using scene = await killScene(ROOT, contender);
    place(scene, 30);

    const run = await killIn(scene, contender);

    expect(run).toMatchObject({ saysDone: true, open: 0 });
    expect(run.weight).toBeGreaterThanOrEqual(listWeight + 5);
    expect(run.firstMs).toBeLessThanOrEqual(run.emptyMs);
    expect([...scene.exchange.orders].map(({ status }) => status)).toEqual(Array(30).fill('CANCELLED'));
    expect((await scene.loggedBytes()) > 0).toBe(contender !== SINGLES);
  });

  test('by single cancels is falsely reported as done while lists lag', async () => {
    const [result] = await killUnder(ROOT, SINGLES, only('lists lag up to 800 ms'), 1);

    expect(result).toMatchObject({ saysDone: true, open: 20 });
  });

  test('by the API handler is not reported as done while the exchange throttles', async () => {
    const [result] = await killUnder(ROOT, SERVICE, only('429 in the middle'), 1);

    expect(result).toMatchObject({ saysDone: false });
  });
});

describe('the table of kills', () => {
  test('counts the false reports of success among all', () => {
    const result = { contender: 'connector, mass call and list', weather: 'a bot places orders', seed: 1 };
    const results: readonly KillTruth[] = [
      { ...result, saysDone: true, open: 2 },
      { ...result, saysDone: true, open: 0 },
      { ...result, saysDone: false, open: 9 },
    ];

    expect(killTruthTable(results)).toMatch(/^\| connector, mass .*\| +1 of 2 \|.*\| +1 of 2 \|$/m);
  });
});
