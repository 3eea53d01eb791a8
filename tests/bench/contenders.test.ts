import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { bundleSize } from '../../bench/contenders.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bundle-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

test('the size of a bundle is that of the modules in its folder, without source maps', async () => {
  await mkdir(join(folder, 'chunks'));
  await writeFile(join(folder, 'api.mjs'), '12345');
  await writeFile(join(folder, 'api.mjs.map'), 'a source map');
  await writeFile(join(folder, 'chunks/a.cjs'), '"é"');

  expect(await bundleSize(join(folder, 'api.mjs'))).toBe(9);
});
