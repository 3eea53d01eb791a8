import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { defaultKey } from '../../local/keys.ts';
import type { Contender, ContenderName } from '../contenders.ts';
import { lambdaEnvironment } from '../lambda-environment.ts';
import { sideBySide } from '../side-by-side.ts';
import { Scene } from './scene.ts';
import { SCRIPTS } from './scripts.ts';
import type { Verdict } from './verdict.ts';

/** Verdicts on one handler in one script. */
export interface ScriptOutcome {
  /** One for each requested cancel. */
  readonly verdicts: readonly Verdict[];
  /** Calls that the handler made during a throttle or ban. */
  readonly callsAgainstRefusal: number;
}

export interface ScriptResult extends ScriptOutcome {
  readonly contender: ContenderName;
  readonly script: string;
  readonly seed: number;
}

/** Concurrent processes. They mostly wait, and nothing is timed. */
const SIDE_BY_SIDE = 4;

/** Runs every script on every contender with the seeds 1 … `seeds`. */
export async function measureTruth(
  root: string,
  list: readonly Contender[],
  seeds: number,
): Promise<readonly ScriptResult[]> {
  const jobs = Object.keys(SCRIPTS).flatMap((script) =>
    Array.from({ length: seeds }, (_, index) =>
      list.map(({ name, bundle }) => ({ contender: name, script, seed: index + 1, bundle })),
    ).flat(),
  );
  const results: ScriptResult[] = [];
  await sideBySide(SIDE_BY_SIDE, jobs, async ({ bundle, ...what }) => {
    results.push({ ...what, ...(await play(pathToFileURL(join(root, bundle)), what.script, what.seed)) });
  });
  return results;
}

/** Runs one script on one handler. @throws RangeError when there is no such script */
export async function play(bundle: URL, script: string, seed: number): Promise<ScriptOutcome> {
  const run = SCRIPTS[script];
  if (run === undefined) throw new RangeError(`there is no script ${script}`);
  const scene = await Scene.set(bundle, `${seed}/${script}`, environment);
  try {
    await run(scene);
    const { verdicts, callsAgainstRefusal } = scene;
    return { verdicts, callsAgainstRefusal };
  } finally {
    await scene.stop();
  }
}

/** The environment of a contender, which may keep its key there. */
export const environment = (stack: Readonly<Record<string, string>>) =>
  lambdaEnvironment({
    ...stack,
    BENCH_API_KEY: defaultKey.apiKey,
    BENCH_API_SECRET: defaultKey.apiSecret,
  });
