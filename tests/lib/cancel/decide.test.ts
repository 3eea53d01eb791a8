import { describe, expect, test } from '@jest/globals';
import {
  type Ask,
  afterCancel,
  afterQuery,
  type Decision,
  first,
  type Progress,
  type Step,
  type Terms,
} from '../../../lib/cancel/decide.ts';
import type { RequestedOrder } from '../../../lib/cancel/request.ts';
import { type CallResult, type FailureKind, interpret } from '../../../lib/exchange/result.ts';
import { type AnsweredOrder, readOrder } from '../../../lib/order.ts';
import type { OutcomeKind } from '../../../lib/outcome.ts';

const SYMBOL = 'BTC-200730-9000-C';
const ORDER_ID = '4611875134427365377';
const NAME = 'desk-7';
const BY_ID = { symbol: SYMBOL, orderId: ORDER_ID };
const BY_NAME = { symbol: SYMBOL, clientOrderId: NAME };
const BY_BOTH = { ...BY_ID, clientOrderId: NAME };

const NOW = Date.UTC(2026, 0, 31, 12);
const DAY_MS = 24 * 3_600_000;
const terms: Terms = { confirm: true, askedAt: NOW - 1000, now: NOW };
const unconfirmed: Terms = { ...terms, confirm: false };

type Result = CallResult<AnsweredOrder>;

/** Returns the understood result of an answer of the exchange. */
const said = (status: number, body: object | string): Result =>
  interpret(
    {
      kind: 'answer',
      status,
      text: typeof body === 'string' ? body : JSON.stringify(body),
      contentType: undefined,
      retryAfter: undefined,
      usedWeight: undefined,
      sentAt: NOW,
      receivedAt: NOW,
    },
    readOrder,
  );
const code = (status: number, number: number, msg = 'A text.') => said(status, { code: number, msg });
const noAnswer = (sent: boolean): Result => interpret({ kind: 'no-answer', sent, cause: 'reset' }, readOrder);
const MISSING = code(400, -2013, 'Order does not exist.');

/** Returns an answer with the order, in this status; without it where `status` is undefined. */
const order = (status: string | undefined, more: object = {}): Result =>
  said(200, { orderId: ORDER_ID, symbol: SYMBOL, ...(status !== undefined && { status }), ...more });

const failure = (kind: FailureKind, renewed?: boolean): Result => ({
  kind,
  reason: { detail: kind },
  ...(renewed !== undefined && { renewed }),
});

/** Returns the first decision about a cancel that its trigger knows nothing else of. */
const start = (requested: RequestedOrder = BY_ID, more: Partial<Ask> = {}, isExpired = false): Decision =>
  first(
    {
      request: { order: requested },
      confirm: true,
      askedAt: terms.askedAt,
      isRepeat: false,
      looksFirst: false,
      ...more,
    },
    isExpired,
  );
const fresh = (requested?: RequestedOrder, more?: Partial<Ask>): Progress => start(requested, more)[0];
/** The progress after a cancel whose answer did not come. */
const inDoubt = (requested?: RequestedOrder): Progress =>
  afterCancel(fresh(requested), noAnswer(true), terms)[0];
/** The progress after a cancel that found nothing to cancel. */
const refused = (requested?: RequestedOrder): Progress =>
  afterCancel(fresh(requested), code(400, -2011), terms)[0];

/** Describes a decision: what is done next, and the outcome, or the one that stands if no attempt and no time is left. */
function read([{ soFar }, step]: Decision): string {
  if (step.kind === 'end') return `end ${step.outcome.kind}`;
  return `${describeStep(step)}, so far ${soFar.kind}`;
}

function describeStep(step: Exclude<Step, { kind: 'end' }>): string {
  if (step.kind !== 'wait') return step.kind;
  const { leastMs, mostMs, next } = step;
  return leastMs === mostMs ? `${next} after ${leastMs} ms` : `${next} after ${leastMs} to ${mostMs} ms`;
}

