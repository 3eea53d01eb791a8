/** Runs the benchmark (`npm run bench`). docs/performance.md explains the measurements. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { buildHandlers } from '../local/build.ts';
import { runScript } from '../local/terminal.ts';
import { bundleContenders } from './bundle.ts';
import { builtHandler } from './bundle-size.ts';
import { type Contender, contenders } from './contenders.ts';
import type { SiteOptions } from './exchange/messages.ts';
import { Site } from './exchange/site.ts';
import { installContenders } from './install.ts';
import { measureKillSpeed, measureKillTruth } from './kill/run.ts';
import { thisMachine } from './machine.ts';
import { measureQueue } from './measure/queue.ts';
import { measureSpeed } from './measure/speed.ts';
import { type BenchOptions, readOptions, USAGE } from './options.ts';
import { replaceBetween } from './report/document.ts';
import { fullReport, killReport, summary } from './report/report.ts';
import type { BenchResult } from './result.ts';
import { measureTruth } from './truth/run.ts';

const ROOT = resolve(import.meta.dirname, '..');
const RESULTS = join(ROOT, 'bench/results');

await runScript(USAGE, async (args) => {
  const options = readOptions(args);
  await buildHandlers();
  installContenders(ROOT);
  await mkdir(RESULTS, { recursive: true });
  await bundleContenders(ROOT);
  const result = await measure(options);
  await keep(result);
  console.log(`\n${fullReport(result)}\n\n${killReport(result)}`);
  if (options.write) await publish(result);
  return 0;
});

async function measure({ parts, ...counts }: BenchOptions): Promise<BenchResult> {
  const list = contenders(builtHandler(ROOT, 'api'));
  const { rounds, invocations, messages, seeds, kills } = counts;
  return {
    date: new Date().toISOString(),
    machine: thisMachine(),
    rounds,
    invocations,
    messages,
    seeds,
    kills,
    ...(parts.has('speed') && { speed: await speedOf(list, counts) }),
    ...(parts.has('queue') && { queue: await queueOf(counts) }),
    ...(parts.has('truth') && { truth: await measureTruth(ROOT, list, seeds) }),
    ...(parts.has('kill') && { kill: await killOf(kills) }),
  };
}

async function speedOf(list: readonly Contender[], counts: Omit<BenchOptions, 'parts'>) {
  await using near = await site({ exchangeMs: 0, secretMs: 0, tls: false });
  await using far = await site({ exchangeMs: 20, secretMs: 15, tls: true });
  return await measureSpeed(ROOT, list, { near, far }, counts);
}

async function queueOf(counts: Omit<BenchOptions, 'parts'>) {
  await using slow = await site({ exchangeMs: 20, secretMs: 0, tls: false });
  return await measureQueue(ROOT, builtHandler(ROOT, 'queue'), slow, counts);
}

async function killOf(kills: number) {
  const speed = await measureKillSpeed(ROOT, kills);
  return { speed, truth: await measureKillTruth(ROOT, kills) };
}

function site(distance: SiteOptions): Promise<Site> {
  return Site.start(distance, join(RESULTS, 'exchange-certificate.pem'));
}

/** Writes the result to bench/results, which git ignores. */
async function keep(result: BenchResult): Promise<void> {
  const path = join(RESULTS, `${result.date.replaceAll(':', '-')}.json`);
  await writeFile(path, `${JSON.stringify(result, undefined, 2)}\n`);
  console.error(`Written to ${path}`);
}

async function publish(result: BenchResult): Promise<void> {
  await rewrite('docs/performance.md', 'kill', killReport(result));
  const { speed, queue, truth, ...rest } = result;
  if (speed === undefined || queue === undefined || truth === undefined) return;
  const whole = { ...rest, speed, queue, truth };
  // A static import would fail on the first run, before the chart library is installed.
  const { chart } = await import('./report/chart.ts');
  await writeFile(join(ROOT, 'docs/bench.svg'), chart(whole));
  await rewrite('README.md', 'bench', summary(whole));
  await rewrite('docs/performance.md', 'bench', fullReport(whole));
}

async function rewrite(name: string, section: string, text: string): Promise<void> {
  const path = join(ROOT, name);
  await writeFile(path, replaceBetween(await readFile(path, 'utf8'), section, text));
}
