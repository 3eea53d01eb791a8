import { join } from 'node:path';
import * as v from 'valibot';
import { Child } from '../child.ts';
import { bundleSize, type Contender, type ContenderName, RUNNER } from '../contenders.ts';
import type { Site } from '../site.ts';
import { quantile } from '../statistics.ts';
import { cancelEvent, requireSuccess } from './events.ts';

/** Cold starts of each contender per round and distance. */
const COLD_STARTS = 3;
/** Exceeds the time that any contender needs to initialise, in milliseconds. */
const SETTLE_MS = 600;
/** Invocations that do not count, because V8 still optimises the code. */
const WARM_UP = 100;

const coldReport = v.object({ answer: v.unknown() });
const firstReport = v.object({
  answer: v.unknown(),
  ms: v.number(),
  /** Consecutive waits for the network during the invocation. */
  waits: v.number(),
  /** Bytes of the bundle that the process has loaded by the end of the invocation. */
  loadedBytes: v.number(),
});
export const warmReport = v.object({
  ms: v.array(v.number()),
  answers: v.array(v.unknown()),
  peakBytes: v.number(),
});

/** Measurements of one contender over all rounds. Times are in milliseconds. */
export interface SpeedSamples {
  readonly contender: ContenderName;
  /** Bytes of the bundle, including the chunks that load on demand. */
  readonly bundleBytes: number;
  /** From process start to first answer, without added latency. */
  readonly cold: number[];
  /** From process start to first answer, at realistic distances. */
  readonly coldFar: number[];
  /** The first cancel of an initialised environment, at realistic distances. */
  readonly first: Omit<v.InferOutput<typeof firstReport>, 'answer'>[];
  /** Environments that cancel many orders in sequence: median, 99th percentile and peak memory. */
  readonly warm: { readonly p50: number; readonly p99: number; readonly peakBytes: number }[];
}

/** A site without added latency, and one at a realistic distance. */
interface Sites {
  readonly near: Site;
  readonly far: Site;
}

interface Counts {
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
  { near, far }: Sites,
  { rounds, invocations }: Counts,
): Promise<readonly SpeedSamples[]> {
  const subjects = await Promise.all(list.map((contender) => subjectOf(root, contender)));
  for (let round = 0; round < rounds; round++) {
    const order = turned(subjects, round);
    for (let start = 0; start < COLD_STARTS; start++) {
      for (const { args, cold, coldFar } of order) {
        cold.push(await coldStart(args, near));
        coldFar.push(await coldStart(args, far));
      }
    }
    for (const { args, first, warm } of order) {
      first.push(await firstCancel(args, far));
      warm.push(await warmCancels(args, near, invocations));
    }
    console.error(`speed: round ${round + 1} of ${rounds}`);
  }
  return subjects.map(({ args: _, ...samples }) => samples);
}

/** Returns the items in turn, so that each round starts with the next. */
export function turned<T>(items: readonly T[], round: number): readonly T[] {
  const turn = round % items.length;
  return [...items.slice(turn), ...items.slice(0, turn)];
}

/** The samples of a contender, and the arguments of its process. */
interface Subject extends SpeedSamples {
  readonly args: readonly string[];
}

async function subjectOf(root: string, { name, bundle }: Contender): Promise<Subject> {
  const args = [join(root, RUNNER), join(root, bundle)];
  const bundleBytes = await bundleSize(join(root, bundle));
  return { contender: name, bundleBytes, cold: [], coldFar: [], first: [], warm: [], args };
}

/** Returns the time from before the process starts to its first answer. */
async function coldStart(args: readonly string[], site: Site): Promise<number> {
  const [orderId = ''] = site.place(1);
  const event = JSON.stringify(cancelEvent(orderId));
  const startedAt = performance.now();
  await using child = new Child([...args, event], site.env);
  const report = await child.next();
  const ms = performance.now() - startedAt;
  requireSuccess(v.parse(coldReport, report).answer);
  return ms;
}

/** Cancels the first order of an initialised environment. */
async function firstCancel(args: readonly string[], site: Site): Promise<SpeedSamples['first'][number]> {
  const [orderId = ''] = site.place(1);
  const event = JSON.stringify(cancelEvent(orderId));
  await using child = new Child([...args, event, String(SETTLE_MS)], site.env);
  const { answer, ...measured } = v.parse(firstReport, await child.next());
  requireSuccess(answer);
  return measured;
}

/** Cancels `invocations` orders in one environment of the contender. */
async function warmCancels(
  args: readonly string[],
  site: Site,
  invocations: number,
): Promise<SpeedSamples['warm'][number]> {
  const orderIds = site.place(WARM_UP + invocations);
  await using child = new Child(args, site.env);
  await child.next();
  const { ms, answers, peakBytes } = v.parse(warmReport, await child.ask(orderIds.map(cancelEvent)));
  answers.forEach(requireSuccess);
  const counted = ms.slice(WARM_UP);
  return { p50: quantile(counted, 0.5), p99: quantile(counted, 0.99), peakBytes };
}
