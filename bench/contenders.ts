export interface Contender {
  readonly name: ContenderName;
  /** Path of the bundle, from the repository's root. */
  readonly bundle: string;
}

export type ContenderName = keyof typeof LABELS;

export const BUNDLES = 'bench/results/bundles';

/** Names of the contenders in the tables and the chart. */
export const LABELS = {
  ours: 'this service',
  'bare-sdk': 'bare, Secrets Manager SDK',
  'bare-sdk-our-build': 'bare, SDK, our bundling',
  bare: 'bare, key in the environment',
  connector: 'official connector',
  ccxt: 'ccxt',
} as const;

/** Returns the path of a contender's bundle, from the repository's root. */
export const bundlePath = (name: ContenderName): string =>
  `${BUNDLES}/${name}/index.${name === 'bare-sdk-our-build' ? 'mjs' : 'cjs'}`;

/** Returns every contender in display order. `ours` is the path of the deployed API bundle. */
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
