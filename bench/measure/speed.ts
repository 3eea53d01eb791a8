import { join } from 'node:path';
import { bundleSize } from '../bundle-size.ts';
import type { Contender } from '../contenders.ts';
import type { Site } from '../exchange/site.ts';
import type { SpeedSamples } from '../result.ts';
import { coldStart, firstCancel } from './cold.ts';
import { warm } from './warm.ts';

/** Cold starts of each contender per round and distance. */
const COLD_STARTS = 3;

/** A site without added latency, and one at a realistic distance. */
export interface Sites {
  readonly near: Site;
  readonly far: Site;
}

export interface SpeedOptions {
  readonly rounds: number;
  readonly invocations: number;
}

/**
 * Measures every contender in every round. Each round starts with the next contender, so that a
 * drift of the machine affects all of them.
 */
export async function measureSpeed(
  root: string,
  list: readonly Contender[],
  sites: Sites,
  { rounds, invocations }: SpeedOptions,
): Promise<readonly SpeedSamples[]> {
  const subjects = await Promise.all(list.map((contender) => subjectOf(root, contender)));
  for (let round = 0; round < rounds; round++) {
    const turn = round % subjects.length;
    const order = [...subjects.slice(turn), ...subjects.slice(0, turn)];
    for (let start = 0; start < COLD_STARTS; start++) {
      for (const subject of order) await measureCold(root, subject, sites);
    }
    for (const { contender, samples } of order) {
      samples.first.push(await firstCancel(root, contender, sites.far));
      samples.warm.push(await warm(root, contender, sites.near, invocations));
    }
    console.error(`speed: round ${round + 1} of ${rounds}`);
  }
  return subjects.map(({ samples }) => samples);
}

interface Subject {
  readonly contender: Contender;
  readonly samples: SpeedSamples;
}

async function subjectOf(root: string, contender: Contender): Promise<Subject> {
  const bundleBytes = await bundleSize(join(root, contender.bundle));
  const samples = { contender: contender.name, bundleBytes, cold: [], coldFar: [], first: [], warm: [] };
  return { contender, samples };
}

async function measureCold(root: string, { contender, samples }: Subject, { near, far }: Sites) {
  samples.cold.push((await coldStart(root, contender, near)).ms);
  samples.coldFar.push((await coldStart(root, contender, far)).ms);
}