/** Follows the decisions while every query has this result. Returns the steps. */
function queryUntilEnd(from: Decision, result: Result, when: Terms = terms): string[] {
  const steps = [read(from)];
  let decision = from;
  while (decision[1].kind !== 'end' && steps.length < 10) {
    decision = afterQuery(decision[0], result, when);
    steps.push(read(decision));
  }
  return steps;
}

describe('the first step', () => {
  test.each<[string, RequestedOrder, Partial<Ask>, string]>([
    ['by orderId', BY_ID, {}, 'cancel, so far unavailable'],
    ['by orderId, of a trigger that looks first', BY_ID, { looksFirst: true }, 'cancel, so far unavailable'],
    ['by a name that was given just now', BY_NAME, {}, 'cancel, so far unavailable'],
    ['by a name, of a trigger that looks first', BY_NAME, { looksFirst: true }, 'query, so far unavailable'],
    ['by both', BY_BOTH, {}, 'query, so far unavailable'],
    ['by orderId, repeated', BY_ID, { isRepeat: true }, 'cancel, so far unknown'],
    ['by a name, repeated', BY_NAME, { isRepeat: true }, 'query, so far unknown'],
  ])('of a cancel %s', (_, requested, more, step) => {
    expect(read(start(requested, more))).toBe(step);
  });

  test.each<[string, RequestedOrder, Partial<Ask>, string]>([
    ['that was not sent before asks nothing', BY_BOTH, {}, 'cancel, so far unavailable'],
    [
      'that may have been sent before asks what became of it',
      BY_ID,
      { isRepeat: true },
      'query, so far unknown',
    ],
  ])('of an expired cancel %s', (_, requested, more, step) => {
    expect(read(start(requested, more, true))).toBe(step);
  });

  test.each<[string, Partial<Ask>, RegExp]>([
    ['no time was left to send it', {}, /no time was left/],
    ['an earlier delivery may have sent it', { isRepeat: true }, /an earlier delivery/],
  ])('without a call after it says that %s', (_, more, detail) => {
    expect(fresh(BY_ID, more).soFar).toMatchObject({ reason: { detail: expect.stringMatching(detail) } });
  });

  test('names the order by one identifier, the orderId where there is one', () => {
    expect([BY_ID, BY_NAME, BY_BOTH].map((requested) => fresh(requested).ref)).toEqual([
      BY_ID,
      BY_NAME,
      BY_ID,
    ]);
  });
});

