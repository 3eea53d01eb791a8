import fc from 'fast-check';
import { type Fault, faults } from '../exchange.ts';

/** The symbols of the account whose orders are killed. */
export const KILL_SYMBOLS = [
  'BTC-200730-9000-C',
  'BTC-200730-9000-P',
  'BTC-210129-40000-C',
  'ETH-261225-4000-P',
  'DOGE-240126-0.08-C',
  'DOGE-240126-0.08-P',
] as const;

export type KillScope =
  | { readonly symbol: string }
  | { readonly underlying: string }
  | { readonly everything: true };

export interface KillOnly {
  readonly side?: 'BUY' | 'SELL';
  readonly optionSide?: 'CALL' | 'PUT';
  readonly clientOrderIdPrefix?: string;
}

/** A kill, before its orders are placed. */
export interface PlannedKill {
  readonly kind: 'kill';
  readonly scope: KillScope;
  readonly only: KillOnly | undefined;
  /** `late` says in its body that it was asked for long ago, `redriven` in its attribute. */
  readonly age: 'fresh' | 'late' | 'redriven';
  readonly dryRun: boolean;
  /** The number of orders placed before it is sent, in scope or not. */
  readonly orders: number;
  /** True when lists go on showing one of its orders once it is canceled. */
  readonly hasGhost: boolean;
  /** Faults of the next mass cancels, and of the next lists. */
  readonly massFaults: readonly Fault[];
  readonly listFaults: readonly Fault[];
  readonly answerIsLost: boolean;
}

const MASS_FAULTS: readonly Fault[] = [
  faults.reset(),
  faults.reset({ executed: true }),
  faults.hang({ executed: true }),
  faults.truncate(),
  faults.timeout({ executed: true }),
  faults.unknown503(),
  faults.unknown503({ executed: true }),
  faults.unavailable503(),
  faults.unknownOrder(),
  faults.answer(504, '<html><body>Gateway Time-out</body></html>', { contentType: 'text/html' }),
];

const LIST_FAULTS: readonly Fault[] = [
  faults.reset(),
  faults.hang(),
  faults.truncate(),
  faults.internal503(),
  faults.delay({ beforeMs: 50, afterMs: 200 }),
];

const symbolOrUnderlying: fc.Arbitrary<KillScope> = fc.oneof(
  fc.record({ symbol: fc.constantFrom(...KILL_SYMBOLS) }),
  fc.record({ underlying: fc.constantFrom('BTCUSDT', 'ETHUSDT', 'DOGEUSDT') }),
);

/** Everything is rare, since the orders that it cancels cannot show a wrong cancel by another kill. */
const scope: fc.Arbitrary<KillScope> = fc.oneof(
  { weight: 8, arbitrary: symbolOrUnderlying },
  { weight: 1, arbitrary: fc.constant({ everything: true as const }) },
);

const only: fc.Arbitrary<KillOnly | undefined> = fc.oneof(
  { weight: 3, arbitrary: fc.constant(undefined) },
  {
    weight: 2,
    arbitrary: fc.constantFrom<KillOnly[]>(
      { side: 'SELL' },
      { optionSide: 'PUT' },
      { clientOrderIdPrefix: 'mm1-' },
      { side: 'BUY', clientOrderIdPrefix: 'mm1-' },
    ),
  },
);

const oneIn = (count: number) => fc.integer({ min: 1, max: count }).map((n) => n === 1);
const some = (from: readonly Fault[]) =>
  fc.oneof(fc.constant([]), fc.tuple(fc.constantFrom(...from)), fc.tuple(fc.constantFrom(...from)));

/** One kill, most of them in trouble. */
export const kill: fc.Arbitrary<PlannedKill> = fc.record({
  kind: fc.constant('kill'),
  scope,
  only,
  age: fc.constantFrom('fresh', 'fresh', 'fresh', 'late', 'redriven'),
  dryRun: oneIn(12),
  orders: fc.oneof({ weight: 5, arbitrary: fc.integer({ min: 0, max: 12 }) }, fc.constant(60)),
  hasGhost: oneIn(12),
  massFaults: some(MASS_FAULTS),
  listFaults: some(LIST_FAULTS),
  answerIsLost: oneIn(6),
});
