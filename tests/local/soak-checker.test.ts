import { describe, expect, test } from '@jest/globals';
import { documentedOrder } from '../../local/exchange/orders.ts';
import { checkHistory } from '../../local/soak/checker.ts';
import {
  type Ban,
  CLOCK_ERROR_MS,
  type Claim,
  type DeadLetter,
  HANDLER_TIMEOUT_MS,
  type History,
  type KillClaim,
  type PlacedOrder,
  Records,
  type SentMessage,
} from '../../local/soak/history.ts';
import type { KillIntent } from '../../local/soak/workload.ts';

const NOON = Date.UTC(2026, 0, 31, 12);
const ORDER = '4611875134427365377';
const BYSTANDER = '4611875134427365378';

const cancelOf = (messageId: string, orderId = ORDER): SentMessage => ({
  messageId,
  queue: 'cancel',
  body: `{"symbol":"BTC-200730-9000-C","orderId":${orderId}}`,
  intent: { kind: 'cancel', orderId },
  sentAt: NOON,
});

const claim = (messageId: string, outcome: string, more: Partial<Claim> = {}): Claim => ({
  messageId,
  environment: 'process-1',
  at: NOON,
  outcome,
  orderId: ORDER,
  detail: undefined,
  kill: undefined,
  ...more,
});

const delivery = (messageId: string, acknowledged = true) => ({ messageId, acknowledged });

const deadLetter = ({ messageId, body }: SentMessage, outcome?: string): DeadLetter => ({
  messageId,
  outcome,
  failedAt: undefined,
  body,
});

type Changes = Partial<Omit<History, 'sent'>> & { readonly sent?: readonly SentMessage[] };

/**
 * Returns a history of one message, which asked for a cancel, was settled and left the queue, with
 * these changes.
 */
function history({ sent = [cancelOf('a')], ...more }: Changes = {}): History {
  return {
    ...new Records(),
    sent: new Map(sent.map((message) => [message.messageId, message])),
    deliveries: [delivery('a')],
    claims: [claim('a', 'canceled')],
    removed: new Set(['a']),
    deadLetters: [],
    orders: new Map([
      [ORDER, 'CANCELLED'],
      [BYSTANDER, 'ACCEPTED'],
    ]),
    killBook: [],
    skews: [{ from: 0, skewMs: 0 }],
    left: 0,
    lagMs: 0,
    ...more,
  };
}

/** Returns the checks that fail, with their violations. */
function violationsOf(changed: History): Record<string, readonly string[]> {
  const all = Object.entries(checkHistory(changed).checks);
  return Object.fromEntries(all.filter(([, violations]) => violations.length > 0));
}

const NO_COUNTS = { seen: 0, canceled: 0, filled: 0, closed: 0, unexamined: 0, left: 0 };

const LOST = 'every message is settled or a dead letter';
const DOUBLE = 'no message ended twice without a lost answer';
const UNTRUE = 'every claim about an order agrees with the exchange';
const WRONG_VERDICT = 'exactly the wrong messages are refused, and only expired ones expire';
const KEYS = 'no request failed for its keys unless they were locked or could not be read';
const KNOWN_BAN = 'no process called during a ban that it knew of';

const UNASKED = 'no order was canceled without a request';
const LATE = 'exactly the kills that were asked for long ago are late';
const DRY = 'exactly the dry runs end as dry runs';
const RESULT = "every order in a kill's result agrees with the exchange, and the counts add up";
const COVERED = "every order in a kill's result is one that it covers";
const LETTER = 'every dead letter of a kill asks for the same, and says since when';

const call = (ms: number, environment: string | undefined = 'process-1'): Ban['calls'][number] => ({
  environment,
  signedAt: NOON + ms,
  arrivedAt: NOON + ms,
});
const banOf = (calls: Ban['calls'], environments = 2) => [{ environments, calls }];
const knew = (ms: number, environment = 'process-1') =>
  claim('a', 'throttled', { at: NOON + ms, environment });
const afterwards = (...throttled: Claim[]) => [...throttled, claim('a', 'canceled')];

const READING = { environment: undefined, signedAt: NOON, arrivedAt: NOON };

const MINUTE_MS = 60_000;
const SKEW_MS = 10_000;
/** A time of the exchange's clock, in ms after noon of ours. */
const at = (ms: number) => NOON + SKEW_MS + ms;

