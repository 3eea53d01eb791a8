import { builtinModules } from 'node:module';
import type { BuildOptions, Plugin } from 'esbuild';

/**
 * Node's own modules. Importing `http` as an ES module also loads its WebSocket client, which costs
 * 10 ms of a cold start.
 */
const BUILTINS = new Set(builtinModules);

/** Loads Node's own modules with `require`, which loads only the parts that are used. */
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
 * Options for bundling the handlers. Dynamic imports become chunks that are loaded only when
 * needed: the SDK's credential sources that Lambda does not use, and the clients of SQS and
 * EventBridge.
 */
export const bundleOptions: BuildOptions = {
  format: 'esm',
  outExtension: { '.js': '.mjs' },
  splitting: true,
  chunkNames: 'chunks/[name]-[hash]',
  platform: 'node',
  target: 'node24',
  // Takes the SDK's ES modules, of which unused parts are dropped.
  mainFields: ['module', 'main'],
  plugins: [builtinsByRequire],
  banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
  bundle: true,
  minify: true,
  sourcemap: true,
  logLevel: 'warning',
};
