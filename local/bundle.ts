import { builtinModules } from 'node:module';
import type { BuildOptions, Plugin } from 'esbuild';

/** Node's own modules, of which `http` as an ES module loads its whole WebSocket client on the way: 10 ms of a cold start. */
const BUILTINS = new Set(builtinModules);

/** Has Node's own modules loaded by `require`, which leaves alone what nobody asks for. */
const builtinsByRequire: Plugin = {
  name: 'builtins-by-require',
  setup(build) {
    build.onResolve({ filter: /^(node:)?[a-z]/ }, ({ path, kind }) => {
      const name = path.replace(/^node:/, '');
      if (kind === 'require-call' || !BUILTINS.has(name)) return undefined;
      return { path: name, namespace: 'builtin', sideEffects: false };
    });
    build.onLoad({ filter: /.*/, namespace: 'builtin' }, ({ path }) => ({
      contents: `module.exports = require('node:${path}')`,
    }));
  },
};

/**
 * How handlers are bundled. What is imported dynamically becomes a chunk of its own, loaded only if it is needed: the SDK's
 * sources of credentials that Lambda does not use, and the queue's client.
 */
export const bundleOptions: BuildOptions = {
  format: 'esm',
  outExtension: { '.js': '.mjs' },
  splitting: true,
  chunkNames: 'chunks/[name]-[hash]',
  platform: 'node',
  target: 'node24',
  // The SDK as ES modules: what is not used falls away.
  mainFields: ['module', 'main'],
  plugins: [builtinsByRequire],
  banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
  bundle: true,
  minify: true,
  sourcemap: true,
  logLevel: 'warning',
};
