/** Runs the benchmark (`npm run bench`). docs/performance.md explains the measurements. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildHandlers } from '../tools/build.ts';
import { runScript } from '../tools/terminal.ts';
import { bundleContenders, installContenders, ROOT } from './contenders.ts';
import { type BenchResult, measure } from './measure.ts';
import { readOptions, USAGE } from './options.ts';
import { chart } from './report/chart.ts';
import { replaceBetween } from './report/document.ts';
import { reportOf, summary } from './report/report.ts';

const RESULTS = join(ROOT, 'bench/results');

await runScript(USAGE, async (args) => {
  const options = readOptions(args);
  await buildHandlers();
  installContenders();
  await mkdir(RESULTS, { recursive: true });
  await bundleContenders();
  const result = await measure(options);
  const path = join(RESULTS, `${result.date.replaceAll(':', '-')}.json`);
  await writeFile(path, `${JSON.stringify(result, undefined, 2)}\n`);
  console.error(`Written to ${path}`);
  console.log(`\n${Object.values(reportOf(result)).filter(Boolean).join('\n\n')}`);
  if (options.write) await publish(result);
  return 0;
});

async function publish(result: BenchResult): Promise<void> {
  await writeFile(join(ROOT, 'docs/bench.svg'), chart(result));
  await rewrite('README.md', 'bench', summary(result));
  for (const [name, text] of Object.entries(reportOf(result)))
    await rewrite('docs/performance.md', name, text);
}

async function rewrite(name: string, section: string, text: string): Promise<void> {
  const path = join(ROOT, name);
  await writeFile(path, replaceBetween(await readFile(path, 'utf8'), section, text));
}
