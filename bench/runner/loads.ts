import { statSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';

/** Adds up the files that this process loads as modules from here on. @returns the bytes so far, when asked */
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
