/** Runs the benchmark (`npm run bench`). docs/performance.md explains the measurements. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { arch, cpus, platform } from 'node:os';
import { join, resolve } from 'node:path';
import { buildHandlers } from '../tools/build.ts';
import { runScript } from '../tools/terminal.ts';
import { bundleContenders, contenders } from './contenders.ts';
import { installContenders } from './install.ts';
import { measureKillSpeed, measureKillTruth } from './kill/run.ts';
import { measureCost } from './measure/cost.ts';
import { measureQueue } from './measure/queue.ts';
import { measureSpeed } from './measure/speed.ts';
import { type BenchOptions, type Counts, readOptions, USAGE } from './options.ts';
import { chart } from './report/chart.ts';
import { replaceBetween } from './report/document.ts';
import { type BenchResult, reportOf, summary } from './report/report.ts';
import { startSite } from './site.ts';
import { measureTruth } from './truth/scripts.ts';

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
  console.log(`\n${Object.values(reportOf(result)).filter(Boolean).join('\n\n')}`);
  if (options.write) await publish(result);
  return 0;
});

async function measure({ counts, parts }: BenchOptions): Promise<BenchResult> {
  const { seeds, kills } = counts;
  return {
    date: new Date().toISOString(),
    machine: thisMachine(),
    counts,
    ...(parts.has('speed') && { speed: await speedOf(counts) }),
    ...(parts.has('queue') && { queue: await queueOf(counts) }),
    ...(parts.has('truth') && { truth: await measureTruth(ROOT, contenders, seeds) }),
    ...(parts.has('kill') && {
      kill: { speed: await measureKillSpeed(ROOT, kills), truth: await measureKillTruth(ROOT, kills) },
    }),
    ...(parts.has('cost') && { cost: await measureCost(ROOT, kills) }),
  };
}

function thisMachine(): string {
  const cores = cpus();
  const cpu = cores[0]?.model.trim() ?? 'unknown CPU';
  return `${cpu}, ${cores.length} cores, ${platform()} ${arch()}, Node ${process.version}`;
}

async function speedOf(counts: Counts) {
  const certificatePath = join(RESULTS, 'exchange-certificate.pem');
  await using near = await startSite({ exchangeMs: 0, secretMs: 0 });
  await using far = await startSite({ exchangeMs: 20, secretMs: 15, certificatePath });
  return await measureSpeed(ROOT, contenders, { near, far }, counts);
}

async function queueOf(counts: Counts) {
  await using slow = await startSite({ exchangeMs: 20, secretMs: 0 });
  return await measureQueue(ROOT, slow, counts);
}

/** Writes the result to bench/results, which git ignores. */
async function keep(result: BenchResult): Promise<void> {
  const path = join(RESULTS, `${result.date.replaceAll(':', '-')}.json`);
  await writeFile(path, `${JSON.stringify(result, undefined, 2)}\n`);
  console.error(`Written to ${path}`);
}

async function publish({ speed, queue, truth, kill, cost, ...rest }: BenchResult): Promise<void> {
  if (!speed || !queue || !truth || !kill || !cost) return;
  const whole = { ...rest, speed, queue, truth, kill, cost };
  await writeFile(join(ROOT, 'docs/bench.svg'), chart(whole));
  await rewrite('README.md', 'bench', summary(whole));
  for (const [name, text] of Object.entries(reportOf(whole)))
    await rewrite('docs/performance.md', name, text);
}

async function rewrite(name: string, section: string, text: string): Promise<void> {
  const path = join(ROOT, name);
  await writeFile(path, replaceBetween(await readFile(path, 'utf8'), section, text));
}