const killOf = (intent: Partial<KillIntent> = {}): SentMessage => ({
  messageId: 'k',
  queue: 'kill',
  body: '{"kill":{"underlying":"BTCUSDT"}}',
  intent: {
    kind: 'kill',
    scope: { underlying: 'BTCUSDT' },
    only: undefined,
    dryRun: false,
    askedAt: undefined,
    ...intent,
  },
  sentAt: NOON,
});

const emptied = (more: Partial<KillClaim> = {}, outcome = 'emptied'): Claim =>
  claim('k', outcome, {
    at: NOON + 2000,
    orderId: undefined,
    kill: {
      asOf: at(500),
      late: false,
      orders: { seen: 1, canceled: 1, filled: 0, closed: 0, unexamined: 0, left: 0 },
      results: [{ orderId: '7', outcome: 'canceled' }],
      ...more,
    },
  });

const orderOf = (more: Partial<PlacedOrder> = {}): PlacedOrder => ({
  ...documentedOrder,
  account: 'kills',
  orderId: '7',
  clientOrderId: 'mm1-7',
  avgPrice: '0',
  status: 'CANCELLED',
  createTime: at(-100),
  updateTime: at(300),
  placedAt: (more.createTime ?? at(-100)) - SKEW_MS,
  ...more,
});

/** Returns the history of one kill and its orders, with these changes. */
function killed(
  { kill = killOf(), claims = [emptied()] }: { kill?: SentMessage; claims?: Claim[] },
  orders: PlacedOrder[] = [orderOf()],
  more: Changes = {},
): History {
  return history({
    sent: [kill],
    deliveries: [delivery('k')],
    claims,
    removed: new Set(['k']),
    orders: new Map(orders.map(({ orderId, status }) => [orderId, status])),
    killBook: orders,
    skews: [{ from: 0, skewMs: SKEW_MS }],
    ...more,
  });
}

/** A kill that names no order. */
const silent = emptied({ results: [] });

const LEFT_OPEN = 'no kill was emptied while an order that it covers was open';
const UNCOVERED = 'no kill canceled an order that it does not cover';
const open = (more: Partial<PlacedOrder> = {}) =>
  orderOf({ orderId: '8', status: 'ACCEPTED', updateTime: at(-100), ...more });
const longAgo = NOON - 10 * MINUTE_MS;
const late = { kill: killOf({ askedAt: longAgo }), claims: [emptied({ late: true })] };

/** For each check a history that violates it alone, and the violations. */
const WRONG: readonly (readonly [name: string, wrong: History, violations: readonly string[]])[] = [
  ['the queue is empty', history({ left: 3 }), ['3 messages']],
  [LOST, history({ removed: new Set() }), ['a']],
  [DOUBLE, history({ deadLetters: [deadLetter(cancelOf('a'), 'unknown')] }), ['a']],
  [
    'every other dead letter has the exact body of its message',
    history({
      sent: [cancelOf('a'), cancelOf('b')],
      deadLetters: [{ ...deadLetter(cancelOf('b'), 'unknown'), body: '{}' }],
    }),
    ['b'],
  ],
  [
    KNOWN_BAN,
    history({ bans: banOf([call(0), call(CLOCK_ERROR_MS + 11)]), claims: afterwards(knew(10)) }),
    ['process-1, more than 1 ms after it knew'],
  ],
  [
    'no process read the clock twice during a ban',
    history({ bans: banOf([READING, READING, READING]) }),
    ['3 readings by 2 processes'],
  ],
  [
    'only crashed processes failed',
    history({ failures: ['process-1: timed out'] }),
    ['process-1: timed out'],
  ],
  ['the embedded exchange handled every call', history({ defects: ['GET: boom'] }), ['GET: boom']],
  [
    'the handlers wrote only log lines and metrics',
    history({ unexpectedOutput: ['Error: boom'] }),
    ['Error: boom'],
  ],
  [UNTRUE, history({ claims: [claim('a', 'canceled', { orderId: BYSTANDER })] }), ['a']],
  [WRONG_VERDICT, history({ claims: [claim('a', 'expired'), claim('a', 'canceled')] }), ['a']],
  [KEYS, history({ claims: [claim('a', 'credentials'), claim('a', 'canceled')] }), ['a']],
  [
    UNASKED,
    history({ orders: new Map([ORDER, BYSTANDER].map((orderId) => [orderId, 'CANCELLED'] as const)) }),
    [BYSTANDER],
  ],
  [
    LEFT_OPEN,
    killed({}, [orderOf(), open()]),
    ['1 orders such as 8, placed 600 ms before asOf, open after k'],
  ],
  [
    'no kill was emptied as of a time after its claim',
    killed({ claims: [emptied({ asOf: at(2001) })] }),
    ['k'],
  ],
  [UNCOVERED, killed({ claims: [silent] }, [orderOf({ symbol: 'ETH-261225-4000-P' })]), ['order 7']],
  [LATE, killed({ claims: [emptied({ late: true })] }), ['k']],
  [DRY, killed({ claims: [emptied({}, 'dry-run')] }), ['k']],
  [RESULT, killed({ claims: [emptied({ orders: { ...NO_COUNTS, seen: 2, canceled: 1 } })] }), ['k']],
  [
    COVERED,
    killed({ claims: [emptied({ results: [{ orderId: '8', outcome: 'unexamined' }] })] }, [
      orderOf(),
      orderOf({ orderId: '8', symbol: 'ETH-261225-4000-P', status: 'FILLED' }),
    ]),
    ['k'],
  ],
  [
    LETTER,
    killed({ claims: [] }, [orderOf()], {
      deadLetters: [{ ...deadLetter(killOf(), 'not-emptied'), body: '{"kill":{"everything":true}}' }],
      removed: new Set(),
    }),
    ['k'],
  ],
];

