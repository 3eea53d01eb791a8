import fc from 'fast-check';
import { type Behaviour, type Fault, faultCatalogue, faults } from '../../local/exchange.ts';
import type { KillOnly, KillScope } from '../../local/oracle.ts';

/** Symbols whose underlyings have a common prefix, and one of another. */
export const SYMBOLS = [
  'BTC-261225-90000-C',
  'BTC-261225-90000-P',
  'BTC-261225-95000-C',
  'BTCDOM-261225-5000-C',
  'ETH-261225-4000-P',
];

/** Ways in which a call of a kill goes wrong. */
export const KILL_FAULTS: Readonly<Record<string, Fault>> = {
  ...faultCatalogue.inDoubt,
  ...faultCatalogue.notExecuted,
  ...faultCatalogue.forbidden,
  ...faultCatalogue.keys,
  throttled: faultCatalogue.limits.throttled,
  refused: faults.cancelRejected(),
  'an object in place of a list': faults.answer(200, '{"code":0,"msg":"success"}'),
  huge: faults.huge(1),
};

const names = ['mm1-a', 'mm1-b', 'mm10-a', 'mm1', 'desk', ''];

/** One order of a random book. */
const order = fc.record({
  symbol: fc.constantFrom(...SYMBOLS),
  side: fc.constantFrom('BUY', 'SELL'),
  clientOrderId: fc.constantFrom(...names),
  /** Milliseconds from its creation to the moment at which the kill is asked for; negative when it comes later. */
  ageMs: fc.constantFrom(0, 1000, 60_000, 4 * 24 * 3_600_000, -4000, -6000, -3_600_000),
  status: fc.constantFrom('NEW', 'NEW', 'NEW', 'PARTIALLY_FILLED', 'FILLED', 'CANCELED'),
  /** True when a mass cancel leaves it open. */
  survives: fc.boolean(),
  /** True when lists show it although it has ended. */
  isGhost: fc.boolean(),
});

const scope: fc.Arbitrary<KillScope> = fc.oneof(
  fc.constantFrom(...SYMBOLS).map((symbol) => ({ symbol })),
  fc.constantFrom({ underlying: 'BTCUSDT' }, { underlying: 'BTCDOMUSDT' }, { underlying: 'ETHUSDT' }),
  fc.constant({ everything: true } as const),
);

const only = fc.option(
  fc.constantFrom<KillOnly[]>(
    { side: 'SELL' },
    { optionSide: 'PUT' },
    { clientOrderIdPrefix: 'mm1-' },
    { side: 'BUY', clientOrderIdPrefix: 'mm1' },
  ),
  { nil: undefined, freq: 3 },
);

const PATHS = ['openOrders', 'allOpenOrders', 'allOpenOrdersByUnderlying', 'order'];

/** Something that happens when the exchange receives a call of the number `at`. */
const event = fc.record({
  at: fc.integer({ min: 1, max: 12 }),
  what: fc.constantFrom('place', 'place', 'place', 'fill', 'throttle', 'pass-time'),
  symbol: fc.constantFrom(...SYMBOLS),
});

/**
 * A book, a kill with its deliveries, and all that goes wrong. A list may lag by less than the second
 * that lies between the two lists of a proof.
 */
export const killScript = fc.record({
  book: fc.array(order, { maxLength: 30 }),
  scope,
  only,
  dryRun: fc.constantFrom(false, false, false, false, false, false, true),
  /** Milliseconds from the asking to the first delivery. */
  waitedMs: fc.constantFrom(0, 0, 50, 119_000, 121_000, 3_600_000),
  deliveries: fc.integer({ min: 1, max: 3 }),
  remainingMs: fc.constantFrom(1200, 4000, 15_000),
  events: fc.array(event, { maxLength: 5 }),
  calls: fc.array(
    fc.record({ path: fc.constantFrom(...PATHS), fault: fc.constantFrom(...Object.keys(KILL_FAULTS)) }),
    { maxLength: 3 },
  ),
  behaviour: fc.record({
    pageCap: fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined, freq: 3 }),
    listLagMs: fc.constantFrom(0, 0, 150, 900),
    massDelayMs: fc.constantFrom(0, 0, 0, 400, Number.POSITIVE_INFINITY),
    massWhenEmpty: fc.constantFrom<Behaviour['massWhenEmpty'][]>('success', -2011, -2013, -6037),
    massCode: fc.constantFrom('documented', 'string', 'number'),
    acceptedForMs: fc.option(fc.constantFrom(0, 250, Number.POSITIVE_INFINITY), { nil: undefined, freq: 3 }),
  }),
});

export type KillScript = typeof killScript extends fc.Arbitrary<infer Script> ? Script : never;
