import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import * as v from 'valibot';
import { RUNNER } from './contenders.ts';
import { isSuccess } from './measure/events.ts';

const report = v.object({
  ms: v.array(v.number()),
  answers: v.array(v.unknown()),
  peakBytes: v.number(),
  waits: v.number(),
  loadedBytes: v.number(),
});

/**
 * Sends events to a handler, one after the other, in a new process that inherits no variable. A pipe
 * takes its log, as in Lambda. `totalMs` is the time from before the process starts to its report.
 *
 * @param settleMs milliseconds to wait before the first event; if not 0, also counts consecutive waits
 * for the network and the bytes of loaded modules
 * @throws Error with the process's stderr when it ends without a report; Error when a request fails
 */
export async function runHandler(
  bundle: string,
  env: Readonly<Record<string, string>>,
  events: readonly unknown[],
  settleMs = 0,
) {
  const startedAt = performance.now();
  const args = [RUNNER, bundle, String(settleMs)];
  const child = spawn(process.execPath, args, { env, stdio: ['pipe', 'pipe', 'pipe', 'pipe'] });
  const closed = once(child, 'close');
  const [input, log, errors, reports] = child.stdio;
  input?.on('error', () => undefined).end(JSON.stringify(events)); // without a report, `stderr` tells why
  log?.resume();
  const stderr = textOf(errors);
  const reported = await textOf(reports);
  const totalMs = performance.now() - startedAt;
  await closed;
  if (reported === '') {
    throw new Error(`a measured process ended with ${child.exitCode}:\n${(await stderr).slice(-2000)}`);
  }
  const { answers, ...measured } = v.parse(report, JSON.parse(reported));
  const failed = answers.find((answer) => !isSuccess(answer));
  if (failed !== undefined) throw new Error(`a measured request failed: ${JSON.stringify(failed)}`);
  return { totalMs, ...measured };
}

const textOf = (stream: unknown) => text(v.parse(v.instance(Readable), stream));