test.each(WRONG)('"%s" is violated by a history that is wrong in that alone', (name, wrong, violations) => {
  expect(violationsOf(wrong)).toEqual({ [name]: violations });
});

test('every check has a history that violates it', () => {
  expect(WRONG.map(([name]) => name)).toEqual(Object.keys(checkHistory(history()).checks));
});

describe('the endings of messages', () => {
  test('a right history has no violation, and every message is counted once', () => {
    const b = cancelOf('b', '42');

    const verdict = checkHistory(
      history({ sent: [cancelOf('a'), b], deadLetters: [deadLetter(b, 'not-found')] }),
    );

    expect(Object.values(verdict.checks).flat()).toEqual([]);
    expect(verdict).toMatchObject({ passed: true, endedTwice: 0 });
    expect(verdict.settled).toEqual(new Map([['canceled', 1]]));
    expect(verdict.deadLetters).toEqual(new Map([['not-found', 1]]));
  });

  test('a message that is neither settled nor a dead letter is lost', () => {
    const sent = [cancelOf('a'), cancelOf('b')];

    expect(
      violationsOf(history({ sent, claims: [claim('a', 'canceled'), claim('b', 'throttled')] })),
    ).toEqual({
      [LOST]: ['b'],
    });
  });

  test('a message that left the queue without being settled is lost', () => {
    expect(violationsOf(history({ claims: [claim('a', 'unknown')] }))).toEqual({ [LOST]: ['a'] });
  });

  test('a message with two dead letters ended twice', () => {
    const twice = [deadLetter(cancelOf('a'), 'unknown'), deadLetter(cancelOf('a'))];

    expect(violationsOf(history({ claims: [], removed: new Set(), deadLetters: twice }))).toEqual({
      [DOUBLE]: ['a'],
    });
  });

  test('a lost answer allows a second ending, which is counted, but not a third', () => {
    const deliveries = [delivery('a', false), delivery('a')];
    const one = deadLetter(cancelOf('a'), 'unknown');

    expect(violationsOf(history({ deliveries, deadLetters: [one] }))).toEqual({});
    expect(checkHistory(history({ deliveries, deadLetters: [one] })).endedTwice).toBe(1);
    expect(violationsOf(history({ deliveries, deadLetters: [one, one] }))).toEqual({ [DOUBLE]: ['a'] });
  });

  test('a repeated try of a write is the same ending, and another write is not', () => {
    const written = (failedAt: string) => ({ ...deadLetter(cancelOf('a'), 'unknown'), failedAt });
    const only = { claims: [], removed: new Set<string>() };
    const once = [written('2026-01-31T12:00:00.001Z'), written('2026-01-31T12:00:00.001Z')];
    const twice = [written('2026-01-31T12:00:00.001Z'), written('2026-01-31T12:00:00.002Z')];

    expect(violationsOf(history({ ...only, deadLetters: once }))).toEqual({});
    expect(violationsOf(history({ ...only, deadLetters: twice }))).toEqual({ [DOUBLE]: ['a'] });
    expect(violationsOf(history({ ...only, deadLetters: twice, queueErrors: ['b'] }))).toEqual({
      [DOUBLE]: ['a'],
    });
    expect(violationsOf(history({ ...only, deadLetters: twice, queueErrors: ['a'] }))).toEqual({});
  });

  test('a dead letter that was altered, or never sent, is a violation', () => {
    const sent = [cancelOf('a'), cancelOf('b')];
    const altered = { ...deadLetter(cancelOf('b'), 'unknown'), body: '{}' };
    const stray = deadLetter(cancelOf('c'), 'unknown');

    expect(violationsOf(history({ sent, deadLetters: [altered, stray] }))).toEqual({
      'every other dead letter has the exact body of its message': ['b', 'c'],
    });
  });

  test('a dead letter of the redrive policy is counted apart', () => {
    const moved = history({ claims: [], removed: new Set(), deadLetters: [deadLetter(cancelOf('a'))] });

    expect(checkHistory(moved).deadLetters).toEqual(new Map([['moved by the redrive policy', 1]]));
  });
});

