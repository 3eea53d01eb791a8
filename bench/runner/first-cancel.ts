/**
 * Measures the first cancel of an initialised environment, as with provisioned concurrency. Loads
 * the bundle named by the first argument, waits the milliseconds in the third, and invokes the
 * bundle once with the event in the second. Writes the duration, the waits for the network and the
 * bytes of loaded modules to file descriptor 3.
 */
import { writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { context, loadHandler } from './handler.ts';
import { recordLoads } from './loads.ts';
import { recordNetwork, waitsInARow } from './network.ts';

const [bundle = '', event = '', settleMs = '0'] = process.argv.slice(2);

const calls = recordNetwork();
const loadedBytes = recordLoads();
const handler = await loadHandler(bundle);
await sleep(Number(settleMs));
const startedAt = performance.now();
const answer = await handler(JSON.parse(event), context());
const ms = performance.now() - startedAt;
const waits = waitsInARow(calls.filter(({ end }) => end > startedAt));
const report = { answer, ms, waits, waitsSinceStart: waitsInARow(calls), loadedBytes: loadedBytes() };
writeSync(3, `${JSON.stringify(report)}\n`);
process.exit();
