import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { glob, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { type BuildOptions, build } from 'esbuild';
import { bundleOptions } from '../tools/bundle.ts';

/** The repository's root. */
export const ROOT = resolve(import.meta.dirname, '..');

export const SERVICE = 'this service';
export const POWERTOOLS = 'bare, SDK, Powertools, our bundling';
export const BARE = 'bare, SDK, our bundling';
export const CONNECTOR = 'official connector';
export const CCXT = 'ccxt, its default limiter';

/** The others: the module in bench/contenders, and the kind of its bundle. */
const OTHERS = [
  [POWERTOOLS, 'bare-powertools', 'mjs'],
  [BARE, 'bare-sdk', 'mjs'],
  ['bare, SDK, the guide’s bundling', 'bare-sdk', 'cjs'],
  ['bare, key in the environment', 'bare', 'cjs'],
  [CONNECTOR, 'connector', 'cjs'],
  [CCXT, 'ccxt', 'cjs'],
] as const;

/**
 * Bundles as this service's, and one minified CommonJS file as in AWS's guide to Node.js functions.
 */
const KINDS = {
  mjs: bundleOptions,
  cjs: {
    bundle: true,
    minify: true,
    sourcemap: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    outExtension: { '.js': '.cjs' },
  },
} satisfies Record<string, BuildOptions>;

const BUNDLES = join(ROOT, 'bench/results/bundles');
const bundlePath = (source: string, kind: keyof typeof KINDS) =>
  join(BUNDLES, `${source}-${kind}`, `index.${kind}`);

/** The bundle that each measured process runs. */
export const RUNNER = bundlePath('runner', 'mjs');

/**
 * Every contender in the order of tables and chart: its name there, and the module that exports its
 * handler.
 */
export const CONTENDERS = [
  { label: SERVICE, bundle: join(ROOT, 'dist/handlers/api.mjs') },
  ...OTHERS.map(([label, source, kind]) => ({ label, bundle: bundlePath(source, kind) })),
];

export type Contender = (typeof CONTENDERS)[number];

/**
 * Installs the other clients unless they are as new as the lockfile.
 *
 * @throws Error when npm fails
 */
export function installContenders(): void {
  const cwd = join(ROOT, 'bench');
  const modifiedAt = (name: string) => statSync(join(cwd, name), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (modifiedAt('node_modules/.package-lock.json') >= modifiedAt('package-lock.json')) return;
  console.error('Installing the other clients (first run only) …');
  const { status } = spawnSync('npm', ['ci'], { cwd, stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error('npm ci failed in bench/');
}

/** Bundles the runner and every contender except the service itself. */
export async function bundleContenders(): Promise<void> {
  await rm(BUNDLES, { recursive: true, force: true });
  for (const [, source, kind] of OTHERS)
    await bundle(`contenders/${source}.ts`, bundlePath(source, kind), KINDS[kind]);
  await bundleRunner();
}

/** Bundles the module that each measured process runs. */
export const bundleRunner = () => bundle('runner.ts', RUNNER, bundleOptions);

/** Builds one bundle. Bundles that are built together would share chunks and load extra files. */
async function bundle(source: string, path: string, options: BuildOptions): Promise<void> {
  const entryPoints = { index: join(ROOT, 'bench', source) };
  await build({ ...options, entryPoints, outdir: dirname(path), logLevel: 'error' });
}

/** Returns the bytes of all modules in a bundle's folder: what is deployed, without source maps. */
export async function bundleSize(path: string): Promise<number> {
  const cwd = dirname(path);
  let bytes = 0;
  for await (const name of glob('**/*.[cm]js', { cwd })) bytes += (await stat(join(cwd, name))).size;
  return bytes;
}
