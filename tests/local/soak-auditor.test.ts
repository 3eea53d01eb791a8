import { describe, expect, test } from '@jest/globals';
import { audit } from '../../local/soak/auditor.ts';
import type { Books, Claim, DeadLetter, Delivery, RefusedCall, SentMessage } from '../../local/soak/books.ts';
import { CLOCK_ERROR_MS } from '../../local/soak/setup.ts';

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

const delivery = (messageId: string, heard = true): Delivery => ({
  messageId,
  environment: 'process-1',
  heard,
});

const deadLetter = ({ messageId, body }: SentMessage, outcome?: string): DeadLetter => ({
  messageId,
  outcome,
  body,
});

/** One message that asked for a cancel, was settled and left the queue; and what is otherwise said. */
function books(more: Partial<Books> = {}): Books {
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
    strangeOutput: [],
    failures: [],
    ...more,
  };
}

/** The checks that fail, with their offenders. */
function faultsOf(wrong: Books): Record<string, readonly string[]> {
  const failed = audit(wrong).checks.filter(({ offenders }) => offenders.length > 0);
  return Object.fromEntries(failed.map(({ name, offenders }) => [name, offenders]));
}

const LOST = 'every message is settled or a dead letter';
const TWOFOLD = 'no message is both, or either twice, but for an answer unheard';
const UNTRUE = 'every claim about an order agrees with the book';
const MISJUDGED = 'malformed messages are refused, and none that is not; only expired ones expire';
const STRAY = 'no process called on after it was told of a ban';

describe('what becomes of messages', () => {
  test('books that balance have no fault, and every message is counted once', () => {
    const b = cancelOf('b', '42');

    const balance = audit(books({ sent: [cancelOf('a'), b], deadLetters: [deadLetter(b, 'not-found')] }));

    expect(balance.checks.flatMap(({ offenders }) => offenders)).toEqual([]);
    expect(balance).toMatchObject({ sent: 2, endedTwice: 0 });
    expect(balance.settled).toEqual(new Map([['canceled', 1]]));
    expect(balance.deadLetters).toEqual(new Map([['not-found', 1]]));
  });

  test('a message that is neither settled nor a dead letter is lost', () => {
    const sent = [cancelOf('a'), cancelOf('b')];

    expect(faultsOf(books({ sent, claims: [claim('a', 'canceled'), claim('b', 'throttled')] }))).toEqual({
      [LOST]: ['b'],
    });
  });

  test('a message that left the queue without a proof is lost', () => {
    expect(faultsOf(books({ claims: [claim('a', 'unknown')] }))).toEqual({ [LOST]: ['a'] });
  });

  test('a claim in the log settles nothing while the message never left the queue', () => {
    expect(faultsOf(books({ removed: new Set() }))).toEqual({ [LOST]: ['a'] });
  });

  test('messages that are still in the queue are a fault', () => {
    expect(faultsOf(books({ left: 3 }))).toEqual({ 'the queue is empty': ['3 messages'] });
  });

  test('a message that is settled and a dead letter is a double', () => {
    expect(faultsOf(books({ deadLetters: [deadLetter(cancelOf('a'), 'unknown')] }))).toEqual({
      [TWOFOLD]: ['a'],
    });
  });

  test('two dead letters of one message are a double', () => {
    const twice = [deadLetter(cancelOf('a'), 'unknown'), deadLetter(cancelOf('a'))];

    expect(faultsOf(books({ claims: [], removed: new Set(), deadLetters: twice }))).toEqual({
      [TWOFOLD]: ['a'],
    });
  });

  test('one answer unheard accounts for a second ending, and is counted; a third is a double', () => {
    const deliveries = [delivery('a', false), delivery('a')];
    const one = deadLetter(cancelOf('a'), 'unknown');

    expect(faultsOf(books({ deliveries, deadLetters: [one] }))).toEqual({});
    expect(audit(books({ deliveries, deadLetters: [one] })).endedTwice).toBe(1);
    expect(faultsOf(books({ deliveries, deadLetters: [one, one] }))).toEqual({ [TWOFOLD]: ['a'] });
  });

  test('a dead letter that was altered, or that nobody sent, is a fault', () => {
    const sent = [cancelOf('a'), cancelOf('b')];
    const altered = { ...deadLetter(cancelOf('b'), 'unknown'), body: '{}' };
    const stray = deadLetter(cancelOf('c'), 'unknown');

    expect(faultsOf(books({ sent, deadLetters: [altered, stray] }))).toEqual({
      'every dead letter is a message that was sent, word for word': ['b', 'c'],
    });
  });

  test('a dead letter that the queue itself made is told apart', () => {
    const moved = books({ claims: [], removed: new Set(), deadLetters: [deadLetter(cancelOf('a'))] });

    expect(audit(moved).deadLetters).toEqual(new Map([['moved by the redrive policy', 1]]));
  });
});

