import fc from 'fast-check';
import { type Fault, faultCatalogue, faults, type NewOrder, SYMBOLS } from '../exchange.ts';
import type { KillTarget } from '../oracle.ts';

/** The values that an arbitrary draws. */
type Drawn<A> = A extends fc.Arbitrary<infer T> ? T : never;

const share = <T>(weight: number, arbitrary: fc.Arbitrary<T>) => ({ weight, arbitrary });

const oneIn = (count: number) => fc.integer({ min: 1, max: count }).map((n) => n === 1);

type Faults = Readonly<Record<string, Fault>>;
const { inDoubt, silent, refused, notExecuted, forbidden, limits, staleReads } = faultCatalogue;
const fromAll = (...kinds: readonly Faults[]) => fc.constantFrom(...kinds.flatMap(Object.values<Fault>));

/** A fault of so many calls about one order: at times more than the attempts of one delivery. */
const faultOf = (method: 'DELETE' | 'GET', ...kinds: readonly Faults[]) =>
  fc.record({
    method: fc.constant(method),
    fault: fromAll(...kinds),
    times: fc.constantFrom(1, 1, 1, 1, 1, 1, 2, 2, 5),
  });

const { systemBusy } = limits;
const cancelFault = faultOf('DELETE', inDoubt, silent, refused, notExecuted, forbidden, { systemBusy });
const queryFault = faultOf('GET', staleReads, inDoubt, silent, notExecuted, refused);
/** Reads do not lag by days, so no query misses an old order that is open. */
const { 'missing read': _, ...oldReads } = staleReads;
const oldQueryFault = faultOf('GET', oldReads, inDoubt, silent, notExecuted, refused);

/** Faults of an order's cancel, of its query, or of both. */
const callFaults = (query: typeof queryFault) =>
  fc.array(fc.oneof(share(3, cancelFault), share(1, query)), { minLength: 1, maxLength: 2 });
const queryFaults = fc.array(queryFault, { maxLength: 1 });

const naming = fc.constantFrom('id', 'id as a number', 'name', 'id and name');
export type Naming = Drawn<typeof naming>;

/** The creation of an order that cannot be queried once it is canceled without a fill. */
export const MORE_THAN_THREE_DAYS_AGO = Date.UTC(2020, 0, 1);
/**
 * The account whose orders are killed. The other cancels are of the default account and another.
 */
export const KILL_ACCOUNT = 'kills';

export interface Fate {
  readonly order?: Partial<NewOrder>;
  /** Default: the planned one. */
  readonly naming?: Naming;
  /** The call about the order whose answer is lost while something happens to the order. */
  readonly during?: 'GET' | 'DELETE';
  /** The beginning of its name. Default: desk. */
  readonly prefix?: string;
}

/** The state of an order before its cancel, or the event that ends or replaces it. */
export const FATES = {
  open: {},
  'partly filled': { order: { quantity: '2', executedQty: '1', status: 'PARTIALLY_FILLED' } },
  /** Its cancel takes effect some time after it is accepted. */
  slow: { order: { acceptedForMs: 200 } },
  /** Its cancel is accepted and never takes effect. */
  stuck: { order: { acceptedForMs: Number.POSITIVE_INFINITY } },
  /** It is filled after its cancel is accepted. */
  overtaken: { order: { acceptedForMs: Number.POSITIVE_INFINITY }, during: 'GET' },
  /** It expires after its cancel is accepted. */
  'matched with itself': { order: { acceptedForMs: Number.POSITIVE_INFINITY }, during: 'GET' },
  old: { order: { createTime: MORE_THAN_THREE_DAYS_AGO } },
  'old and slow': { order: { createTime: MORE_THAN_THREE_DAYS_AGO, acceptedForMs: 200 } },
  filled: { order: { executedQty: '1', status: 'FILLED' } },
  rejected: { order: { status: 'REJECTED' } },
  /** A newer order takes its name while the exchange's answer is lost. */
  'name reused': { naming: 'name', during: 'DELETE' },
  /** A newer order takes its name once the answer to the queue is lost. */
  'name reused once settled': { naming: 'name' },
  /** The request has its id and the name of another order. */
  'two orders': { naming: 'id and name' },
  /** The request expired before it was sent. */
  expired: {},
  /** The request names another order, which does not exist. */
  missing: {},
  /** A kill may take it first. */
  'among kills': { order: { account: KILL_ACCOUNT }, prefix: 'mm1' },
} satisfies Readonly<Record<string, Fate>>;
export type OrderFate = keyof typeof FATES;

const plain = {
  kind: fc.constant('cancel'),
  naming,
  faults: fc.constant([]),
  /** The status of an order that had the name before; undefined for none. */
  olderBearer: fc.constant(undefined),
  /** True when the first answer that settles it is lost, so that the queue delivers it again. */
  answerIsLost: fc.constant(false),
};

const cancel = (fates: readonly OrderFate[], callFault: fc.Arbitrary<readonly Drawn<typeof queryFault>[]>) =>
  fc.record({
    ...plain,
    fate: fc.constantFrom(...fates),
    faults: callFault,
    olderBearer: fc.constantFrom('FILLED', 'EXPIRED_IN_MATCH', undefined, undefined),
    answerIsLost: oneIn(20),
  });

