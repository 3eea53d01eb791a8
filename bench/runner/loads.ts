import { statSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';

/** Counts the bytes of all modules that load from now on. @returns a function that reads the sum */
export function recordLoads(): () => number {
  const sizes = new Map<string, number>();
  registerHooks({
    load(url, context, nextLoad) {
      if (url.startsWith('file:')) sizes.set(url, statSync(fileURLToPath(url)).size);
      return nextLoad(url, context);
    },
  });
  return () => [...sizes.values()].reduce((sum, size) => sum + size, 0);
}
