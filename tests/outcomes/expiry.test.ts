import { describe, expect, test } from '@jest/globals';
import { type Fault, faults, type OrderStatus } from '../../local/exchange.ts';
import { cancelThrough, NAME, ORDER_ID } from '../helpers/cancel-through.ts';
import { startWorkbench, type Workbench } from '../helpers/workbench.ts';

describe('a request that has expired', () => {
  test('is not sent', async () => {
    const told = await cancelThrough({ expiresAfterMs: -1 });

    expect(told).toMatchObject({ calls: [], attempts: 0 });
    expect(told.outcome).toEqual({
      kind: 'expired',
      reason: { detail: 'not sent: expiresAt was 2026-01-31T11:59:59.999Z' },
    });
  });

  test('is not made to wait for keys', async () => {
    await using bench = await startWorkbench();
    bench.secret.beforeRead = () => Promise.reject(new Error('no secret today'));

    const { outcome } = await bench.cancel({ orderId: ORDER_ID, expiresAt: bench.time.now() - 1 });

    expect([outcome.kind, bench.secret.reads]).toEqual(['expired', 0]);
  });

  test('only while it waited for the keys is not sent either', async () => {
    await using bench = await startWorkbench();
    bench.exchange.place();
    bench.secret.beforeRead = () => bench.time.advance(1500);

    const request = { orderId: ORDER_ID, expiresAt: bench.time.now() + 1000 };
    const { outcome, calls } = await bench.cancel(request);

    expect([outcome.kind, calls]).toEqual(['expired', []]);
  });

  test('in the pause before a repeat is not sent again', async () => {
    const told = await cancelThrough({ expiresAfterMs: 200, faults: [faults.internal503()] });

    expect([told.outcome.kind, told.calls, told.status]).toEqual(['expired', ['DELETE orderId'], 'ACCEPTED']);
    expect(told.outcome).toMatchObject({ reason: { detail: expect.stringContaining('not sent again') } });
  });

  test('is sent in its last millisecond', async () => {
    const told = await cancelThrough({ expiresAfterMs: 0 });

    expect(told.outcome.kind).toBe('canceled');
  });

  test('after a cancel that is in doubt is unknown', async () => {
    const bench: Workbench = await startWorkbench({
      beforeCall: (number) => number === 2 && bench.time.advance(1000),
    });
    await using exchange = bench.exchange;
    exchange.place();
    exchange.script(faults.unknown503({ executed: true }));
    exchange.script(faults.staleRead());

    const { outcome } = await bench.cancel({ orderId: ORDER_ID, expiresAt: bench.time.now() + 500 });

    expect(outcome).toMatchObject({ kind: 'unknown', reason: { code: -1000 } });
  });
});

describe('a later delivery of a request that has expired', () => {
  const story = { isRepeat: true, expiresAfterMs: -1, attempts: 0 };

  test.each<[OrderStatus | 'none', string]>([
    ['CANCELLED', 'canceled'],
    ['FILLED', 'filled'],
    ['EXPIRED', 'closed'],
    ['ACCEPTED', 'unknown'],
    ['none', 'unknown'],
  ])('looks for the effect of an earlier one: %s means %s', async (status, kind) => {
    for (const by of ['orderId', 'clientOrderId', 'both'] as const) {
      const told = await cancelThrough({ ...story, status, by });

      expect([told.outcome.kind, told.attempts]).toEqual([kind, 0]);
      expect(told.calls.every((call) => call.startsWith('GET'))).toBe(true);
    }
  });

  test.each<[string, Fault]>([
    ['fails', faults.unknown503()],
    ['is throttled', faults.tooMany(5)],
  ])('is unknown when the query %s', async (_, queries) => {
    const told = await cancelThrough({ ...story, queries });

    expect([told.outcome.kind, told.attempts]).toEqual(['unknown', 0]);
  });

  test('takes no newer order of the name for the one that was meant', async () => {
    await using bench = await startWorkbench();
    bench.exchange.place({ clientOrderId: NAME, status: 'FILLED' });
    const askedAt = bench.time.now();
    bench.time.advance(1);
    bench.exchange.place({ clientOrderId: NAME });

    const request = { clientOrderId: NAME, expiresAt: askedAt };
    const { outcome, attempts } = await bench.cancel(request, { isRepeat: true, askedAt });

    expect([outcome.kind, attempts]).toEqual(['unknown', 0]);
  });
});