describe('the answer to a cancel', () => {
  const RESEND = 'cancel after 50 to 400 ms, so far unavailable';

  test.each<[string, Result, string]>([
    ['200 CANCELLED', order('CANCELLED'), 'end canceled'],
    ['200 CANCELED', order('CANCELED'), 'end canceled'],
    ['200 FILLED', order('FILLED'), 'end filled'],
    ['200 ACCEPTED', order('ACCEPTED'), 'query after 100 ms, so far accepted'],
    ['200 NEW', order('NEW'), 'query after 100 ms, so far accepted'],
    ['200 PARTIALLY_FILLED', order('PARTIALLY_FILLED'), 'query after 100 ms, so far accepted'],
    ['200 of an unheard status', order('PENDING'), 'query after 100 ms, so far accepted'],
    ['200 without a status', order(undefined), 'query after 100 ms, so far accepted'],
    ['200 REJECTED', order('REJECTED'), 'query, so far unknown'],
    ['200 EXPIRED', order('EXPIRED'), 'query, so far unknown'],
    ['200 EXPIRED_IN_MATCH', order('EXPIRED_IN_MATCH'), 'query, so far unknown'],
    ...[-2011, -2013, -6028, -6049, -6063, -6055, -6059, -9999].map((number): [string, Result, string] => [
      String(number),
      code(400, number),
      'query, so far unknown',
    ]),
    ['503 unknown', code(503, -1000, 'Unknown error, please check.'), 'query, so far unknown'],
    ['500', said(500, ''), 'query, so far unknown'],
    ['502', said(502, '<html>'), 'query, so far unknown'],
    ...[-1000, -1006, -1007, -4078].map((number): [string, Result, string] => [
      String(number),
      code(400, number),
      'query, so far unknown',
    ]),
    ['no answer', noAnswer(true), 'query, so far unknown'],
    ['an unreadable 200', said(200, '<html>'), 'query, so far unknown'],
    ['200 without an orderId', said(200, { status: 'CANCELLED' }), 'query, so far unknown'],
    ['503 Service Unavailable.', code(503, -1000, 'Service Unavailable.'), RESEND],
    ['503 Internal error', code(503, -1000, 'Internal error; unable to process your request.'), RESEND],
    ['-1001', code(400, -1001), RESEND],
    ['-1016', code(503, -1016), RESEND],
    ['no connection', noAnswer(false), RESEND],
    ['429', code(429, -1003), 'end throttled'],
    ['418', said(418, ''), 'end throttled'],
    ...[-1003, -1008, -1015].map((number): [string, Result, string] => [
      String(number),
      code(400, number),
      'end throttled',
    ]),
    ...[-1022, -2014, -2015, -1002, -2017, -5002, -6062].map((number): [string, Result, string] => [
      String(number),
      code(400, number),
      'end credentials',
    ]),
    ['401', said(401, ''), 'end credentials'],
    ['403', said(403, '<html>'), 'end forbidden'],
    ['451', code(451, 0), 'end forbidden'],
    ['-5005', code(400, -5005), 'end forbidden'],
    ['-5009', code(400, -5009), 'end forbidden'],
    ['-1121', code(400, -1121), 'end invalid-request'],
    ['-1130', code(400, -1130), 'end invalid-request'],
    ['a throttle that keeps it here', failure('held'), 'end throttled'],
  ])('%s', (_, result, decision) => {
    expect(read(afterCancel(fresh(), result, terms))).toBe(decision);
  });

  test.each<[string, Result, string]>([
    ['-1021, the clock read again', failure('clock', true), 'cancel, so far unavailable'],
    ['-1021, the clock not read', failure('clock', false), 'end unavailable'],
    ['-2015, the keys replaced', failure('keys', true), 'cancel, so far unavailable'],
    ['-2015, the keys the same', failure('keys', false), 'end credentials'],
  ])('%s', (_, result, decision) => {
    expect(read(afterCancel(fresh(), result, terms))).toBe(decision);
  });

  test.each(['ACCEPTED', undefined])('200 %s without confirm is accepted at once', (status) => {
    expect(read(afterCancel(fresh(), order(status), unconfirmed))).toBe('end accepted');
  });

  test.each([
    ['-1001', code(400, -1001)],
    ['-1021, the clock read again', failure('clock', true)],
  ])('%s to a cancel by name has the order queried: another may bear the name by now', (_, result) => {
    expect(read(afterCancel(fresh(BY_NAME), result, terms))).toBe('query, so far unavailable');
  });

  test('200 ACCEPTED to a cancel by name has every later call go by orderId', () => {
    expect(afterCancel(fresh(BY_NAME), order('ACCEPTED'), terms)[0].ref).toEqual(BY_ID);
  });

  test.each<[string, Result]>([
    ['429', code(429, -1003)],
    ['-2015', failure('keys', false)],
    ['403', said(403, '')],
    ['-1121', code(400, -1121)],
    ['-1021', failure('clock', false)],
    ['held', failure('held')],
  ])('%s after a cancel in doubt is unknown: that one may have been carried out', (_, result) => {
    expect(read(afterCancel(inDoubt(), result, terms))).toBe('end unknown');
  });

  test('200 REJECTED leaves the outcome unknown, with that status, when no query has an answer', () => {
    expect(afterCancel(fresh(), order('REJECTED'), terms)[0].soFar).toEqual({
      kind: 'unknown',
      reason: { detail: expect.stringContaining('REJECTED') },
    });
  });

  test('200 REJECTED puts the cancel in doubt: a query that finds no order proves nothing', () => {
    const decision = afterCancel(fresh(), order('REJECTED'), terms);

    expect(queryUntilEnd(decision, MISSING).at(-1)).toBe('end unknown');
  });

  test('-1001 has the next cancel wait, and none after that', () => {
    const [paused] = afterCancel(fresh(), code(400, -1001), terms);
    const [silent] = afterCancel(paused, noAnswer(true), terms);

    expect(read(afterQuery(silent, order('ACCEPTED'), terms))).toBe('cancel, so far unknown');
  });

  test('-1001 after a cancel in doubt is unknown when no attempt is left', () => {
    expect(read(afterCancel(inDoubt(), code(400, -1001), terms))).toBe(
      'cancel after 50 to 400 ms, so far unknown',
    );
  });
});

