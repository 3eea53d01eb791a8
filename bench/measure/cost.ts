import { SERVICE } from '../kill/run.ts';
import { type KillRun, killIn, killScene, place, requestIn, requireDone } from '../kill/scene.ts';
import type { Scene } from '../scene.ts';
import { cancelEvent } from './events.ts';

/** The sizes of the kills, in orders. */
export const SIZES = [10, 100, 500, 2000];

/** The cost of one request to the API. */
export interface Cost extends Pick<KillRun, 'weight' | 'answerMs'> {
  /** The orders of a kill; undefined for a cancel. */
  readonly orders: number | undefined;
  readonly logBytes: number;
}

/** Cancels one order and kills books of each size, in each round in an environment that is warm. */
export async function measureCost(root: string, rounds: number): Promise<readonly Cost[]> {
  const costs: Cost[] = [];
  for (let round = 0; round < rounds; round++) {
    await using scene = await killScene(root, SERVICE);
    await costOf(scene, undefined); // opens the connections
    for (const orders of [undefined, ...SIZES]) costs.push(await costOf(scene, orders));
    console.error(`cost: round ${round + 1} of ${rounds}`);
  }
  return costs;
}

async function costOf(scene: Scene, orders: number | undefined): Promise<Cost> {
  const before = await scene.loggedBytes();
  place(scene, orders ?? 0);
  const run = await (orders === undefined
    ? requestIn(scene, cancelEvent(scene.exchange.place().orderId))
    : killIn(scene, SERVICE));
  const { weight, answerMs } = requireDone(run, `${orders ?? 'one'} orders`);
  return { orders, weight, answerMs, logBytes: (await scene.loggedBytes()) - before };
}
