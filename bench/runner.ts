/**
 * The measured process. Loads the bundle that its first argument names, waits for the milliseconds of
 * its second argument, and sends the events of its input to the handler, one after the other. Then
 * writes a report to file descriptor 3. It records network and loaded modules only if it waited,
 * because that takes time.
 */
import { closeSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { importHandler, lambdaContext } from '../local/lambda.ts';
import { peakMemory, recordLoads, recordNetwork, waitsInARow } from './recorder.ts';

const [bundle = '', settle] = process.argv.slice(2);
const settleMs = Number(settle);
const events: readonly unknown[] = JSON.parse(readFileSync(0, 'utf8'));
const calls = settleMs > 0 ? recordNetwork() : [];
const loadedBytes = settleMs > 0 ? recordLoads() : () => 0;

const handler = await importHandler<unknown, unknown>(pathToFileURL(bundle));
if (settleMs > 0) await sleep(settleMs);
const settledAt = performance.now();
const ms: number[] = [];
const answers: unknown[] = [];
for (const event of events) {
  const startedAt = performance.now();
  answers.push(await handler(event, lambdaContext({ functionName: 'bench', timeoutMs: 20_000 })));
  ms.push(performance.now() - startedAt);
}
const waits = waitsInARow(calls.filter(({ end }) => end > settledAt));
writeFileSync(3, JSON.stringify({ ms, answers, peakBytes: peakMemory(), waits, loadedBytes: loadedBytes() }));
closeSync(3); // ends the report before the process has ended
process.exit();
