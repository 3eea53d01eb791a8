import { describe, expect, test } from '@jest/globals';
import { checkHistory } from '../../local/soak/checker.ts';
import type {
  Claim,
  DeadLetter,
  Delivery,
  History,
  RefusedCall,
  SentMessage,
} from '../../local/soak/history.ts';
import { CLOCK_ERROR_MS } from '../../local/soak/settings.ts';

const NOON = Date.UTC(2026, 0, 31, 12);
const ORDER = '4611875134427365377';
const BYSTANDER = '4611875134427365378';

const cancelOf = (messageId: string, orderId = ORDER): SentMessage => ({
  messageId,
  body: `{"symbol":"BTC-200730-9000-C","orderId":${orderId}}`,
  intent: { kind: 'cancel', orderId },
});

const claim = (messageId: string, outcome: string, more: Partial<Claim> = {}): Claim => ({
  messageId,
  environment: 'process-1',
  at: NOON,
  outcome,
  orderId: ORDER,
  detail: undefined,
  ...more,
});

const delivery = (messageId: string, acknowledged = true): Delivery => ({
  messageId,
  environment: 'process-1',
  acknowledged,
});

const deadLetter = ({ messageId, body }: SentMessage, outcome?: string): DeadLetter => ({
  messageId,
  outcome,
  body,
});

/**
 * Returns a history of one message, which asked for a cancel, was settled and left the queue, with
 * these changes.
 */
function history(more: Partial<History> = {}): History {
  return {
    sent: [cancelOf('a')],
    deliveries: [delivery('a')],
    claims: [claim('a', 'canceled')],
    removed: new Set(['a']),
    deadLetters: [],
    orders: new Map([
      [ORDER, 'CANCELLED'],
      [BYSTANDER, 'ACCEPTED'],
    ]),
    bans: [],
    left: 0,
    unexpectedOutput: [],
    failures: [],
    ...more,
  };
}

/** Returns the checks that fail, with their violations. */
function violationsOf(changed: History): Record<string, readonly string[]> {
  const failed = checkHistory(changed).checks.filter(({ violations }) => violations.length > 0);
  return Object.fromEntries(failed.map(({ name, violations }) => [name, violations]));
}

const LOST = 'every message is settled or a dead letter';
const DOUBLE = 'no message ended twice without a lost answer';
const UNTRUE = 'every claim about an order agrees with the exchange';
const WRONG_VERDICT = 'exactly the malformed messages are refused, and only expired ones expire';
const KNOWN_BAN = 'no process called during a ban that it knew of';