describe('claims', () => {
  test.each([
    ['canceled', 'FILLED'],
    ['canceled', 'ACCEPTED'],
    ['filled', 'CANCELLED'],
    ['closed', 'CANCELLED'],
  ] as const)('%s about an order that is %s is a false claim', (outcome, status) => {
    const orders = new Map([[ORDER, status]]);

    expect(violationsOf(history({ claims: [claim('a', outcome)], orders }))).toEqual({ [UNTRUE]: ['a'] });
  });

  test('a false claim counts, even when a later one is true', () => {
    const claims = [claim('a', 'filled'), claim('a', 'canceled')];

    expect(violationsOf(history({ claims }))).toEqual({ [UNTRUE]: ['a'] });
  });

  test('a malformed message with another outcome, and a valid one that is refused, are violations', () => {
    const sent: SentMessage[] = [{ ...cancelOf('a'), intent: { kind: 'malformed' } }, cancelOf('b')];
    const deadLetters = sent.map((message) =>
      deadLetter(message, message.messageId === 'a' ? 'unknown' : 'invalid-request'),
    );
    const orders = new Map([[ORDER, 'ACCEPTED']] as const);

    expect(violationsOf(history({ sent, claims: [], removed: new Set(), deadLetters, orders }))).toEqual({
      [WRONG_VERDICT]: ['a', 'b'],
    });
  });

  test('a message that names two orders may be refused, or end in another way that claims nothing', () => {
    const sent: SentMessage[] = ['a', 'b', 'c'].map((messageId) => ({
      ...cancelOf(messageId),
      intent: { kind: 'two orders' },
    }));
    const [a = cancelOf('a'), b = cancelOf('b')] = sent;
    const deadLetters = [deadLetter(a, 'invalid-request'), deadLetter(b, 'unknown')];
    const orders = new Map([[ORDER, 'CANCELLED']] as const);
    const claims = [claim('c', 'canceled')];

    expect(violationsOf(history({ sent, claims, removed: new Set(['c']), deadLetters, orders }))).toEqual({
      [UNTRUE]: ['c'],
      [UNASKED]: [ORDER],
    });
  });

  test('an order that expired in match is closed', () => {
    const orders = new Map([[ORDER, 'EXPIRED_IN_MATCH']] as const);

    expect(violationsOf(history({ claims: [claim('a', 'closed')], orders }))).toEqual({});
    expect(violationsOf(history({ claims: [claim('a', 'canceled')], orders }))).toEqual({ [UNTRUE]: ['a'] });
  });

  test('are untrue if they accept the cancel of an order that does not exist', () => {
    const sent: SentMessage[] = [{ ...cancelOf('a', '42'), intent: { kind: 'no such order' } }];
    const claims = [claim('a', 'accepted', { orderId: undefined }), claim('a', 'emptied')];

    expect(violationsOf(history({ sent, claims, orders: new Map() }))).toMatchObject({ [UNTRUE]: ['a'] });
  });

  test('a request that met locked keys may fail for them, as long as an invocation lasts', () => {
    const claims = [claim('a', 'credentials'), claim('a', 'canceled')];
    const lockedFor = (from: number, until: number) => history({ claims, locks: [{ from, until }] });

    expect(violationsOf(lockedFor(NOON - HANDLER_TIMEOUT_MS, NOON - HANDLER_TIMEOUT_MS))).toEqual({});
    expect(violationsOf(lockedFor(NOON, NOON + 1))).toEqual({});
    expect(violationsOf(lockedFor(NOON + 1, NOON + 2))).toEqual({ [KEYS]: ['a'] });
    expect(violationsOf(lockedFor(0, NOON - HANDLER_TIMEOUT_MS - 1))).toEqual({ [KEYS]: ['a'] });
  });

  test('a process that could not read its secret may lack keys until it reads it again', () => {
    const claims = [claim('a', 'credentials'), claim('a', 'canceled')];
    const failed = (msBefore: number, environment = 'process-1') =>
      history({ claims, failedReads: [{ environment, at: NOON - msBefore }] });

    expect(violationsOf(failed(10_000 + HANDLER_TIMEOUT_MS))).toEqual({});
    expect(violationsOf(failed(10_001 + HANDLER_TIMEOUT_MS))).toEqual({ [KEYS]: ['a'] });
    expect(violationsOf(failed(-1))).toEqual({ [KEYS]: ['a'] });
    expect(violationsOf(failed(0, 'process-2'))).toEqual({ [KEYS]: ['a'] });
  });
});

