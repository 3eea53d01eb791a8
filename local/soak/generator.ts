import fc from 'fast-check';
import { type Behaviour, type Fault, faultCatalogue, faults, SYMBOLS } from '../exchange.ts';
import type { KillOnly, KillScope } from '../oracle.ts';

/** The values that an arbitrary draws. */
type Drawn<A> = A extends fc.Arbitrary<infer T> ? T : never;

function weighted<T>(...parts: readonly (readonly [weight: number, arbitrary: fc.Arbitrary<T>])[]) {
  return fc.oneof(...parts.map(([weight, arbitrary]) => ({ weight, arbitrary })));
}

const oneIn = (count: number) => fc.integer({ min: 1, max: count }).map((n) => n === 1);

const { inDoubt, silent, refused, notExecuted, forbidden, limits, staleReads } = faultCatalogue;
const fromAll = (...kinds: readonly Readonly<Record<string, Fault>>[]) =>
  fc.constantFrom(...kinds.flatMap((kind) => Object.values(kind)));

/** A fault of so many calls about one order: at times more than the attempts of one delivery. */
const faultOf = (method: 'DELETE' | 'GET', ...kinds: readonly Readonly<Record<string, Fault>>[]) =>
  fc.record({
    method: fc.constant(method),
    fault: fromAll(...kinds),
    times: weighted([6, fc.constant(1)], [2, fc.constant(2)], [1, fc.constant(5)]),
  });

type PlannedFault = Drawn<ReturnType<typeof faultOf>>;
type Faults = readonly PlannedFault[];

const { systemBusy } = limits;
const cancelFault = faultOf('DELETE', inDoubt, silent, refused, notExecuted, forbidden, { systemBusy });
const queryFault = faultOf('GET', staleReads, inDoubt, silent, notExecuted, refused);
/** Reads do not lag by days, so no query misses an old order that is open. */
const { 'missing read': _, ...oldReads } = staleReads;
const oldQueryFault = faultOf('GET', oldReads, inDoubt, silent, notExecuted, refused);

/** Faults of an order's cancel, or of both cancel and query. */
const callFaults = (query: fc.Arbitrary<PlannedFault>) =>
  weighted<Faults>(
    [4, fc.tuple(cancelFault)],
    [1, fc.tuple(cancelFault, cancelFault)],
    [2, fc.tuple(cancelFault, query)],
  );
const noFaults = fc.constant([]);
const queryFaults = weighted<Faults>([1, noFaults], [1, fc.tuple(queryFault)]);

const naming = fc.constantFrom('id', 'id as a number', 'name', 'id and name');
export type Naming = Drawn<typeof naming>;

/**
 * The state of an order before its cancel, or what the cancel does: for `slow` it takes effect some
 * time after it is accepted, and for `stuck` it never does. Before it does, `overtaken` is filled,
 * and `matched with itself` expires. An `old` order was created more than three days ago.
 */
export type OrderFate =
  | ('open' | 'partly filled' | 'filled' | 'rejected' | 'old' | 'old and slow')
  | ('slow' | 'stuck' | 'overtaken' | 'matched with itself');

const cancel = (fates: readonly OrderFate[], callFault: fc.Arbitrary<Faults>) =>
  fc.record({
    kind: fc.constant('cancel'),
    naming,
    fate: fc.constantFrom(...fates),
    faults: callFault,
    /** The status of an order that had the name before; undefined for none. */
    olderBearer: fc.constantFrom('FILLED', 'EXPIRED_IN_MATCH', undefined, undefined),
    /** True when the first answer that settles it is lost, so that the queue delivers it again. */
    answerIsLost: oneIn(20),
  });
export type PlannedCancel = Drawn<ReturnType<typeof cancel>>;

const plainCancel = cancel(['open'], noFaults).map(
  (planned): PlannedCancel => ({ ...planned, olderBearer: undefined, answerIsLost: false }),
);

const someOf = (...kinds: readonly Readonly<Record<string, Fault>>[]) =>
  weighted<readonly Fault[]>([1, noFaults], [2, fc.tuple(fromAll(...kinds))]);

