import { rm } from 'node:fs/promises';
import { build } from 'esbuild';
import { bundleOptions } from './bundle.ts';
import { writeBillOfMaterials } from './sbom.ts';
import { parseArguments, runScript } from './terminal.ts';

const HANDLERS = ['api', 'queue', 'schedule', 'preflight'];

/** Bundles the handlers into dist/handlers, and writes their bill of materials. */
export async function buildHandlers(): Promise<void> {
  await rm('dist', { recursive: true, force: true });
  const { metafile } = await build({
    ...bundleOptions,
    entryPoints: HANDLERS.map((name) => `handlers/${name}.ts`),
    outdir: 'dist/handlers',
    metafile: true,
  });
  await writeBillOfMaterials(metafile, 'dist');
}

if (import.meta.main) {
  await runScript('npm run build\n\nBundles the handlers into dist/.', async (args) => {
    parseArguments({ args });
    await buildHandlers();
    return 0;
  });
}
