import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

/** The bundle of one of the service's handlers, as `npm run build` left it. @throws Error when there is none */
export function builtHandler(root: string, name: string): string {
  const candidates = ['mjs', 'cjs'].map((extension) => `dist/handlers/${name}.${extension}`);
  const found = candidates.find((path) => existsSync(join(root, path)));
  if (found === undefined) throw new Error(`dist/handlers has no ${name}: run npm run build first`);
  return found;
}

/** Bytes of a bundle: its file and every chunk that it imports, at once or on demand; source maps not counted. */
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

/** The files of the same build that a bundle's text imports. */
function chunkImports(text: string): readonly string[] {
  return [...text.matchAll(IMPORT)].map(([, path = '']) => path);
}