describe('what is claimed', () => {
  test.each([
    ['canceled', 'FILLED'],
    ['canceled', 'ACCEPTED'],
    ['filled', 'CANCELLED'],
    ['closed', 'CANCELLED'],
  ] as const)('%s of an order that is %s is a false claim', (outcome, status) => {
    const orders = new Map([[ORDER, status]]);

    expect(faultsOf(books({ claims: [claim('a', outcome)], orders }))).toEqual({ [UNTRUE]: ['a'] });
  });

  test('a false claim counts, though a later delivery told the truth', () => {
    const claims = [claim('a', 'filled'), claim('a', 'canceled')];

    expect(faultsOf(books({ claims }))).toEqual({ [UNTRUE]: ['a'] });
  });

  test('a claim about another order than the one that was asked for is false', () => {
    expect(faultsOf(books({ claims: [claim('a', 'canceled', { orderId: BYSTANDER })] }))).toEqual({
      [UNTRUE]: ['a'],
    });
  });

  test('a malformed message that is called anything else, and a good one called malformed, are faults', () => {
    const sent: SentMessage[] = [{ ...cancelOf('a'), intent: { kind: 'malformed' } }, cancelOf('b')];
    const deadLetters = sent.map((message) =>
      deadLetter(message, message.messageId === 'a' ? 'unknown' : 'invalid-request'),
    );
    const orders = new Map([[ORDER, 'ACCEPTED']] as const);

    expect(faultsOf(books({ sent, claims: [], removed: new Set(), deadLetters, orders }))).toEqual({
      [MISJUDGED]: ['a', 'b'],
    });
  });

  test('a message without an expiry that expires is a fault', () => {
    const claims = [claim('a', 'expired'), claim('a', 'canceled')];

    expect(faultsOf(books({ claims }))).toEqual({ [MISJUDGED]: ['a'] });
  });

  test('a cancel that fails for its key is a fault, though it is settled later', () => {
    const claims = [claim('a', 'credentials'), claim('a', 'canceled')];

    expect(faultsOf(books({ claims }))).toEqual({ 'a key rotation costs no cancel': ['a'] });
  });

  test('processes that fail by themselves, and output that is no log, are faults', () => {
    expect(faultsOf(books({ failures: ['process-1: timed out'], strangeOutput: ['Error: boom'] }))).toEqual({
      'no process failed but those that were killed': ['process-1: timed out'],
      'the handlers wrote nothing but their log': ['Error: boom'],
    });
  });
});

describe('what happened at the exchange', () => {
  test('a bystander that was cancelled is a fault', () => {
    const orders = new Map([[ORDER, 'CANCELLED'] as const, [BYSTANDER, 'CANCELLED'] as const]);

    expect(faultsOf(books({ orders }))).toEqual({
      'no order was cancelled that nobody asked to cancel': [BYSTANDER],
    });
  });

  test('the order of an expired message is a bystander', () => {
    const expired: SentMessage = { ...cancelOf('b', BYSTANDER), intent: { kind: 'expired' } };
    const orders = new Map([[ORDER, 'CANCELLED'] as const, [BYSTANDER, 'CANCELLED'] as const]);
    const sent = [cancelOf('a'), expired];

    expect(faultsOf(books({ sent, deadLetters: [deadLetter(expired, 'expired')], orders }))).toEqual({
      'no order was cancelled that nobody asked to cancel': [BYSTANDER],
    });
  });
});

describe('who calls in a ban', () => {
  const call = (ms: number, environment: string | undefined = 'process-1'): RefusedCall => ({
    environment,
    signedAt: NOON + ms,
    arrivedAt: NOON + ms,
  });
  const banOf = (calls: readonly RefusedCall[], environments = 2) => [{ environments, calls }];
  const told = (ms: number, environment = 'process-1') =>
    claim('a', 'throttled', { at: NOON + ms, environment });
  const claims = (...throttled: Claim[]) => [...throttled, claim('a', 'canceled')];

  test('a call that its process signs after it was told is a stray', () => {
    const bans = banOf([call(0), call(CLOCK_ERROR_MS + 11)]);

    expect(faultsOf(books({ bans, claims: claims(told(10)) }))).toEqual({
      [STRAY]: ['process-1, more than 1 ms after it was told'],
    });
  });

  test('calls on their way, and those of a process that was not told, are not', () => {
    const bans = banOf([call(0), call(5), call(9), call(1000, 'process-2')]);

    expect(faultsOf(books({ bans, claims: claims(told(10), told(2000, 'process-2')) }))).toEqual({});
  });

  test('what one process was told, another need not know', () => {
    const bans = banOf([call(0), call(1000)]);

    expect(faultsOf(books({ bans, claims: claims(told(10, 'process-2')) }))).toEqual({});
  });

  test('being told of an earlier ban does not count', () => {
    const bans = banOf([call(1000), call(1400)]);

    expect(faultsOf(books({ bans, claims: claims(told(990), told(1500)) }))).toEqual({});
  });

  test('each process may read the clock once, and no oftener', () => {
    const reading: RefusedCall = { environment: undefined, signedAt: NOON, arrivedAt: NOON };

    expect(faultsOf(books({ bans: banOf([reading, reading]) }))).toEqual({});
    expect(faultsOf(books({ bans: banOf([reading, reading, reading]) }))).toEqual({
      'no process read the clock twice in a ban': ['3 readings by 2 processes'],
    });
  });
});
