import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { build } from 'esbuild';
import * as v from 'valibot';
import { bundleOptions } from '../../tools/bundle.ts';
import { writeBillOfMaterials } from '../../tools/sbom.ts';

const bill = v.looseObject({
  bomFormat: v.literal('CycloneDX'),
  components: v.array(
    v.object({
      type: v.literal('library'),
      name: v.string(),
      version: v.string(),
      purl: v.string(),
      licenses: v.tuple([v.object({ license: v.object({ id: v.string() }) })]),
    }),
  ),
});
/** Licences that ask for no more than their text. */
const PERMISSIVE = ['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT', 'MIT-0'];

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sbom-'));
});
afterEach(() => rm(directory, { recursive: true }));

async function billOf(source: string) {
  const stdin = { contents: source, resolveDir: import.meta.dirname };
  const { metafile } = await build({ ...bundleOptions, stdin, outdir: directory, metafile: true });
  await writeBillOfMaterials(metafile, directory);
  return v.parse(bill, JSON.parse(await readFile(join(directory, 'sbom.json'), 'utf8'))).components;
}

test('the bill of materials lists the packages that are bundled, and no others', async () => {
  const components = await billOf("import * as v from 'valibot'; console.log(v.string());");
  const { version } = v.parse(
    v.object({ version: v.string() }),
    JSON.parse(await readFile(new URL('../../node_modules/valibot/package.json', import.meta.url), 'utf8')),
  );
  expect(components).toMatchObject([{ name: 'valibot', version, purl: `pkg:npm/valibot@${version}` }]);
  expect(await readFile(join(directory, 'licenses.txt'), 'utf8')).toMatch(
    /^valibot .*?: MIT\n.*Permission is hereby granted/s,
  );
});

test('every package of the built handlers has a permissive licence, and is bundled in one version', async () => {
  const text = await readFile(new URL('../../dist/sbom.json', import.meta.url), 'utf8');
  const { components } = v.parse(bill, JSON.parse(text));
  const names = components.map(({ name }) => name);
  expect(names).toContain('@aws-sdk/client-secrets-manager');
  expect(new Set(names).size).toBe(names.length);
  for (const { licenses } of components) expect(PERMISSIVE).toContain(licenses[0].license.id);
});
