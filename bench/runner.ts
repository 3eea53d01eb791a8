/**
 * The measured process. Loads the bundle that the first argument names.
 *
 * With an event as the second argument, it invokes the handler once and writes the answer to file
 * descriptor 3. With a third argument, it first waits so many milliseconds, and also reports the
 * invocation's duration, its waits for the network and the bytes of loaded modules.
 *
 * Without an event, it keeps the environment: each line of its input is a list of events, which the
 * handler receives in sequence. Each report holds the durations in milliseconds, the answers, and
 * the peak memory in bytes.
 */
import { randomUUID } from 'node:crypto';
import { writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { peakMemory, recordLoads, recordNetwork, waitsInARow } from './recorder.ts';

type Handler = (event: unknown, lambda: ReturnType<typeof context>) => Promise<unknown>;

/** Timeout of the deployed function. */
const TIMEOUT_MS = 20_000;

const [bundle = '', event, settleMs] = process.argv.slice(2);

if (event === undefined) await keep();
else if (settleMs === undefined) report({ answer: await (await load())(JSON.parse(event), context()) });
else await invokeFirst(JSON.parse(event), Number(settleMs));
process.exit();

async function load(): Promise<Handler> {
  const { handler }: { handler?: Handler } = await import(bundle);
  if (handler === undefined) throw new Error(`${bundle} exports no handler`);
  return handler;
}

function context() {
  const deadline = Date.now() + TIMEOUT_MS;
  return {
    functionName: 'bench',
    awsRequestId: randomUUID(),
    getRemainingTimeInMillis: () => deadline - Date.now(),
  };
}

function report(what: object): void {
  writeSync(3, `${JSON.stringify(what)}\n`);
}

async function invokeFirst(first: unknown, waitMs: number): Promise<void> {
  const calls = recordNetwork();
  const loadedBytes = recordLoads();
  const handler = await load();
  await sleep(waitMs);
  const startedAt = performance.now();
  const answer = await handler(first, context());
  const ms = performance.now() - startedAt;
  const waits = waitsInARow(calls.filter(({ end }) => end > startedAt));
  report({ answer, ms, waits, loadedBytes: loadedBytes() });
}

async function keep(): Promise<void> {
  const handler = await load();
  report({ loaded: true });
  let text = '';
  for await (const part of process.stdin.setEncoding('utf8')) {
    text += part;
    if (!text.endsWith('\n')) continue;
    const events: unknown[] = JSON.parse(text);
    text = '';
    const ms: number[] = [];
    const answers: unknown[] = [];
    for (const one of events) {
      const startedAt = performance.now();
      answers.push(await handler(one, context()));
      ms.push(performance.now() - startedAt);
    }
    report({ ms, answers, peakBytes: peakMemory() });
  }
}