describe('the answer to a query of an order that was not canceled', () => {
  test.each<[string, string]>([
    ['CANCELLED', 'end canceled'],
    ['FILLED', 'end filled'],
    ['REJECTED', 'end closed'],
    ['EXPIRED', 'end closed'],
    ['EXPIRED_IN_MATCH', 'end closed'],
    ['ACCEPTED', 'cancel after 50 to 400 ms, so far unavailable'],
    ['PARTIALLY_FILLED', 'cancel after 50 to 400 ms, so far unavailable'],
  ])('%s', (status, decision) => {
    expect(read(afterQuery(refused(), order(status), terms))).toBe(decision);
  });

  test('keeps the code and text of the cancel for when attempts run out', () => {
    const progress = afterCancel(fresh(), code(400, -6049, 'Refused.'), terms)[0];

    const [{ soFar }] = afterQuery(progress, order('ACCEPTED'), terms);

    expect(soFar).toMatchObject({ kind: 'unavailable', reason: { code: -6049, msg: 'Refused.' } });
  });

  test.each<[Result, string]>([
    [code(429, -1003), 'end unknown'],
    [said(403, ''), 'end unknown'],
    [failure('keys', false), 'end unknown'],
    [failure('reserved'), 'end unknown'],
    [failure('too-late'), 'end unknown'],
  ])('that fails for good (%j) leaves it unknown', (result, decision) => {
    expect(read(afterQuery(refused(), result, terms))).toBe(decision);
  });

  test.each([
    ['has no answer', noAnswer(true)],
    ['does not leave', noAnswer(false)],
  ])('that %s is asked again until the deadline, ever more slowly', (_, result) => {
    const steps = queryUntilEnd([refused(), { kind: 'query' }], result).slice(1, 6);

    expect(steps).toEqual(
      ['50 to 400', '100 to 800', '200 to 1600', '400 to 3200', '400 to 3200'].map(
        (wait) => `query after ${wait} ms, so far unknown`,
      ),
    );
  });
});

describe('the answer to a query after a cancel in doubt', () => {
  test.each([
    ['CANCELLED', 'end canceled'],
    ['FILLED', 'end filled'],
    ['EXPIRED', 'end closed'],
    ['ACCEPTED', 'cancel, so far unknown'],
  ])('%s', (status, decision) => {
    expect(read(afterQuery(inDoubt(), order(status), terms))).toBe(decision);
  });
});

