import { describe, expect, test } from '@jest/globals';
import { type Fault, faults, type OrderStatus } from '../../local/exchange.ts';
import { cancelThrough, ORDER_ID, orderAnswer } from '../helpers/cancel-through.ts';

const CANCEL = 'DELETE orderId';
const QUERY = 'GET orderId';
const MISSING = faults.staleRead('missing');

describe('an order in the answer', () => {
  test.each([
    ['CANCELLED', 'canceled'],
    ['CANCELED', 'canceled'],
    ['FILLED', 'filled'],
    ['ACCEPTED', 'accepted'],
    ['NEW', 'accepted'],
    ['PARTIALLY_FILLED', 'accepted'],
    ['PENDING_CANCEL', 'accepted'],
    ['cancelled', 'accepted'],
  ])('with status %s means %s', async (status, kind) => {
    const { outcome, calls, attempts } = await cancelThrough({ faults: [orderAnswer({ status })] });

    expect({ kind: outcome.kind, calls, attempts }).toEqual({ kind, calls: [CANCEL], attempts: 1 });
  });

  test.each(['REJECTED', 'EXPIRED', 'EXPIRED_IN_MATCH'])(
    'with status %s says nothing of this cancel: the order is queried',
    async (status) => {
      const open = await cancelThrough({ faults: [orderAnswer({ status })] });
      const over = await cancelThrough({ status: 'EXPIRED', faults: [orderAnswer({ status })] });

      expect([open.outcome.kind, open.calls]).toEqual(['canceled', [CANCEL, QUERY, CANCEL]]);
      expect([over.outcome.kind, over.calls]).toEqual(['closed', [CANCEL, QUERY]]);
    },
  );

  test('without a status means accepted', async () => {
    const { outcome, calls } = await cancelThrough({ faults: [orderAnswer({})] });

    expect([outcome.kind, calls]).toEqual(['accepted', [CANCEL]]);
  });

  test('that was filled in part before it was cancelled is reported as it is', async () => {
    const { outcome } = await cancelThrough({ beforeCall: (_, exchange) => exchange.fill(ORDER_ID, '0.25') });

    const text = 'order' in outcome ? outcome.order.text : '';
    expect(outcome.kind).toBe('canceled');
    expect(JSON.parse(text)).toMatchObject({ status: 'CANCELLED', executedQty: '0.25' });
  });
});

describe('an accepted cancel, with confirm', () => {
  test.each([
    { afterMs: 90, kind: 'canceled', queries: 1, waitedMs: 100 },
    { afterMs: 390, kind: 'canceled', queries: 2, waitedMs: 400 },
    { afterMs: 1290, kind: 'canceled', queries: 3, waitedMs: 1300 },
    { afterMs: Number.POSITIVE_INFINITY, kind: 'accepted', queries: 3, waitedMs: 1300 },
  ])('that takes effect after $afterMs ms is $kind', async ({ afterMs, kind, queries, waitedMs }) => {
    const told = await cancelThrough({ confirm: true, acceptedForMs: afterMs });

    expect(told.outcome.kind).toBe(kind);
    expect(told.calls).toEqual([CANCEL, ...Array<string>(queries).fill(QUERY)]);
    expect(told.waitedMs).toBe(waitedMs);
  });

  test('that comes too late for a fill is filled', async () => {
    const { outcome } = await cancelThrough({
      confirm: true,
      acceptedForMs: Number.POSITIVE_INFINITY,
      beforeCall: (number, exchange) => number === 3 && exchange.fill(ORDER_ID),
    });

    expect(outcome.kind).toBe('filled');
  });

  test('is still accepted when the queries fail, or say that there is no such order', async () => {
    const failing = await cancelThrough({ confirm: true, acceptedForMs: 0, queries: faults.unknown503() });
    const missing = await cancelThrough({
      confirm: true,
      acceptedForMs: 0,
      queries: faults.staleRead('missing'),
    });

    expect([failing.outcome.kind, missing.outcome.kind]).toEqual(['accepted', 'accepted']);
  });
});

