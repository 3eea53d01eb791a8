import { join } from 'node:path';
import * as v from 'valibot';
import { runnerPath } from '../bundle.ts';
import type { Contender } from '../contenders.ts';
import type { Site } from '../exchange/site.ts';
import { runOnce } from './child.ts';
import { cancelEvent, requireSuccess } from './events.ts';

export interface ColdStart {
  /** Milliseconds from the start of the process to its first answer. */
  readonly ms: number;
  readonly peakBytes: number;
}

/** The first cancel of an initialised environment. */
export interface FirstCancel {
  /** Duration of the invocation, in milliseconds. */
  readonly ms: number;
  /** Consecutive waits for the network during the invocation. */
  readonly waits: number;
  /** Consecutive waits since the process started. */
  readonly waitsSinceStart: number;
  /** Bytes of the bundle that the process has loaded by the end of the invocation. */
  readonly loadedBytes: number;
}

/** Exceeds the time that any contender needs to initialise. */
const SETTLE_MS = 300;

const coldReport = v.object({ answer: v.unknown(), peakBytes: v.number() });
const firstReport = v.object({
  answer: v.unknown(),
  ms: v.number(),
  waits: v.number(),
  waitsSinceStart: v.number(),
  loadedBytes: v.number(),
});

/** Starts a process with the contender's bundle and cancels one order through it. */
export async function coldStart(root: string, { bundle }: Contender, site: Site): Promise<ColdStart> {
  const [orderId = ''] = await site.place(1);
  const args = [join(root, bundle), JSON.stringify(cancelEvent(orderId))];
  const { ms, line } = await runOnce({ runner: join(root, runnerPath('cold')), args, env: site.env });
  const { answer, peakBytes } = v.parse(coldReport, JSON.parse(line));
  requireSuccess(answer);
  return { ms, peakBytes };
}

/** Cancels the first order of an initialised environment. */
export async function firstCancel(root: string, { bundle }: Contender, site: Site): Promise<FirstCancel> {
  const [orderId = ''] = await site.place(1);
  const args = [join(root, bundle), JSON.stringify(cancelEvent(orderId)), String(SETTLE_MS)];
  const runner = join(root, runnerPath('first-cancel'));
  const { line } = await runOnce({ runner, args, env: site.env });
  const { answer, ...measured } = v.parse(firstReport, JSON.parse(line));
  requireSuccess(answer);
  return measured;
}
