import { describe, expect, test } from '@jest/globals';
import { type KillTruth, killUnder, other, POST_KILLS } from '../../bench/kill/run.ts';
import { killScene, place, requestIn } from '../../bench/kill/scene.ts';
import { killBatch } from '../../bench/measure/events.ts';
import { killTruthTable } from '../../bench/report/kill.ts';

const API = { ...POST_KILLS, source: 'handlers/api.ts' };
const QUEUE = { ...POST_KILLS, source: 'handlers/queue.ts', event: killBatch };
const SINGLES = other('singles', 'singles', 20, '');

describe('a kill', () => {
  test.each([
    ['the API handler', API, 40],
    ['the queue handler', QUEUE, 40],
    ['single cancels', SINGLES, 40],
  ])('by %s empties the book and is weighed as documented', async (_, contender, listWeight) => {
    await using scene = await killScene(contender);
    place(scene, 30);

    const run = await requestIn(scene, contender.event());

    expect(run).toMatchObject({ saysDone: true, open: 0 });
    expect(run.weight).toBeGreaterThanOrEqual(listWeight + 5);
    expect(run.firstMs).toBeLessThanOrEqual(run.emptyMs);
    expect([...scene.exchange.orders].map(({ status }) => status)).toEqual(Array(30).fill('CANCELLED'));
    expect((await scene.loggedBytes()) > 0).toBe(contender !== SINGLES);
  });

  test('by single cancels is falsely reported as done while lists lag', async () => {
    const result = await killUnder(SINGLES, 'lists lag up to 800 ms', 1);

    expect(result).toMatchObject({ saysDone: true, open: 20 });
  });

  test('by the API handler is not reported as done while the exchange throttles', async () => {
    const result = await killUnder(API, '429 in the middle', 1);

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
