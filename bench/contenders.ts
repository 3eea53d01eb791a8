import { readdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type BuildOptions, build } from 'esbuild';
import { bundleOptions } from '../tools/bundle.ts';

export interface Contender {
  readonly name: ContenderName;
  /** Path of the bundle, from the repository's root. */
  readonly bundle: string;
}

export type ContenderName = (typeof CONTENDERS)[number]['name'];

/** The contenders in the order of the tables and the chart. */
const CONTENDERS = [
  { name: 'ours', label: 'this service' },
  { name: 'bare-powertools', label: 'bare, SDK, Powertools, our bundling', isOurBuild: true },
  { name: 'bare-sdk-our-build', label: 'bare, SDK, our bundling', source: 'bare-sdk', isOurBuild: true },
  { name: 'bare-sdk', label: 'bare, SDK, the guide’s bundling' },
  { name: 'bare', label: 'bare, key in the environment' },
  { name: 'connector', label: 'official connector' },
  { name: 'ccxt', label: 'ccxt, its default limiter' },
] as const;

export const NAMES: readonly ContenderName[] = CONTENDERS.map(({ name }) => name);

export const labelOf = (name: ContenderName): string =>
  CONTENDERS.find((contender) => contender.name === name)?.label ?? name;

const BUNDLES = 'bench/results/bundles';

/** The runner's bundle, from the repository's root. Each measured process runs it. */
export const RUNNER = `${BUNDLES}/runner/index.mjs`;

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

const bundlePath = (name: string, isOurBuild: boolean) =>
  `${BUNDLES}/${name}/index.${isOurBuild ? 'mjs' : 'cjs'}`;

/** Every contender in the order of the tables. */
export const contenders: readonly Contender[] = CONTENDERS.map(({ name, ...how }) => ({
  name,
  bundle: name === 'ours' ? 'dist/handlers/api.mjs' : bundlePath(name, 'isOurBuild' in how),
}));

/** Bundles the runner and every contender except the service itself. */
export async function bundleContenders(root: string): Promise<void> {
  await rm(join(root, BUNDLES), { recursive: true, force: true });
  for (const { name, ...how } of CONTENDERS.slice(1)) {
    const source = `contenders/${'source' in how ? how.source : name}.ts`;
    const isOurBuild = 'isOurBuild' in how;
    await buildOne(root, source, bundlePath(name, isOurBuild), isOurBuild ? bundleOptions : guideOptions);
  }
  await buildOne(root, 'runner.ts', RUNNER, bundleOptions);
}

/** Builds one bundle. Bundles that are built together would share chunks and load extra files. */
async function buildOne(root: string, source: string, path: string, options: BuildOptions): Promise<void> {
  await build({
    ...options,
    entryPoints: [{ in: join(root, 'bench', source), out: 'index' }],
    outdir: join(root, path, '..'),
    logLevel: 'error',
  });
}

/** Returns the bytes of all modules in a bundle's folder: what is deployed, without source maps. */
export async function bundleSize(entry: string): Promise<number> {
  const folder = dirname(entry);
  const names = (await readdir(folder, { recursive: true })).filter((name) => /\.[mc]js$/.test(name));
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}
