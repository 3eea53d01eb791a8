import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type BuildOptions, build } from 'esbuild';
import { bundleOptions } from '../local/bundle.ts';
import { BUNDLES, bundlePath, type ContenderName, NAMES } from './contenders.ts';

/** Entry points of the measured processes. Each loads a contender. */
const RUNNERS = ['cold', 'first-cancel', 'warm'] as const;

/** Returns the path of a runner's bundle, from the repository's root. */
export const runnerPath = (name: (typeof RUNNERS)[number]): string => `${BUNDLES}/runner-${name}/index.mjs`;

/** The esbuild options of AWS's guide to Node.js functions: one minified CommonJS file. */
const guideOptions: BuildOptions = {
  bundle: true,
  minify: true,
  sourcemap: true,
  platform: 'node',
  target: 'node24',
  format: 'cjs',
  outExtension: { '.js': '.cjs' },
};

/** The source of each contender in `contenders/`. Two contenders share `bare-sdk.ts`. */
const SOURCES: Readonly<Record<Exclude<ContenderName, 'ours'>, string>> = {
  'bare-sdk': 'bare-sdk.ts',
  'bare-sdk-our-build': 'bare-sdk.ts',
  bare: 'bare.ts',
  connector: 'connector.ts',
  ccxt: 'ccxt.ts',
};

/** Bundles the runners and every contender except the service itself. */
export async function bundleContenders(root: string): Promise<void> {
  await rm(join(root, BUNDLES), { recursive: true, force: true });
  for (const name of NAMES) {
    if (name === 'ours') continue;
    const options = name === 'bare-sdk-our-build' ? bundleOptions : guideOptions;
    await bundle(root, `contenders/${SOURCES[name]}`, bundlePath(name), options);
  }
  for (const name of RUNNERS) await bundle(root, `runner/${name}.ts`, runnerPath(name), bundleOptions);
}

/** Builds one bundle. Bundles that are built together would share chunks and load extra files. */
async function bundle(root: string, source: string, path: string, options: BuildOptions): Promise<void> {
  await build({
    ...options,
    entryPoints: [{ in: join(root, 'bench', source), out: 'index' }],
    outdir: join(root, path, '..'),
    logLevel: 'error',
  });
}
