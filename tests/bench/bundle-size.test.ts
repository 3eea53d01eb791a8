import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { builtHandler, bundleSize } from '../../bench/bundle-size.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bundle-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

describe('the size of a bundle', () => {
  test('counts static and dynamic imports, and each shared chunk once', async () => {
    const entry =
      'import{a}from"./chunks/a.mjs";import"./chunks/b.mjs";const c=()=>import("./chunks/c.mjs");';
    await mkdir(join(folder, 'chunks'));
    await writeFile(join(folder, 'api.mjs'), entry);
    await writeFile(join(folder, 'chunks/a.mjs'), 'import"./b.mjs";export const a=1;');
    await writeFile(join(folder, 'chunks/b.mjs'), '"é"');
    await writeFile(join(folder, 'chunks/c.mjs'), 'import"./b.mjs";export const c=12;');
    await writeFile(join(folder, 'chunks/stranger.mjs'), 'never imported');

    const bytes = await bundleSize(join(folder, 'api.mjs'));

    expect(bytes).toBe(entry.length + 33 + 4 + 34);
  });

  test('does not count packages, Node modules or plain strings', async () => {
    const entry = 'import"node:https";import{x}from"valibot";require("./lib.cjs");"./not-imported.mjs"';
    await writeFile(join(folder, 'api.cjs'), entry);
    await writeFile(join(folder, 'lib.cjs'), '1234');

    const bytes = await bundleSize(join(folder, 'api.cjs'));

    expect(bytes).toBe(entry.length + 4);
  });
});

describe('a built handler', () => {
  test('is found as a CommonJS file too', async () => {
    await mkdir(join(folder, 'dist/handlers'), { recursive: true });
    await writeFile(join(folder, 'dist/handlers/api.cjs'), '');

    expect(builtHandler(folder, 'api')).toBe('dist/handlers/api.cjs');
  });

  test('throws with a hint to build when it is missing', () => {
    expect(() => builtHandler(folder, 'api')).toThrow('run npm run build first');
  });
});
