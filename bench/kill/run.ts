import { killBatch, killEvent } from '../measure/events.ts';
import { turned } from '../measure/speed.ts';
import type { Counts } from '../options.ts';
import { everyWay, seeded } from '../scene.ts';
import { type KillContender, killScene, place, requestIn, successIn } from './scene.ts';
import { LIMITED, ORDERS, WEATHERS } from './weather.ts';

const ACKNOWLEDGED = 'each symbol acknowledged';
const EACH_ANSWERED = 'each order of one list canceled';

export const POST_KILLS: KillContender = {
  label: 'this service, POST /kills',
  source: 'dist/handlers/api.mjs',
  event: killEvent,
  proof: 'two empty lists, a second apart',
};

/** The contenders in the order of the tables. */
export const KILL_CONTENDERS: readonly KillContender[] = [
  POST_KILLS,
  { ...POST_KILLS, label: 'this service, kill queue', source: 'dist/handlers/queue.mjs', event: killBatch },
  other('ccxt, symbol by symbol, its default limiter', 'ccxt', 1, ACKNOWLEDGED),
  other('ccxt, all symbols at once, limiter off', 'ccxt', 40, ACKNOWLEDGED),
  other('connector, mass call and list', 'connector', 1, 'one empty list'),
  other('single cancels, 10 at a time', 'singles', 10, EACH_ANSWERED),
  other('single cancels, 20 at a time', 'singles', 20, EACH_ANSWERED),
];

/** Returns a contender of `handlers.ts`, which sends `width` calls at once. */
export function other(label: string, kill: string, width: number, proof: string): KillContender {
  const env = { BENCH_KILL: kill, BENCH_WIDTH: String(width) };
  return { label, source: 'bench/kill/handlers.ts', env, event: killEvent, proof };
}

/** The first kill of an environment opens its connections, the second one finds them open. */
export const CONNECTIONS = ['new', 'open'] as const;

/** One timed kill. */
export type KillSpeed = Awaited<ReturnType<typeof timedKills>>[number];
/** One kill under weather. */
export type KillTruth = Awaited<ReturnType<typeof killUnder>>;

/**
 * Times kills in fair weather, and runs every contender in every weather with the seeds 1 …
 * `kills`.
 */
export async function measureKill({ kills }: Counts) {
  const speed: KillSpeed[] = [];
  for (let round = 0; round < kills; round++) {
    for (const contender of turned(KILL_CONTENDERS, round)) speed.push(...(await timedKills(contender)));
    console.error(`kill: round ${round + 1} of ${kills}`);
  }
  return { speed, truth: await everyWay(7, Object.keys(WEATHERS), KILL_CONTENDERS, kills, killUnder) };
}

async function timedKills(contender: KillContender) {
  await using scene = await killScene(contender, { overTls: true });
  const runs = [];
  for (const connection of CONNECTIONS) {
    place(scene, ORDERS);
    const run = await successIn(scene, contender.event(), contender.label);
    runs.push({ contender: contender.label, connection, ...run });
  }
  return runs;
}

/** Kills once in a weather. @throws RangeError when there is no such weather */
export async function killUnder(contender: KillContender, weather: string, seed: number) {
  const steps = WEATHERS[weather];
  if (steps === undefined) throw new RangeError(`there is no weather ${weather}`);
  await using scene = await killScene(contender, weather === LIMITED ? { weightLimit: 400 } : {});
  scene.random = seeded(`${seed}/${weather}`);
  for (const step of steps) await step(scene);
  const { saysDone, open } = await requestIn(scene, contender.event());
  return { contender: contender.label, weather, seed, saysDone, open };
}
