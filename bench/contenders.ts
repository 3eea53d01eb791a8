/** A handler that is measured. */
export interface Contender {
  readonly name: ContenderName;
  /** The bundle, as a path from the repository's root. */
  readonly bundle: string;
}

export type ContenderName = keyof typeof LABELS;

/** Where bundles that the benchmark makes are put. */
export const BUNDLES = 'bench/results/bundles';

/** How tables and chart call them, in the order in which they are shown. */
export const LABELS = {
  ours: 'this service',
  'bare-sdk': 'bare, Secrets Manager SDK',
  'bare-sdk-our-build': 'bare, SDK, our bundling',
  bare: 'bare, key in the environment',
  connector: 'official connector',
  ccxt: 'ccxt',
} as const;

/** Where a contender's bundle is put, as a path from the repository's root. */
export const bundlePath = (name: ContenderName): string =>
  `${BUNDLES}/${name}/index.${name === 'bare-sdk-our-build' ? 'mjs' : 'cjs'}`;

/** Every contender, in the order in which they are shown; `ours` is the bundle of the API handler as it is deployed. */
export function contenders(ours: string): readonly Contender[] {
  return NAMES.map((name) => ({ name, bundle: name === 'ours' ? ours : bundlePath(name) }));
}

export const NAMES: readonly ContenderName[] = [
  'ours',
  'bare-sdk',
  'bare-sdk-our-build',
  'bare',
  'connector',
  'ccxt',
];
