import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freshCertificate } from '../../local/exchange/certificate.ts';
import { turned } from '../measure/speed.ts';
import { sideBySide } from '../scene.ts';
import { clear, type KillContender, type KillRun, killIn, killScene, place, requireDone } from './scene.ts';
import { LIMITED, ORDERS, WEATHERS } from './weather.ts';

const ACKNOWLEDGED = 'each symbol acknowledged';
const EACH_ANSWERED = 'each order of one list canceled';

export const SERVICE: KillContender = {
  label: 'this service, POST /kills',
  source: 'dist/handlers/api.mjs',
  trigger: 'api',
  proof: 'two empty lists, a second apart',
};

/** The contenders in the order of the tables. */
export const KILL_CONTENDERS: readonly KillContender[] = [
  SERVICE,
  { ...SERVICE, label: 'this service, kill queue', source: 'dist/handlers/queue.mjs', trigger: 'queue' },
  other('ccxt, symbol by symbol, its default limiter', 'ccxt', 1, ACKNOWLEDGED),
  other('ccxt, all symbols at once, limiter off', 'ccxt', 40, ACKNOWLEDGED),
  other('connector, mass call and list', 'connector', 1, 'one empty list'),
  other('single cancels, 10 at a time', 'singles', 10, EACH_ANSWERED),
  other('single cancels, 20 at a time', 'singles', 20, EACH_ANSWERED),
];

function other(label: string, kill: string, width: number, proof: string): KillContender {
  return { label, source: 'bench/kill/handlers.ts', kill, width, trigger: 'api', proof };
}

/** The kills of one contender. */
export interface KillSpeed {
  readonly contender: string;
  /** First kills of an environment. */
  readonly fresh: KillRun[];
  /** Second kills, with connections open. */
  readonly open: KillRun[];
}

/** One kill under weather. */
export interface KillTruth extends Pick<KillRun, 'saysDone' | 'open'> {
  readonly contender: string;
  readonly weather: string;
  readonly seed: number;
}

/** Two kills in each round: of a new environment, and with connections open. Each round starts with another contender. */
export async function measureKillSpeed(root: string, rounds: number): Promise<readonly KillSpeed[]> {
  const speeds: KillSpeed[] = KILL_CONTENDERS.map(({ label }) => ({ contender: label, fresh: [], open: [] }));
  const tls = await freshCertificate();
  const certificatePath = join(root, 'bench/results/exchange-certificate.pem');
  await writeFile(certificatePath, tls.cert);
  for (let round = 0; round < rounds; round++) {
    for (const contender of turned(KILL_CONTENDERS, round)) {
      await using scene = await killScene(root, contender, { tls, certificatePath });
      const speed = speeds.find(({ contender: label }) => label === contender.label);
      for (const runs of [speed?.fresh, speed?.open]) {
        place(scene, ORDERS);
        runs?.push(requireDone(await killIn(scene, contender), contender.label));
      }
    }
    console.error(`kill: round ${round + 1} of ${rounds}`);
  }
  return speeds;
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
  await using scene = await killScene(root, contender, limit);
  const results: KillTruth[] = [];
  for (const [weather, begin] of Object.entries(weathers)) {
    clear(scene, `${seed}/${weather}`);
    await begin(scene);
    const { saysDone, open } = await killIn(scene, contender);
    clearTimeout(scene.bot);
    results.push({ contender: contender.label, weather, seed, saysDone, open });
  }
  return results;
}
