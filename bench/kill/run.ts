import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freshCertificate } from '../../local/exchange/certificate.ts';
import { sideBySide } from '../side-by-side.ts';
import { KILL_CONTENDERS, type KillContender } from './contenders.ts';
import { type KillRun, KillScene } from './scene.ts';
import { LIMITED, ORDERS, WEATHERS } from './weather.ts';

/** The kills of one contender. */
export interface KillSpeed {
  readonly contender: string;
  /** First kills of an environment. */
  readonly fresh: readonly KillRun[];
  /** Second kills, with connections open. */
  readonly open: readonly KillRun[];
}

/** One kill under weather. */
export interface KillTruth extends Pick<KillRun, 'saysDone' | 'open'> {
  readonly contender: string;
  readonly weather: string;
  readonly seed: number;
}

/** Two kills in each round: of a new environment, and with connections open. Each round starts with another contender. */
export async function measureKillSpeed(root: string, rounds: number): Promise<readonly KillSpeed[]> {
  const speeds = KILL_CONTENDERS.map((contender) => ({
    contender,
    fresh: [] as KillRun[],
    open: [] as KillRun[],
  }));
  const tls = await freshCertificate();
  const certificatePath = join(root, 'bench/results/exchange-certificate.pem');
  await writeFile(certificatePath, tls.cert);
  for (let round = 0; round < rounds; round++) {
    const turn = round % speeds.length;
    for (const { contender, fresh, open } of [...speeds.slice(turn), ...speeds.slice(0, turn)]) {
      const scene = await KillScene.set(root, contender, { tls, certificatePath });
      try {
        fresh.push(await clean(scene, contender));
        open.push(await clean(scene, contender));
      } finally {
        await scene.stop();
      }
    }
    console.error(`kill: round ${round + 1} of ${rounds}`);
  }
  return speeds.map(({ contender, ...runs }) => ({ contender: contender.label, ...runs }));
}

/** @throws Error unless the kill succeeded, because the time of a failed kill means nothing */
async function clean(scene: KillScene, { label }: KillContender): Promise<KillRun> {
  scene.place(ORDERS);
  const run = await scene.kill();
  if (!run.saysDone || run.open > 0)
    throw new Error(`a measured kill failed: ${label} ${JSON.stringify(run)}`);
  return run;
}

/** Concurrent processes, which mostly wait. */
const SIDE_BY_SIDE = 7;

/** Runs every contender in every weather, with the seeds 1 … `seeds`. */
export async function measureKillTruth(root: string, seeds: number): Promise<readonly KillTruth[]> {
  const jobs = Array.from({ length: seeds }, (_, index) =>
    [WEATHERS, LIMITED].flatMap((weathers) =>
      KILL_CONTENDERS.map((contender) => ({ contender, weathers, seed: index + 1 })),
    ),
  ).flat();
  const results: KillTruth[] = [];
  await sideBySide(SIDE_BY_SIDE, jobs, async ({ contender, weathers, seed }) => {
    results.push(...(await killUnder(root, contender, weathers, seed)));
  });
  return results;
}

/** Kills once in each weather. */
export async function killUnder(
  root: string,
  contender: KillContender,
  weathers: typeof WEATHERS,
  seed: number,
): Promise<readonly KillTruth[]> {
  const limit = weathers === LIMITED ? { weightLimit: 400 } : {};
  const scene = await KillScene.set(root, contender, limit);
  const results: KillTruth[] = [];
  try {
    for (const [weather, begin] of Object.entries(weathers)) {
      scene.clear(`${seed}/${weather}`);
      const end = await begin(scene);
      const { saysDone, open } = await scene.kill();
      end?.();
      results.push({ contender: contender.label, weather, seed, saysDone, open });
    }
    return results;
  } finally {
    await scene.stop();
  }
}
