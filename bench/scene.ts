import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { startLambdaProcess } from '../local/lambda-process.ts';
import { type SiteOptions, startSite } from './site.ts';

/** A handler in its own process, with its own exchange. */
export type Scene = Awaited<ReturnType<typeof startScene>>;

/**
 * Starts a site, and the handler of the module at an absolute path, whose environment has `more`
 * too.
 */
export async function startScene(
  path: string,
  options: SiteOptions = {},
  more: Readonly<Record<string, string>> = {},
) {
  const site = await startSite(options);
  let logged = 0;
  const handler = await startLambdaProcess({
    bundle: pathToFileURL(path),
    env: { ...site.env, ...more },
    timeoutMs: 20_000, // as deployed
    functionName: 'api',
    onOutput: (text) => {
      logged += Buffer.byteLength(text);
    },
  });
  return {
    ...site,
    /** Draws numbers in [0, 1). */
    random: seeded(''),
    /** Invokes the handler. Resolves with undefined when it throws or its time is up. */
    invoke: (event: unknown): Promise<unknown> => handler.invoke(event).catch(() => undefined),
    /** Resolves with the bytes that the handler has logged so far. */
    loggedBytes: () => sleep(50).then(() => logged), // output arrives a little later than the answer
    async [Symbol.asyncDispose]() {
      await handler.stop();
      await site.stop();
    },
  };
}

/** Returns a generator of numbers in [0, 1). The same seed gives the same sequence. */
export function seeded(seed: string): () => number {
  let drawn = 0;
  return () => createHash('sha256').update(`${seed}/${drawn++}`).digest().readUInt32BE() / 2 ** 32;
}

/** Returns a whole number from `low` to `high`, both included. */
export function between(random: () => number, low: number, high: number): number {
  return low + Math.floor(random() * (high - low + 1));
}

/** Returns one of the choices. @throws RangeError when there are none */
export function oneOf<T>(random: () => number, choices: readonly T[]): T {
  const choice = choices[between(random, 0, choices.length - 1)];
  if (choice === undefined) throw new RangeError('nothing to choose from');
  return choice;
}

/**
 * Does the work for every case and contender with the seeds 1 … `seeds`, `width` of it at the same
 * time. For processes that mostly wait and that nothing times.
 */
export async function everyWay<Contender, Result>(
  width: number,
  cases: readonly string[],
  contenders: readonly Contender[],
  seeds: number,
  work: (contender: Contender, name: string, seed: number) => Promise<Result>,
): Promise<readonly Result[]> {
  const jobs = cases.flatMap((name) =>
    contenders.flatMap((contender) =>
      Array.from({ length: seeds }, (_, index) => () => work(contender, name, index + 1)),
    ),
  );
  const results: Result[] = [];
  const left = jobs.entries();
  const worker = async () => {
    for (const [index, job] of left) results[index] = await job();
  };
  await Promise.all(Array.from({ length: width }, worker));
  return results;
}