const oddCancel = fc.record({
  ...plain,
  fate: fc.constantFrom(
    'name reused',
    'name reused once settled',
    'two orders',
    'expired',
    'missing',
    'among kills',
  ),
  answerIsLost: oneIn(4),
});

const late = faults.delay({ beforeMs: 50, afterMs: 200 });

/** A kill, most of them in trouble. */
const kill = fc.record({
  kind: fc.constant('kill'),
  /** Everything is rare: the orders that it cancels cannot show a wrong cancel by another kill. */
  scope: fc.oneof(
    share(4, fc.record({ symbol: fc.constantFrom(...SYMBOLS) })),
    share(4, fc.record({ underlying: fc.constantFrom('BTCUSDT', 'ETHUSDT', 'DOGEUSDT') })),
    share(1, fc.constant({ everything: true } as const)),
  ),
  only: fc.constantFrom<KillTarget['only'][]>(
    ...[undefined, undefined, undefined],
    { side: 'SELL' },
    { optionSide: 'PUT' },
    { clientOrderIdPrefix: 'mm1-' },
    { side: 'BUY', clientOrderIdPrefix: 'mm1-' },
  ),
  /** `late` says in its body that it was asked for long ago, `redriven` in its attribute. */
  age: fc.constantFrom('fresh', 'fresh', 'fresh', 'late', 'redriven'),
  dryRun: oneIn(12),
  /** The number of orders placed before it is sent, in scope or not. */
  orders: fc.oneof(share(5, fc.integer({ min: 0, max: 12 })), share(1, fc.constant(60))),
  /** True when lists go on showing one of its orders once it is canceled. */
  hasGhost: oneIn(12),
  /** Faults of the next mass cancels, and of the next lists. */
  massFaults: fc.array(fromAll(inDoubt, silent, notExecuted), { maxLength: 1 }),
  listFaults: fc.array(fromAll(inDoubt, silent, notExecuted, { late }), { maxLength: 1 }),
  answerIsLost: oneIn(6),
});

const SYMBOL = '"symbol":"BTC-200730-9000-C"';

const malformed = fc.record({
  kind: fc.constant('malformed'),
  body: fc.constantFrom(
    'cancel everything',
    '[]',
    '{}',
    '{"orderId":"4611875134427365377"}',
    `{${SYMBOL}}`,
    `{${SYMBOL},"orderId":"0"}`,
    `{${SYMBOL},"orderId":4.611875134427365e18}`,
    `{${SYMBOL},"orderId":"9223372036854775808"}`,
    `{${SYMBOL},"orderID":"4611875134427365377"}`,
    `{${SYMBOL},"orderId":4611875134427365377,"orderId":4611875134427365378}`,
    `{${SYMBOL},"clientOrderId":"a","origClientOrderId":"b"}`,
    '{"symbol":"BTC-PERP","orderId":"4611875134427365377"}',
    '{"kill":{}}',
    '{"kill":{"everything":false}}',
    '{"kill":{"symbol":"BTC-200730-9000-C","underlying":"BTCUSDT"}}',
    '{"kill":{"everything":true},"only":{}}',
    '{"kill":{"everything":true},"except":{"side":"BUY"}}',
  ),
  answerIsLost: oneIn(20),
});

export const BLOCK = 10;

const trouble = fc.oneof(
  share(40, cancel(['open', 'partly filled'], callFaults(queryFault))),
  share(12, cancel(['slow', 'stuck', 'overtaken', 'matched with itself'], queryFaults)),
  share(9, cancel(['old', 'old and slow'], callFaults(oldQueryFault))),
  share(15, cancel(['filled', 'rejected'], queryFaults)),
  share(23, oddCancel),
  share(15, malformed),
  /** A copy of the message that is `back` places before it. */
  share(10, fc.record({ kind: fc.constant('copy'), back: fc.integer({ min: 1, max: 3 * BLOCK }) })),
  share(5, kill),
);

/** One message, before it has an order and a message id. */
export type PlannedMessage = Drawn<typeof trouble>;
export type PlannedCancel = Extract<PlannedMessage, { readonly kind: 'cancel' }>;
export type PlannedKill = Extract<PlannedMessage, { readonly kind: 'kill' }>;

const calm = fc.record({ ...plain, fate: fc.constant('open') });

/** A number of messages that are calm or stormy together: about a batch. */
const block = (calmShare: number, troubleShare: number): fc.Arbitrary<PlannedMessage[]> => {
  const message = fc.oneof(share(calmShare, calm), share(troubleShare, trouble), share(1, kill));
  return fc.array(message, { minLength: BLOCK, maxLength: BLOCK });
};

/**
 * Faults come in storms, as they do in production. A batch also waits for its slowest message, so
 * with a fault in every batch the run would mostly wait.
 */
export const messageBlock = fc.oneof(share(88, block(98, 2)), share(12, block(20, 80)));