describe('canceled orders', () => {
  test('a canceled order of an expired message is a violation', () => {
    const expired: SentMessage = { ...cancelOf('b', BYSTANDER), intent: { kind: 'expired' } };
    const orders = new Map([[ORDER, 'CANCELLED'] as const, [BYSTANDER, 'CANCELLED'] as const]);
    const sent = [cancelOf('a'), expired];

    expect(violationsOf(history({ sent, deadLetters: [deadLetter(expired, 'expired')], orders }))).toEqual({
      [UNASKED]: [BYSTANDER],
    });
  });
});

describe('calls during a ban', () => {
  test('calls under way, and those of a process that did not know, are allowed', () => {
    const bans = banOf([call(0), call(5), call(9), call(1000, 'process-2')]);

    expect(violationsOf(history({ bans, claims: afterwards(knew(10), knew(2000, 'process-2')) }))).toEqual(
      {},
    );
  });

  test('what one process knows, another need not know', () => {
    const bans = banOf([call(0), call(1000)]);

    expect(violationsOf(history({ bans, claims: afterwards(knew(10, 'process-2')) }))).toEqual({});
  });

  test('knowing of an earlier ban does not count', () => {
    const bans = banOf([call(1000), call(1400)]);

    expect(violationsOf(history({ bans, claims: afterwards(knew(990), knew(1500)) }))).toEqual({});
  });

  test('each process may read the clock once', () => {
    expect(violationsOf(history({ bans: banOf([READING, READING]) }))).toEqual({});
    expect(violationsOf(history({ bans: banOf([READING, READING, READING]) }))).toEqual({
      'no process read the clock twice during a ban': ['3 readings by 2 processes'],
    });
  });
});

