import { rm } from 'node:fs/promises';
import { build } from 'esbuild';

const HANDLERS = ['api', 'queue', 'schedule', 'preflight'];

await rm('dist', { recursive: true, force: true });
await build({
  entryPoints: HANDLERS.map((name) => `handlers/${name}.ts`),
  outdir: 'dist/handlers',
  outExtension: { '.js': '.mjs' },
  format: 'esm',
  platform: 'node',
  target: 'node24',
  bundle: true,
  minify: true,
  sourcemap: true,
  logLevel: 'warning',
  // Dependencies written for CommonJS call require for Node's own modules.
  banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
});
