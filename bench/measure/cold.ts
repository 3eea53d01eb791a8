import { join } from 'node:path';
import * as v from 'valibot';
import { runnerPath } from '../bundle.ts';
import type { Contender } from '../contenders.ts';
import type { Site } from '../exchange/site.ts';
import { runOnce } from './child.ts';
import { cancelEvent, requireSuccess } from './events.ts';

/** One cold start. */
export interface ColdStart {
  /** From starting the process to its first answer, in milliseconds. */
  readonly ms: number;
  readonly peakBytes: number;
}

/** The first cancel of an environment that has had its time to initialise. */
export interface FirstCancel {
  /** Of the invocation, in milliseconds. */
  readonly ms: number;
  /** How often, in a row, the invocation waited for the network. */
  readonly waits: number;
  /** The same since the process started. */
  readonly waitsSinceStart: number;
  /** Of the bundle, what had been loaded by then. */
  readonly loadedBytes: number;
}

/** Longer than any contender needs to read its secret and whatever else it prepares. */
const SETTLE_MS = 300;

const coldReport = v.object({ answer: v.unknown(), peakBytes: v.number() });
const firstReport = v.object({
  answer: v.unknown(),
  ms: v.number(),
  waits: v.number(),
  waitsSinceStart: v.number(),
  loadedBytes: v.number(),
});

/** Starts a process with the contender's bundle and has it cancel one order. */
export async function coldStart(root: string, { bundle }: Contender, site: Site): Promise<ColdStart> {
  const [orderId = ''] = await site.place(1);
  const args = [join(root, bundle), JSON.stringify(cancelEvent(orderId))];
  const { ms, line } = await runOnce({ runner: join(root, runnerPath('cold')), args, env: site.env });
  const { answer, peakBytes } = v.parse(coldReport, JSON.parse(line));
  requireSuccess(answer);
  return { ms, peakBytes };
}

/** Has an initialised environment cancel its first order. */
export async function firstCancel(root: string, { bundle }: Contender, site: Site): Promise<FirstCancel> {
  const [orderId = ''] = await site.place(1);
  const args = [join(root, bundle), JSON.stringify(cancelEvent(orderId)), String(SETTLE_MS)];
  const runner = join(root, runnerPath('first-cancel'));
  const { line } = await runOnce({ runner, args, env: site.env });
  const { answer, ...measured } = v.parse(firstReport, JSON.parse(line));
  requireSuccess(answer);
  return measured;
}