/** A kill, most of them in trouble. */
const kill = fc.record({
  kind: fc.constant('kill'),
  /** Everything is rare, since the orders that it cancels cannot show a wrong cancel by another kill. */
  scope: weighted<KillScope>(
    [4, fc.record({ symbol: fc.constantFrom(...SYMBOLS) })],
    [4, fc.record({ underlying: fc.constantFrom('BTCUSDT', 'ETHUSDT', 'DOGEUSDT') })],
    [1, fc.constant({ everything: true })],
  ),
  only: weighted<KillOnly | undefined>(
    [6, fc.constant(undefined)],
    [2, fc.record({ side: fc.constant('SELL') })],
    [2, fc.record({ optionSide: fc.constant('PUT') })],
    [2, fc.record({ clientOrderIdPrefix: fc.constant('mm1-') })],
    [2, fc.record({ side: fc.constant('BUY'), clientOrderIdPrefix: fc.constant('mm1-') })],
  ),
  /** `late` says in its body that it was asked for long ago, `redriven` in its attribute. */
  age: fc.constantFrom('fresh', 'fresh', 'fresh', 'late', 'redriven'),
  dryRun: oneIn(12),
  /** The number of orders placed before it is sent, in scope or not. */
  orders: weighted([5, fc.integer({ min: 0, max: 12 })], [1, fc.constant(60)]),
  /** True when lists go on showing one of its orders once it is canceled. */
  hasGhost: oneIn(12),
  /** Faults of the next mass cancels, and of the next lists. */
  massFaults: someOf(inDoubt, silent, notExecuted),
  listFaults: someOf(inDoubt, silent, notExecuted, { late: faults.delay({ beforeMs: 50, afterMs: 200 }) }),
  answerIsLost: oneIn(6),
});
export type PlannedKill = Drawn<typeof kill>;

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

const expired = fc.record({
  kind: fc.constant('expired'),
  naming,
  expiresAt: fc.constantFrom('1600000000000', '"2020-09-13T12:26:40Z"'),
});

/** The number of messages that are calm or stormy together: about a batch. */
const BLOCK = 10;

/** One message, before it has an order and a message id. */
export type PlannedMessage =
  | PlannedCancel
  | PlannedKill
  | Drawn<typeof malformed>
  | Drawn<typeof expired>
  /** A cancel by name. A newer order takes the name once that is settled, or while its answer is lost. */
  | { readonly kind: 'name reused'; readonly onceSettled: boolean }
  | { readonly kind: 'no such order'; readonly naming: Naming }
  /** The id of one order and the name of another, or an order that a kill may take first. */
  | { readonly kind: 'two orders' | 'cancel among kills' }
  /** A copy of the message that is `back` places before it. */
  | { readonly kind: 'copy'; readonly back: number };

const trouble = weighted<PlannedMessage>(
  [40, cancel(['open', 'partly filled'], callFaults(queryFault))],
  [12, cancel(['slow', 'stuck', 'overtaken', 'matched with itself'], queryFaults)],
  [9, cancel(['old', 'old and slow'], callFaults(oldQueryFault))],
  [15, cancel(['filled', 'rejected'], queryFaults)],
  [5, fc.record({ kind: fc.constant('name reused'), onceSettled: fc.boolean() })],
  [5, fc.record({ kind: fc.constant('no such order'), naming })],
  [5, fc.constant({ kind: 'two orders' })],
  [5, expired],
  [15, malformed],
  [10, fc.record({ kind: fc.constant('copy'), back: fc.integer({ min: 1, max: 3 * BLOCK }) })],
  [5, kill],
  [3, fc.constant({ kind: 'cancel among kills' })],
);

const block = (calm: number, troubled: number): fc.Arbitrary<PlannedMessage[]> =>
  fc.array(weighted<PlannedMessage>([calm, plainCancel], [troubled, trouble], [1, kill]), {
    minLength: BLOCK,
    maxLength: BLOCK,
  });

/**
 * Faults come in storms, as they do in production. A batch also waits for its slowest message, so
 * with a fault in every batch the run would mostly wait.
 */
const messageBlock = weighted([88, block(98, 2)], [12, block(20, 80)]);

