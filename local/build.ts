import { rm } from 'node:fs/promises';
import { build } from 'esbuild';
import { bundleOptions } from './bundle.ts';

const HANDLERS = ['api', 'queue', 'schedule', 'preflight'];

await rm('dist', { recursive: true, force: true });
await build({
  ...bundleOptions,
  entryPoints: HANDLERS.map((name) => `handlers/${name}.ts`),
  outdir: 'dist/handlers',
});
