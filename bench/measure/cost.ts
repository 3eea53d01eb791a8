import { POST_KILLS } from '../kill/run.ts';
import { killScene, place, successIn } from '../kill/scene.ts';
import type { Counts } from '../options.ts';
import type { Scene } from '../scene.ts';
import { cancelEvent } from './events.ts';

/** The sizes of the kills, in orders. */
export const SIZES = [10, 100, 500, 2000] as const;

/** The cost of one request to the API: of a kill of so many orders, or else of a cancel. */
export type Cost = Awaited<ReturnType<typeof costOf>>;

/** Cancels one order and kills books of each size, in each round in an environment that is warm. */
export async function measureCost({ kills: rounds }: Counts): Promise<readonly Cost[]> {
  const costs: Cost[] = [];
  for (let round = 0; round < rounds; round++) {
    await using scene = await killScene(POST_KILLS);
    await costOf(scene, undefined); // opens the connections
    for (const orders of [undefined, ...SIZES]) costs.push(await costOf(scene, orders));
    console.error(`cost: round ${round + 1} of ${rounds}`);
  }
  return costs;
}

async function costOf(scene: Scene, orders: number | undefined) {
  const before = await scene.loggedBytes();
  place(scene, orders ?? 0);
  const event = orders === undefined ? cancelEvent(scene.exchange.place().orderId) : POST_KILLS.event();
  const { weight, answerMs } = await successIn(scene, event, `${orders ?? 'one'} orders`);
  return { orders, weight, answerMs, logBytes: (await scene.loggedBytes()) - before };
}