describe('nothing to cancel (-2011, -2013)', () => {
  test.each<[OrderStatus | 'none', string]>([
    ['CANCELLED', 'canceled'],
    ['CANCELED', 'canceled'],
    ['FILLED', 'filled'],
    ['REJECTED', 'closed'],
    ['EXPIRED', 'closed'],
  ])('for an order that is %s means %s', async (status, kind) => {
    for (const first of [{}, faults.code(400, -2013, 'Order does not exist.')]) {
      const { outcome, calls, attempts } = await cancelThrough({ status, faults: [first] });

      expect({ kind: outcome.kind, calls, attempts }).toEqual({ kind, calls: [CANCEL, QUERY], attempts: 1 });
    }
  });

  test.each([faults.unknownOrder(), faults.code(400, -2013, 'Order does not exist.')])(
    'for an order that is open has it cancelled again, after a pause',
    async (fault) => {
      const told = await cancelThrough({ faults: [fault] });

      expect(told.outcome.kind).toBe('canceled');
      expect(told.calls).toEqual([CANCEL, QUERY, CANCEL]);
      expect(told.waitedMs).toBe(225);
    },
  );

  test('for an order that does not exist is looked at again after 100, 300 and 900 ms, then not-found', async () => {
    const told = await cancelThrough({ status: 'none' });
    const late = await cancelThrough({ faults: [faults.unknownOrder(), ...Array<Fault>(3).fill(MISSING)] });

    expect(told.outcome).toMatchObject({ kind: 'not-found', reason: { code: -2013 } });
    expect([told.calls, told.waitedMs]).toEqual([[CANCEL, QUERY, QUERY, QUERY, QUERY], 1300]);
    expect([late.outcome.kind, late.status]).toEqual(['canceled', 'CANCELLED']);
  });

  test('every time for an order that is open is unavailable, with the last code', async () => {
    const { outcome, calls } = await cancelThrough({ cancels: faults.unknownOrder() });

    expect(outcome).toMatchObject({ kind: 'unavailable', reason: { code: -2011 } });
    expect(calls).toEqual([CANCEL, QUERY, CANCEL, QUERY, CANCEL, QUERY]);
  });

  test('is queried again while the query fails, until the time is up: unknown', async () => {
    const once = await cancelThrough({ status: 'FILLED', faults: [{}, faults.unknown503()] });
    const always = await cancelThrough({ status: 'FILLED', queries: faults.reset() });

    expect([once.outcome.kind, once.calls]).toEqual(['filled', [CANCEL, QUERY, QUERY]]);
    expect(always.outcome).toMatchObject({ kind: 'unknown', reason: { code: -2011 } });
    expect(always.calls).toEqual([CANCEL, ...Array<string>(7).fill(QUERY)]);
    expect(always.waitedMs).toBe(225 * (1 + 2 + 4 + 8 + 8 + 8));
  });
});

describe('a cancel that was not carried out, and may be sent again', () => {
  const rows: [string, Fault][] = [
    ['503 "Service Unavailable."', faults.unavailable503()],
    ['503 "Service Unavailable" as plain text', faults.answer(503, 'Service Unavailable')],
    ['503 "Internal error…"', faults.internal503()],
    [
      '503 "Internal error…" with a code of no meaning',
      faults.code(503, -1000, 'Internal error; unable to process your request. Please try again.'),
    ],
    ['-1001', faults.code(500, -1001, 'Internal error.')],
    ['-1016', faults.code(503, -1016, 'This service is no longer available.')],
  ];

  test.each(rows)('%s is sent again after a pause', async (_, fault) => {
    const told = await cancelThrough({ faults: [fault] });

    expect({ ...told, kind: told.outcome.kind }).toMatchObject({
      kind: 'canceled',
      calls: [CANCEL, CANCEL],
      attempts: 2,
      waitedMs: 225,
    });
  });

  test.each(rows)('%s every time is unavailable after BINANCE_MAX_ATTEMPTS cancels', async (_, fault) => {
    const told = await cancelThrough({ cancels: fault, maxAttempts: 4 });

    expect(told).toMatchObject({ outcome: { kind: 'unavailable' }, attempts: 4, status: 'ACCEPTED' });
    expect(told.calls).toEqual([CANCEL, CANCEL, CANCEL, CANCEL]);
  });

  test('a connection that never opened is tried again, then unavailable', async () => {
    const back = await cancelThrough({
      beforeCall: (number, exchange) => (number === 1 ? exchange.down() : number === 2 && exchange.up()),
    });
    const gone = await cancelThrough({ beforeCall: (_, exchange) => exchange.down() });

    expect(back).toMatchObject({ outcome: { kind: 'canceled' }, attempts: 2, calls: [CANCEL] });
    expect(gone).toMatchObject({ outcome: { kind: 'unavailable' }, attempts: 3, calls: [] });
  });
});
