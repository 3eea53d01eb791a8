import fc from 'fast-check';
import { type Fault, faultCatalogue, faults } from '../../local/exchange.ts';

/** For a call that gets no answer, in real time; what comes late comes after it. */
export const TIMEOUT_MS = 30;
export const LATE_MS = 2 * TIMEOUT_MS;

/** An order of no book, which answers about another order name. */
const OTHER_ID = '77';
/** The id of the target in every book. */
export const FIRST_ID = '4611875134427365377';
/** Longer than a canceled order without a fill can be queried. */
export const FOUR_DAYS_MS = 4 * 24 * 60 * 60 * 1000;

const { inDoubt, silent, refused, notExecuted, forbidden, limits, keys, staleReads } = faultCatalogue;

/** The faults that take real time. */
const SLOW: Readonly<Record<string, Fault>> = { ...silent, late: faults.delay({ beforeMs: LATE_MS }) };

const FAST: Readonly<Record<string, Fault>> = {
  none: {},
  ...inDoubt,
  ...refused,
  ...notExecuted,
  ...forbidden,
  ...limits,
  ...keys,
  ...staleReads,
  otherOrder: faults.answer(200, `{"orderId":${OTHER_ID},"clientOrderId":"desk-8","status":"CANCELLED"}`),
  invalid: faults.code(400, -1121, 'Invalid symbol.'),
  rejectedAnswer: faults.answer(200, `{"orderId":${FIRST_ID},"status":"REJECTED"}`),
};

/** Every way in which a call goes wrong, by name. */
export const CALL_FAULTS = { ...FAST, ...SLOW };

/** Slow faults are rare. */
const names = fc.oneof(
  { weight: 25, arbitrary: fc.constantFrom(...Object.keys(FAST)) },
  { weight: 1, arbitrary: fc.constantFrom(...Object.keys(SLOW)) },
);

const FINAL_STATUSES = [
  'FILLED',
  'CANCELLED',
  'CANCELED',
  'REJECTED',
  'EXPIRED',
  'EXPIRED_IN_MATCH',
] as const;

const status = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('ACCEPTED', 'NEW', 'PARTIALLY_FILLED') },
  { weight: 2, arbitrary: fc.constantFrom(...FINAL_STATUSES, 'none') },
);

const events = fc.constantFrom(
  'fill',
  'partial-fill',
  'expire',
  'name-given-anew',
  'rotate-keys',
  'drop-keys',
);

/** One order, the deliveries of one request to cancel it, and all that goes wrong. */
const anyScript = fc.record({
  status,
  by: fc.constantFrom('orderId', 'clientOrderId', 'both'),
  /** The order's age when the cancel is asked for. */
  ageMs: fc.constantFrom(0, 1, 60_000, FOUR_DAYS_MS),
  /** The time from the cancel's being asked for to its first delivery. */
  waitedMs: fc.constantFrom(0, 1, 5000),
  /** True when the order ends, and a new one gets its name, after the cancel is asked for and before it is delivered. */
  isRenamed: fc.boolean(),
  deliveries: fc.integer({ min: 1, max: 3 }),
  /** Between one delivery and the next, in milliseconds. */
  pauseMs: fc.constantFrom(1, 1000, 4000),
  expiresAfterMs: fc.option(fc.constantFrom(-1, 0, 300, 2000), { nil: undefined, freq: 4 }),
  /** By name: what goes wrong with the first signed call, the second, and so on. */
  calls: fc.array(names, { maxLength: 8 }),
  /** What happens in the world before a call of this number leaves; never before the first. */
  events: fc.array(fc.record({ before: fc.integer({ min: 2, max: 8 }), what: events }), { maxLength: 2 }),
  options: fc.record({
    confirm: fc.boolean(),
    looksFirst: fc.boolean(),
    maxAttempts: fc.integer({ min: 1, max: 4 }),
    remainingMs: fc.constantFrom(200, 1500, 8000),
  }),
  acceptedForMs: fc.option(fc.constantFrom(0, 250, 5000, Number.POSITIVE_INFINITY), { nil: undefined }),
  /** What the exchange does where its documentation is silent. */
  behaviour: fc.record({
    nameQueryFinds: fc.constantFrom('pending', 'older'),
    bothIdentifiers: fc.constantFrom('id-then-name-check', 'id', 'name'),
    finishedCancelCode: fc.constantFrom(-2011, -2013, -6028),
  }),
});

export type FaultScript = typeof anyScript extends fc.Arbitrary<infer Script> ? Script : never;

/** Any script of a possible world. */
export const faultScript = anyScript.map(possible);

/**
 * Leaves out what cannot happen, and what no client can prevent:
 * - a late cancel by name can meet a newer order of the name;
 * - a first cancel by name without a look comes from a caller who has just asked;
 * - a read does not lag by days, and an order of four days rests until it is filled or canceled.
 */
function possible(script: FaultScript): FaultScript {
  const isLate = script.by === 'clientOrderId' && script.calls.includes('late');
  const isOld = script.ageMs === FOUR_DAYS_MS;
  const looks = script.options.looksFirst || script.by !== 'clientOrderId';
  return {
    ...script,
    waitedMs: looks ? script.waitedMs : 0,
    isRenamed: script.isRenamed && looks && script.status !== 'none',
    calls: script.calls.map((name) => (isOld && name === 'missing read' ? 'none' : name)),
    events: script.events.filter(
      ({ what }) => !(isLate && what === 'name-given-anew') && !(isOld && what === 'expire'),
    ),
  };
}