describe('the answer to a query before any cancel', () => {
  const looking = () => fresh(BY_NAME, { looksFirst: true });

  test.each<[Result, string]>([
    [code(429, -1003), 'end throttled'],
    [failure('held'), 'end throttled'],
    [failure('reserved'), 'end throttled'],
    [failure('keys', false), 'end credentials'],
    [said(403, ''), 'end forbidden'],
    [code(400, -1121), 'end invalid-request'],
    [failure('too-late'), 'end unavailable'],
  ])('%j: nothing was sent', (result, decision) => {
    expect(read(afterQuery(looking(), result, terms))).toBe(decision);
  });

  test('that shows the order open has it canceled by orderId', () => {
    const decision = afterQuery(looking(), order('ACCEPTED', { createTime: NOW - 2000 }), terms);

    expect([read(decision), decision[0].ref]).toEqual(['cancel, so far unavailable', BY_ID]);
  });

  test('that shows another name than the request’s is invalid-request', () => {
    const named = (clientOrderId: string) =>
      read(afterQuery(fresh(BY_BOTH), order('ACCEPTED', { clientOrderId }), terms));

    expect([named('other'), named(NAME)]).toEqual(['end invalid-request', 'cancel, so far unavailable']);
  });

  test('that shows no name has the order canceled: its orderId is the one of the request', () => {
    expect(read(afterQuery(fresh(BY_BOTH), order('ACCEPTED'), terms))).toBe('cancel, so far unavailable');
  });
});

describe('an order found by its name', () => {
  const { askedAt } = terms;
  const found = (status: string, times: object) =>
    read(afterQuery(fresh(BY_NAME, { looksFirst: true }), order(status, times), terms));

  test.each([
    [askedAt, 'cancel, so far unavailable'],
    [askedAt + 1, 'end unknown'],
  ])('and created at %i is left alone if that is after askedAt', (createTime, decision) => {
    expect(found('ACCEPTED', { createTime })).toBe(decision);
  });

  test.each([
    [askedAt, 'end canceled'],
    [askedAt - 1, 'query after 100 ms, so far unavailable'],
    [undefined, 'query after 100 ms, so far unavailable'],
  ])('and ended at %s proves nothing if that is before askedAt', (updateTime, decision) => {
    expect(found('CANCELLED', { createTime: askedAt - 9000, updateTime })).toBe(decision);
  });

  test('that had ended before askedAt in every query is unknown', () => {
    const ended = order('CANCELLED', { createTime: askedAt - 9000, updateTime: askedAt - 1 });

    const steps = queryUntilEnd(start(BY_NAME, { looksFirst: true }), ended);

    expect(steps.at(-1)).toBe('end unknown');
  });

  test.each([
    ['was created after askedAt', { status: 'ACCEPTED', createTime: askedAt + 1 }, /newer order/],
    ['had ended before askedAt', { status: 'CANCELLED', updateTime: askedAt - 1 }, /had ended before/],
  ])('that %s is named by its id in the reason', (_, { status, ...times }, why) => {
    let decision = start(BY_NAME, { looksFirst: true });
    while (decision[1].kind !== 'end') decision = afterQuery(decision[0], order(status, times), terms);

    const { outcome } = decision[1];
    expect(outcome).toMatchObject({ reason: { detail: expect.stringMatching(why) } });
    expect(outcome).toMatchObject({ reason: { detail: expect.stringContaining(ORDER_ID) } });
  });
});

