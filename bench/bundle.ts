import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type BuildOptions, build } from 'esbuild';
import { bundleOptions } from '../local/bundle.ts';
import { BUNDLES, bundlePath, type ContenderName, NAMES } from './contenders.ts';

/** What runs in the measured processes, besides the contenders. */
const RUNNERS = ['cold', 'first-cancel', 'warm'] as const;

/** Where a runner's bundle is, as a path from the repository's root. */
export const runnerPath = (name: (typeof RUNNERS)[number]): string => `${BUNDLES}/runner-${name}/index.mjs`;

/** What AWS's own guide to Node.js functions has esbuild do: one CommonJS file, minified. */
const guideOptions: BuildOptions = {
  bundle: true,
  minify: true,
  sourcemap: true,
  platform: 'node',
  target: 'node24',
  format: 'cjs',
  outExtension: { '.js': '.cjs' },
};

/** Where each contender's source is, below `contenders/`; the bare handler stands twice, once with the service's own settings. */
const SOURCES: Readonly<Record<Exclude<ContenderName, 'ours'>, string>> = {
  'bare-sdk': 'bare-sdk.ts',
  'bare-sdk-our-build': 'bare-sdk.ts',
  bare: 'bare.ts',
  connector: 'connector.ts',
  ccxt: 'ccxt.ts',
};

/** Bundles the other contenders as is usual, and the runners. */
export async function bundleContenders(root: string): Promise<void> {
  await rm(join(root, BUNDLES), { recursive: true, force: true });
  for (const name of NAMES) {
    if (name === 'ours') continue;
    const options = name === 'bare-sdk-our-build' ? bundleOptions : guideOptions;
    await bundle(root, `contenders/${SOURCES[name]}`, bundlePath(name), options);
  }
  for (const name of RUNNERS) await bundle(root, `runner/${name}.ts`, runnerPath(name), bundleOptions);
}

/** One at a time: built together they would share chunks, and each would load more files than it has to. */
async function bundle(root: string, source: string, path: string, options: BuildOptions): Promise<void> {
  await build({
    ...options,
    entryPoints: [{ in: join(root, 'bench', source), out: 'index' }],
    outdir: join(root, path, '..'),
    logLevel: 'error',
  });
}
