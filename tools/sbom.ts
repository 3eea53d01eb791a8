import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';
import * as v from 'valibot';

const manifest = v.object({ name: v.string(), version: v.string(), license: v.string() });
type Package = v.InferOutput<typeof manifest> & { readonly directory: string };

/**
 * Writes what the bundles are made of to a directory: `sbom.json` (CycloneDX 1.6) and the texts of
 * the licences.
 *
 * @throws Error when a bundled package names no licence
 */
export async function writeBillOfMaterials({ inputs }: Metafile, directory: string): Promise<void> {
  const directories = new Set(Object.keys(inputs).flatMap((file) => packageOf(file) ?? []));
  const packages = distinct(await Promise.all([...directories].sort().map(readPackage)));
  const texts = await Promise.all(packages.map(licenseText));
  await writeFile(join(directory, 'sbom.json'), `${JSON.stringify(sbomOf(packages), undefined, 2)}\n`);
  await writeFile(join(directory, 'licenses.txt'), texts.join('\n'));
}

/** Returns the directory of the package that a file belongs to; undefined for the project's own. */
const packageOf = (file: string) => /^.*node_modules\/(@[^/]+\/)?[^/]+/.exec(file)?.[0];

async function readPackage(directory: string): Promise<Package> {
  const json: unknown = JSON.parse(await readFile(join(directory, 'package.json'), 'utf8'));
  return { ...v.parse(manifest, json), directory };
}

async function licenseText({ name, version, license, directory }: Package): Promise<string> {
  const file = (await readdir(directory)).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file === undefined ? '' : await readFile(join(directory, file), 'utf8');
  return `${name} ${version}: ${license}\n\n${text}`;
}

const sbomOf = (packages: readonly Package[]) => ({
  bomFormat: 'CycloneDX',
  specVersion: '1.6',
  version: 1,
  metadata: { component: { type: 'application', name: 'binance-options-cancel' } },
  components: packages.map(({ name, version, license }) => ({
    type: 'library',
    name,
    version,
    purl: `pkg:npm/${name.replace('@', '%40')}@${version}`,
    licenses: [{ license: { id: license } }],
  })),
});

/** Returns each version of a package once, wherever copies of it are installed. */
const distinct = (packages: readonly Package[]) => [
  ...new Map(packages.map((found) => [`${found.name}@${found.version}`, found])).values(),
];