describe('-2013 to a query', () => {
  const AGAIN = ['query after 100 ms', 'query after 300 ms', 'query after 900 ms'];
  const stepsFrom = (decision: Decision, when?: Terms) =>
    queryUntilEnd(decision, MISSING, when).map((step) => step.replace(/, so far .*/, ''));
  /** The decision after an order was seen open, canceled, and the cancel found nothing. */
  const seen = (ageMs: number | undefined): Decision => {
    const createTime = ageMs === undefined ? undefined : NOW - ageMs;
    const [open] = afterQuery(fresh(BY_BOTH), order('ACCEPTED', { clientOrderId: NAME, createTime }), terms);
    return afterCancel(open, code(400, -2011), terms);
  };

  test('is asked again after 100, 300 and 900 ms, then not-found', () => {
    const decision = afterCancel(fresh(), MISSING, terms);

    expect(stepsFrom(decision)).toEqual(['query', ...AGAIN, 'end not-found']);
  });

  test('before any cancel is not-found too', () => {
    expect(stepsFrom(start(BY_BOTH))).toEqual(['query', ...AGAIN, 'end not-found']);
  });

  test('while a cancel is in doubt proves nothing: unknown', () => {
    const decision = afterCancel(fresh(), noAnswer(true), terms);

    expect(stepsFrom(decision)).toEqual(['query', ...AGAIN, 'end unknown']);
  });

  test('of a repeated delivery proves nothing: unknown', () => {
    expect(stepsFrom(start(BY_NAME, { isRepeat: true })).at(-1)).toBe('end unknown');
  });

  test('counts anew after each cancel', () => {
    const [looked] = afterQuery(refused(), MISSING, terms);
    const [open] = afterQuery(looked, order('ACCEPTED'), terms);

    expect(stepsFrom(afterCancel(open, MISSING, terms))).toHaveLength(1 + AGAIN.length + 1);
  });

  test.each([
    [3 * DAY_MS, 'end unknown'],
    [3 * DAY_MS + 1, 'end canceled'],
    [undefined, 'end unknown'],
  ])('of an order seen open, created %s ms ago and missing after our cancel', (ageMs, decision) => {
    expect(stepsFrom(seen(ageMs)).at(-1)).toBe(decision);
  });

  test('of such an order shows it as canceled, and says that no answer shows that', () => {
    const decision = afterQuery({ ...seen(4 * DAY_MS)[0], looks: 3 }, MISSING, terms);

    expect(decision[1]).toMatchObject({
      outcome: { kind: 'canceled', order: { orderId: ORDER_ID, state: 'canceled' }, isInferred: true },
    });
  });

  test('of an order seen open more than three days after its creation is canceled after a cancel in doubt too', () => {
    const old = order('ACCEPTED', { clientOrderId: NAME, createTime: NOW - 4 * DAY_MS });
    const [open] = afterQuery(fresh(BY_BOTH), old, terms);

    expect(stepsFrom(afterCancel(open, noAnswer(true), terms)).at(-1)).toBe('end canceled');
  });
});

describe('a query that confirms an accepted cancel', () => {
  const accepted = (createTime = NOW) => afterCancel(fresh(), order('ACCEPTED', { createTime }), terms);

  test.each<[string, OutcomeKind]>([
    ['CANCELLED', 'canceled'],
    ['FILLED', 'filled'],
    ['EXPIRED', 'closed'],
  ])('and shows %s ends as %s', (status, kind) => {
    expect(read(afterQuery(accepted()[0], order(status), terms))).toBe(`end ${kind}`);
  });

  test.each<[string, Result]>([
    ['shows it open', order('ACCEPTED')],
    ['finds none', MISSING],
    ['has no answer', noAnswer(true)],
    ['is refused', said(403, '')],
  ])('and %s is sent after 100, 300 and 900 ms, then the cancel stays accepted', (_, result) => {
    expect(queryUntilEnd(accepted(), result)).toEqual([
      'query after 100 ms, so far accepted',
      'query after 300 ms, so far accepted',
      'query after 900 ms, so far accepted',
      'end accepted',
    ]);
  });

  test.each<FailureKind>(['throttled', 'held', 'reserved'])(
    'and is %s leaves the cancel accepted',
    (kind) => {
      expect(read(afterQuery(accepted()[0], failure(kind), terms))).toBe('end accepted');
    },
  );

  test.each<[string, Result, string]>([
    ['finds none', MISSING, 'end canceled'],
    ['has no answer', noAnswer(true), 'end accepted'],
    ['shows it open', order('ACCEPTED', { createTime: NOW - 3 * DAY_MS - 1 }), 'end accepted'],
  ])('and %s, of an order created more than three days ago', (_, result, end) => {
    expect(queryUntilEnd(accepted(NOW - 3 * DAY_MS - 1), result).at(-1)).toBe(end);
  });
});
