import { rm } from 'node:fs/promises';
import { build } from 'esbuild';
import { bundleOptions } from './bundle.ts';
import { writeBillOfMaterials } from './sbom.ts';

const HANDLERS = ['api', 'queue', 'schedule', 'preflight'];

await rm('dist', { recursive: true, force: true });
const { metafile } = await build({
  ...bundleOptions,
  entryPoints: HANDLERS.map((name) => `handlers/${name}.ts`),
  outdir: 'dist/handlers',
  metafile: true,
});
await writeBillOfMaterials(metafile, 'dist');