describe('the endings of messages', () => {
  test('a right history has no violation, and every message is counted once', () => {
    const b = cancelOf('b', '42');

    const verdict = checkHistory(
      history({ sent: [cancelOf('a'), b], deadLetters: [deadLetter(b, 'not-found')] }),
    );

    expect(verdict.checks.flatMap(({ violations }) => violations)).toEqual([]);
    expect(verdict).toMatchObject({ sent: 2, endedTwice: 0 });
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

  test('a claim in the log settles no message that is still in the queue', () => {
    expect(violationsOf(history({ removed: new Set() }))).toEqual({ [LOST]: ['a'] });
  });

  test('messages that are still in the queue are a violation', () => {
    expect(violationsOf(history({ left: 3 }))).toEqual({ 'the queue is empty': ['3 messages'] });
  });

  test('a message that is settled and a dead letter ended twice', () => {
    expect(violationsOf(history({ deadLetters: [deadLetter(cancelOf('a'), 'unknown')] }))).toEqual({
      [DOUBLE]: ['a'],
    });
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

  test('a dead letter that was altered, or never sent, is a violation', () => {
    const sent = [cancelOf('a'), cancelOf('b')];
    const altered = { ...deadLetter(cancelOf('b'), 'unknown'), body: '{}' };
    const stray = deadLetter(cancelOf('c'), 'unknown');

    expect(violationsOf(history({ sent, deadLetters: [altered, stray] }))).toEqual({
      'every dead letter has the exact body of its message': ['b', 'c'],
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

  test('a claim about an order that the message did not name is false', () => {
    expect(violationsOf(history({ claims: [claim('a', 'canceled', { orderId: BYSTANDER })] }))).toEqual({
      [UNTRUE]: ['a'],
    });
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

  test('a message without an expiry that expires is a violation', () => {
    const claims = [claim('a', 'expired'), claim('a', 'canceled')];

    expect(violationsOf(history({ claims }))).toEqual({ [WRONG_VERDICT]: ['a'] });
  });

  test('a cancel that fails for its key is a violation, even when it is settled later', () => {
    const claims = [claim('a', 'credentials'), claim('a', 'canceled')];

    expect(violationsOf(history({ claims }))).toEqual({
      'no cancel failed because of a key rotation': ['a'],
    });
  });

  test('processes that fail by themselves, and output that is no log, are violations', () => {
    expect(
      violationsOf(history({ failures: ['process-1: timed out'], unexpectedOutput: ['Error: boom'] })),
    ).toEqual({
      'only crashed processes failed': ['process-1: timed out'],
      'the handlers wrote only log lines and metrics': ['Error: boom'],
    });
  });
});

describe('canceled orders', () => {
  test('a canceled bystander is a violation', () => {
    const orders = new Map([[ORDER, 'CANCELLED'] as const, [BYSTANDER, 'CANCELLED'] as const]);

    expect(violationsOf(history({ orders }))).toEqual({
      'no order was canceled without a request': [BYSTANDER],
    });
  });

  test('a canceled order of an expired message is a violation', () => {
    const expired: SentMessage = { ...cancelOf('b', BYSTANDER), intent: { kind: 'expired' } };
    const orders = new Map([[ORDER, 'CANCELLED'] as const, [BYSTANDER, 'CANCELLED'] as const]);
    const sent = [cancelOf('a'), expired];

    expect(violationsOf(history({ sent, deadLetters: [deadLetter(expired, 'expired')], orders }))).toEqual({
      'no order was canceled without a request': [BYSTANDER],
    });
  });
});

describe('calls during a ban', () => {
  const call = (ms: number, environment: string | undefined = 'process-1'): RefusedCall => ({
    environment,
    signedAt: NOON + ms,
    arrivedAt: NOON + ms,
  });
  const banOf = (calls: readonly RefusedCall[], environments = 2) => [{ environments, calls }];
  const knew = (ms: number, environment = 'process-1') =>
    claim('a', 'throttled', { at: NOON + ms, environment });
  const claims = (...throttled: Claim[]) => [...throttled, claim('a', 'canceled')];

  test('a call that its process signs after it knew is a violation', () => {
    const bans = banOf([call(0), call(CLOCK_ERROR_MS + 11)]);

    expect(violationsOf(history({ bans, claims: claims(knew(10)) }))).toEqual({
      [KNOWN_BAN]: ['process-1, more than 1 ms after it knew'],
    });
  });

  test('calls under way, and those of a process that did not know, are allowed', () => {
    const bans = banOf([call(0), call(5), call(9), call(1000, 'process-2')]);

    expect(violationsOf(history({ bans, claims: claims(knew(10), knew(2000, 'process-2')) }))).toEqual({});
  });

  test('what one process knows, another need not know', () => {
    const bans = banOf([call(0), call(1000)]);

    expect(violationsOf(history({ bans, claims: claims(knew(10, 'process-2')) }))).toEqual({});
  });

  test('knowing of an earlier ban does not count', () => {
    const bans = banOf([call(1000), call(1400)]);

    expect(violationsOf(history({ bans, claims: claims(knew(990), knew(1500)) }))).toEqual({});
  });

  test('each process may read the clock once', () => {
    const reading: RefusedCall = { environment: undefined, signedAt: NOON, arrivedAt: NOON };

    expect(violationsOf(history({ bans: banOf([reading, reading]) }))).toEqual({});
    expect(violationsOf(history({ bans: banOf([reading, reading, reading]) }))).toEqual({
      'no process read the clock twice during a ban': ['3 readings by 2 processes'],
    });
  });
});