describe('kills', () => {
  test('a right history of a kill has no violation, and the kill is settled', () => {
    expect(violationsOf(killed({}))).toEqual({});
    expect(checkHistory(killed({})).settled).toEqual(new Map([['emptied', 1]]));
  });

  test('a kill that is neither done nor a dead letter is lost', () => {
    const claims = [emptied({}, 'not-emptied')];

    expect(violationsOf(killed({ claims }))).toEqual({ [LOST]: ['k'] });
  });

  test('an order placed before asOf that was canceled only after the claim is a violation', () => {
    const afterwards = orderOf({ orderId: '8', updateTime: at(2001) });

    expect(violationsOf(killed({}, [orderOf(), afterwards]))).toEqual({
      [LEFT_OPEN]: [expect.stringMatching(/^1 orders such as 8, placed \d+ ms before asOf, open after k$/)],
    });
  });

  test('orders placed since, and orders that the kill does not cover, may be open', () => {
    const others = [
      open({ createTime: at(500) }),
      open({ orderId: '11', placedAt: NOON + 500 }),
      open({ orderId: '9', symbol: 'ETH-261225-4000-P' }),
      open({ orderId: '10', symbol: 'BTCX-200730-9000-C' }),
    ];

    expect(violationsOf(killed({}, [orderOf(), ...others]))).toEqual({});
  });

  test('a jump of the clock during a kill leaves its asOf uncertain by as much', () => {
    const skews = [
      { from: 0, skewMs: SKEW_MS },
      { from: NOON + 100, skewMs: SKEW_MS - 600 },
    ];

    const placed = (ms: number) => [orderOf(), open({ placedAt: NOON + ms })];

    expect(violationsOf(killed({}, placed(500), { skews }))).toEqual({});
    expect(violationsOf(killed({}, placed(499), { skews }))).toEqual({
      [LEFT_OPEN]: [expect.stringMatching(/^1 orders such as 8, placed 1 ms before asOf, open after k$/)],
    });
  });

  test.each<[string, Partial<KillIntent>, Partial<PlacedOrder>]>([
    ['of another underlying', {}, { symbol: 'ETH-261225-4000-P' }],
    ['of another symbol', { scope: { symbol: 'BTC-200730-9000-C' } }, { symbol: 'BTC-200730-9000-P' }],
    ['of the other side', { only: { side: 'SELL' } }, { side: 'BUY' }],
    ['of the other option side', { only: { optionSide: 'PUT' } }, {}],
    ['with another prefix', { only: { clientOrderIdPrefix: 'desk-' } }, {}],
    ['before the kill was sent', {}, { updateTime: at(-1000) }],
    ['long after its last claim', {}, { createTime: at(2100), updateTime: at(2600) }],
    ['in a dry run', { dryRun: true }, {}],
  ])('a canceled order %s is a violation', (_name, intent, order) => {
    const claims = [emptied({ results: [] }, intent.dryRun === true ? 'dry-run' : 'emptied')];

    expect(violationsOf(killed({ kill: killOf(intent), claims }, [orderOf(order)]))).toEqual({
      [UNCOVERED]: ['order 7'],
    });
  });

  test.each<[string, Partial<KillIntent>]>([
    ['a symbol', { scope: { symbol: 'BTC-200730-9000-C' } }],
    ['everything', { scope: { everything: true } }],
    [
      'an underlying, narrowed in every way,',
      { only: { side: 'BUY', optionSide: 'CALL', clientOrderIdPrefix: 'mm1-' } },
    ],
  ])('a kill of %s covers the orders of it', (_name, intent) => {
    expect(violationsOf(killed({ kill: killOf(intent) }))).toEqual({});
    expect(violationsOf(killed({ kill: killOf(intent) }, [orderOf(), open()]))).toEqual({
      [LEFT_OPEN]: [expect.stringMatching(/^1 orders such as 8, placed \d+ ms before asOf, open after k$/)],
    });
  });

  test('a late kill covers the orders until five seconds after it was asked for, and no newer ones', () => {
    const asked = at(-10 * MINUTE_MS);
    const covered = orderOf({ createTime: asked + 5000 });
    const newer = { createTime: asked + 5001 };

    expect(violationsOf(killed(late, [covered, open(newer)]))).toEqual({});
    const { kill } = late;
    const claims = [emptied({ late: true, results: [] })];
    expect(violationsOf(killed({ kill, claims }, [orderOf(newer)]))).toEqual({ [UNCOVERED]: ['order 7'] });
    expect(violationsOf(killed(late, [covered, open({ createTime: asked })]))).toEqual({
      [LEFT_OPEN]: [expect.stringMatching(/^1 orders such as 8, placed \d+ ms before asOf, open after k$/)],
    });
  });

  test('an order that a cancel named may be canceled without a kill', () => {
    const eth = orderOf({ symbol: 'ETH-261225-4000-P' });
    const both = { sent: [killOf(), cancelOf('c', '7')], removed: new Set(['k', 'c']) };
    const claims = [silent, claim('c', 'canceled', { orderId: '7' })];

    expect(violationsOf(killed({ claims }, [eth], both))).toEqual({});
  });

  test('a kill without a claim may have canceled orders at any time since', () => {
    const moved = { deadLetters: [deadLetter(killOf())], removed: new Set<string>() };
    const afterwards = orderOf({ createTime: at(2100), updateTime: at(90_000) });

    expect(violationsOf(killed({ claims: [] }, [afterwards], moved))).toEqual({});
  });

  test('a cancel by an exchange that did not get to run may come later by as much', () => {
    const afterwards = [orderOf({ createTime: at(2100), updateTime: at(2600) })];

    expect(violationsOf(killed({}, afterwards, { lagMs: 100 }))).toEqual({});
    expect(violationsOf(killed({}, afterwards, { lagMs: 99 }))).toEqual({ [UNCOVERED]: ['order 7'] });
  });

  test('a kill that was asked for long ago and is not late is a violation', () => {
    expect(violationsOf(killed({ kill: late.kill }, [orderOf({ createTime: longAgo })]))).toEqual({
      [LATE]: ['k'],
    });
  });

  test('a fresh kill that is delivered again two minutes later is late, and leaves newer orders alone', () => {
    const endingAt = (ms: number, isLate: boolean) => [{ ...emptied({ late: isLate }), at: NOON + ms }];
    const newer = open({ createTime: at(5001) });
    const older = open({ createTime: at(4999) });

    expect(violationsOf(killed({ claims: endingAt(121_000, true) }))).toEqual({});
    expect(violationsOf(killed({ claims: endingAt(121_000, false) }))).toEqual({});
    expect(violationsOf(killed({ claims: endingAt(119_000, true) }))).toEqual({ [LATE]: ['k'] });
    expect(violationsOf(killed({ claims: endingAt(134_000, false) }))).toEqual({ [LATE]: ['k'] });
    const provenLater = [{ ...emptied({ late: true, asOf: at(120_000) }), at: NOON + 121_000 }];
    expect(violationsOf(killed({ claims: provenLater }, [orderOf(), newer]))).toEqual({});
    expect(violationsOf(killed({ claims: provenLater }, [orderOf(), older]))).toMatchObject({
      [LEFT_OPEN]: [expect.stringMatching(/^1 orders such as 8/)],
    });
  });

  test('a dry run that claims an empty scope is a violation', () => {
    const nothing = { orders: { ...NO_COUNTS }, results: [] };

    expect(violationsOf(killed({ kill: killOf({ dryRun: true }), claims: [emptied(nothing)] }, []))).toEqual({
      [DRY]: ['k'],
    });
  });

  test.each<[string, Partial<KillClaim>]>([
    ['a canceled order that was filled', { results: [{ orderId: '9', outcome: 'canceled' }] }],
    ['a filled order that was canceled', { results: [{ orderId: '7', outcome: 'filled' }] }],
    ['a closed order that is open', { results: [{ orderId: '8', outcome: 'closed' }] }],
    ['an order that does not exist', { results: [{ orderId: '1', outcome: 'filled' }] }],
  ])('a result with %s is a violation', (_name, kill) => {
    const book = [orderOf(), open({ createTime: at(600) }), orderOf({ orderId: '9', status: 'FILLED' })];

    expect(violationsOf(killed({ claims: [emptied(kill)] }, book))).toEqual({
      [RESULT]: ['k'],
    });
  });

  test.each([
    ['another scope', '{"kill":{"everything":true},"askedAt":ASKED}'],
    ['another narrowing', '{"kill":{"underlying":"BTCUSDT"},"only":{"side":"BUY"},"askedAt":ASKED}'],
    ['another time', '{"kill":{"underlying":"BTCUSDT"},"askedAt":1}'],
    ['no time', '{"kill":{"underlying":"BTCUSDT"}}'],
    ['no JSON', 'kill'],
  ])("a kill's dead letter with %s is a violation", (_name, body) => {
    const letterOf = (text: string) => ({
      deadLetters: [{ ...deadLetter(killOf(), 'not-emptied'), body: text.replace('ASKED', String(NOON)) }],
      removed: new Set<string>(),
    });
    const right = letterOf('{"kill":{"underlying":"BTCUSDT"},"killId":"k","askedAt":ASKED}');

    expect(violationsOf(killed({}, [orderOf()], right))).toEqual({});
    expect(violationsOf(killed({}, [orderOf()], letterOf(body)))).toEqual({
      [LETTER]: ['k'],
    });
  });
});