/** The kinds of events, each with its maximum number. */
const EVENTS = {
  'throttle and ban': 4,
  'clock jump': 3,
  'key rotation': 2,
  'keys locked': 2,
  'dead letters refused': 4,
  'behaviour change': 4,
} as const;
export type EventKind = keyof typeof EVENTS;

const eventDetails = fc.record({
  /** Duration of a throttle or of refused dead letters. */
  seconds: fc.integer({ min: 1, max: 3 }),
  /** The exchange's behaviour after a change of it. */
  behaviour: fc.record<Partial<Behaviour>>({
    nameQueryFinds: fc.constantFrom('pending', 'older'),
    bothIdentifiers: fc.constantFrom('id-then-name-check', 'id', 'name'),
    finishedCancelCode: fc.constantFrom(-2011, -2013, -6028),
    massWhenEmpty: fc.constantFrom<Behaviour['massWhenEmpty'][]>('success', -2011, -2013, -6037),
    massCode: fc.constantFrom('documented', 'string', 'number'),
  }),
});

/** An event that concerns all processes. It begins before the message with index `after` is sent. */
export interface PlannedEvent extends Drawn<typeof eventDetails> {
  readonly after: number;
  readonly kind: EventKind;
}

/** Crashes a process `afterMs` after a batch begins, once `after` messages have been delivered. */
export interface PlannedCrash {
  readonly after: number;
  readonly afterMs: number;
}

export interface PlanOptions {
  /** The number of messages, at least 100. */
  readonly messages: number;
  /** A 32-bit integer. */
  readonly seed: number;
  readonly crashes: number;
}

/** Everything that is to happen in a run. `killCrashes` are of the processes that kill. */
export type Plan = ReturnType<typeof makePlan>;

/** About the duration of a batch of cancels, and of kills, in ms. */
const BATCH_MS = 250;
const KILL_MS = 1200;

/**
 * Returns a plan. The same options give the same plan, but two runs of it differ, since the
 * processes are scheduled by the operating system.
 */
export function makePlan({ messages: count, seed, crashes }: PlanOptions) {
  const blocks = draw(messageBlock, seed, Math.ceil(count / BLOCK));
  const messages = blocks.flat().slice(0, count);
  const kills = messages.filter(({ kind }) => kind === 'kill').length;
  return {
    messages,
    events: plannedEvents(count, seed),
    crashes: plannedCrashes(count, BATCH_MS, crashes, seed),
    killCrashes: plannedCrashes(kills, KILL_MS, Math.ceil(crashes / 4), seed),
  };
}

/** A round has one event of each kind, in an order of its own. */
const MESSAGES_PER_ROUND = 2500;

/** Spreads the events over the first nine tenths of the messages, so that each meets messages. */
function plannedEvents(messages: number, seed: number): PlannedEvent[] {
  const rounds = Math.min(4, Math.max(1, Math.round(messages / MESSAGES_PER_ROUND)));
  const all = Object.keys(EVENTS).filter((name): name is EventKind => name in EVENTS);
  const kinds = draw(fc.shuffledSubarray(all, { minLength: all.length }), seed, rounds).flatMap(
    (round, index) => round.filter((kind) => index < EVENTS[kind]),
  );
  const details = draw(fc.tuple(eventDetails, fc.integer({ min: 20, max: 80 })), seed, kinds.length);
  return details.flatMap(([detail, jitter], index) => {
    const kind = kinds[index];
    const place = (index + jitter / 100) / kinds.length;
    return kind === undefined ? [] : [{ ...detail, kind, after: Math.floor(place * messages * 0.9) }];
  });
}

function plannedCrashes(messages: number, withinMs: number, crashes: number, seed: number): PlannedCrash[] {
  const crash = fc.record({
    after: fc.integer({ min: 0, max: Math.floor(messages * 0.95) }),
    afterMs: fc.integer({ min: 0, max: withinMs }),
  });
  return draw(crash, seed, crashes).toSorted((a, b) => a.after - b.after);
}

/** Draws values without the library's preference for edge cases. */
function draw<T>(values: fc.Arbitrary<T>, seed: number, count: number): T[] {
  return count === 0 ? [] : fc.sample(fc.noBias(values), { seed, numRuns: count });
}
