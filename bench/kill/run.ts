import { killBatch, killEvent } from '../measure/events.ts';
import { turned } from '../measure/speed.ts';
import type { Counts } from '../options.ts';
import { seeded, sideBySide } from '../scene.ts';
import { clear, type KillContender, killScene, place, requestIn, successIn } from './scene.ts';
import { LIMITED, ORDERS, WEATHERS } from './weather.ts';

const ACKNOWLEDGED = 'each symbol acknowledged';
const EACH_ANSWERED = 'each order of one list canceled';

export const SERVICE: KillContender = {
  label: 'this service, POST /kills',
  source: 'dist/handlers/api.mjs',
  event: killEvent,
  proof: 'two empty lists, a second apart',
};

/** The contenders in the order of the tables. */
export const KILL_CONTENDERS: readonly KillContender[] = [
  SERVICE,
  { ...SERVICE, label: 'this service, kill queue', source: 'dist/handlers/queue.mjs', event: killBatch },
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
export type KillTruth = Awaited<ReturnType<typeof killUnder>>[number];

/** Times kills in fair weather, and runs every contender in every weather with the seeds 1 … `kills`. */
export async function measureKill({ kills }: Counts) {
  const speed: KillSpeed[] = [];
  for (let round = 0; round < kills; round++) {
    for (const contender of turned(KILL_CONTENDERS, round)) speed.push(...(await timedKills(contender)));
    console.error(`kill: round ${round + 1} of ${kills}`);
  }
  const jobs = Array.from({ length: kills }, (_, index) =>
    [WEATHERS, LIMITED].flatMap((weathers) =>
      KILL_CONTENDERS.map((contender) => () => killUnder(contender, weathers, index + 1)),
    ),
  );
  return { speed, truth: (await sideBySide(7, jobs.flat())).flat() };
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

/** Kills once in each weather. */
export async function killUnder(contender: KillContender, weathers: typeof WEATHERS, seed: number) {
  await using scene = await killScene(contender, weathers === LIMITED ? { weightLimit: 400 } : {});
  const results = [];
  for (const [weather, steps] of Object.entries(weathers)) {
    clear(scene);
    scene.random = seeded(`${seed}/${weather}`);
    for (const step of steps) await step(scene);
    const { saysDone, open } = await requestIn(scene, contender.event());
    clearTimeout(scene.bot);
    results.push({ contender: contender.label, weather, seed, saysDone, open });
  }
  return results;
}
