import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

/** Returns the path of a handler's bundle, from `root`. @throws Error when it has not been built */
export function builtHandler(root: string, name: string): string {
  const candidates = ['mjs', 'cjs'].map((extension) => `dist/handlers/${name}.${extension}`);
  const found = candidates.find((path) => existsSync(join(root, path)));
  if (found === undefined) throw new Error(`dist/handlers has no ${name}: run npm run build first`);
  return found;
}

/**
 * Returns the size of a bundle in bytes. Counts the entry file and every chunk that it imports,
 * statically or on demand. Source maps do not count.
 */
export async function bundleSize(entry: string): Promise<number> {
  const seen = new Set<string>();
  const left = [resolve(entry)];
  let bytes = 0;
  for (let path = left.pop(); path !== undefined; path = left.pop()) {
    if (seen.has(path)) continue;
    seen.add(path);
    const text = await readFile(path, 'utf8');
    bytes += Buffer.byteLength(text);
    for (const chunk of chunkImports(text)) left.push(join(dirname(path), chunk));
  }
  return bytes;
}

const IMPORT = /(?:import\(|require\(|\bfrom|\bimport)\s*["'](\.\.?\/[^"']+\.[mc]?js)["']/g;

/** Returns the relative paths of the chunks that a bundle imports. */
function chunkImports(text: string): readonly string[] {
  return [...text.matchAll(IMPORT)].map(([, path = '']) => path);
}
