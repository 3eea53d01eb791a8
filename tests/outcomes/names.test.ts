import { describe, expect, test } from '@jest/globals';
import { faults } from '../../local/exchange.ts';
import { NAME } from '../helpers/cancel-through.ts';
import { startWorkbench } from '../helpers/workbench.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const FOUR_DAYS_MS = 4 * DAY_MS;

/** An order that carried the name and ended an hour before now. */
const olderBearer = (now: number) => ({
  clientOrderId: NAME,
  status: 'FILLED' as const,
  createTime: now - 2 * HOUR_MS,
  updateTime: now - HOUR_MS,
});

describe('a message or schedule that names its order by clientOrderId alone', () => {
  const looksFirst = true;

  test('queries the order first, and cancels it by the orderId found', async () => {
    await using bench = await startWorkbench();
    const { orderId } = bench.exchange.place({ clientOrderId: NAME });

    const ended = await bench.cancel({ clientOrderId: NAME }, { looksFirst });

    expect(ended).toMatchObject({ outcome: { kind: 'canceled' }, orderId });
    expect(ended.calls).toEqual(['GET clientOrderId', 'DELETE orderId']);
  });

  test('leaves an order alone that got the name after the cancel was asked for, even on its first delivery', async () => {
    await using bench = await startWorkbench();
    const askedAt = bench.time.now();
    bench.time.advance(HOUR_MS);
    const newer = bench.exchange.place({ clientOrderId: NAME });

    const { outcome, attempts } = await bench.cancel({ clientOrderId: NAME }, { looksFirst, askedAt });

    expect([outcome.kind, attempts]).toEqual(['unknown', 0]);
    expect(bench.exchange.order(newer.orderId)?.status).toBe('ACCEPTED');
  });

  test('does not take the end of an older order for that of the pending one', async () => {
    await using bench = await startWorkbench({ nameQueryFinds: 'older' });
    bench.exchange.place(olderBearer(bench.time.now()));
    bench.exchange.place({ clientOrderId: NAME });

    const { outcome, calls } = await bench.cancel({ clientOrderId: NAME }, { looksFirst });

    expect(outcome.kind).toBe('unknown');
    expect(calls).toEqual(Array(4).fill('GET clientOrderId'));
  });

  test('finds the pending order once reads have caught up with its older namesake', async () => {
    await using bench = await startWorkbench();
    bench.exchange.place(olderBearer(bench.time.now()));
    const { orderId } = bench.exchange.place({ clientOrderId: NAME });
    bench.exchange.script(faults.staleRead('older-bearer'), { method: 'GET' });

    const ended = await bench.cancel({ clientOrderId: NAME }, { looksFirst });

    expect(ended).toMatchObject({ outcome: { kind: 'canceled' }, orderId });
  });

  test('is settled by an end at the moment of asking or later, and not by one a millisecond earlier', async () => {
    for (const [agoMs, kind] of [
      [0, 'filled'],
      [1, 'unknown'],
    ] as const) {
      await using bench = await startWorkbench();
      const askedAt = bench.time.now() + 10;
      bench.time.advance(10 - agoMs);
      const createTime = askedAt - HOUR_MS;
      bench.exchange.place({
        clientOrderId: NAME,
        status: 'FILLED',
        createTime,
        updateTime: askedAt - agoMs,
      });
      bench.time.advance(agoMs);

      const { outcome } = await bench.cancel({ clientOrderId: NAME }, { looksFirst, askedAt });

      expect([agoMs, outcome.kind]).toEqual([agoMs, kind]);
    }
  });
});

describe('a caller who names an order by clientOrderId alone', () => {
  test('gets no claim about an end before the request', async () => {
    await using bench = await startWorkbench();
    bench.exchange.place({ ...olderBearer(bench.time.now()), status: 'CANCELED' });

    const { outcome, calls } = await bench.cancel({ clientOrderId: NAME });

    expect(outcome.kind).toBe('unknown');
    expect(calls[0]).toBe('DELETE clientOrderId');
  });
});

describe('a request with both identifiers', () => {
  test.each(['id-then-name-check', 'id', 'name'] as const)(
    'sends exactly one, whichever the exchange prefers (%s)',
    async (bothIdentifiers) => {
      await using bench = await startWorkbench({ bothIdentifiers });
      const { orderId } = bench.exchange.place({ clientOrderId: NAME });

      const ended = await bench.cancel({ orderId, clientOrderId: NAME });

      expect([ended.outcome.kind, ended.calls]).toEqual(['canceled', ['GET orderId', 'DELETE orderId']]);
    },
  );

  test('is invalid when the name is not that of the order, which is left alone', async () => {
    await using bench = await startWorkbench();
    const { orderId } = bench.exchange.place({ clientOrderId: 'another' });
    const named = bench.exchange.place({ clientOrderId: NAME });

    const { outcome, calls } = await bench.cancel({ orderId, clientOrderId: NAME });

    expect(outcome).toMatchObject({
      kind: 'invalid-request',
      reason: { detail: expect.stringContaining(orderId) },
    });
    expect(calls).toEqual(['GET orderId']);
    expect(bench.exchange.order(named.orderId)?.status).toBe('ACCEPTED');
  });
});

describe('an order that rested for more than three days, and can no longer be queried once it is canceled', () => {
  const placed = async (ageMs: number, acceptedForMs?: number) => {
    const bench = await startWorkbench(acceptedForMs === undefined ? {} : { acceptedForMs });
    const createTime = bench.time.now() - ageMs;
    const { orderId } = bench.exchange.place({ clientOrderId: NAME, createTime, updateTime: createTime });
    return { ...bench, orderId };
  };

  test('is canceled when it was seen open and is missing after the cancel', async () => {
    await using bench = await placed(FOUR_DAYS_MS, 50);

    const ended = await bench.cancel({ orderId: bench.orderId }, { confirm: true });

    expect(ended.outcome).toMatchObject({ kind: 'canceled', order: { orderId: bench.orderId } });
    expect(ended.calls).toEqual(['DELETE orderId', 'GET orderId', 'GET orderId', 'GET orderId']);
  });

  test('is unknown when it was never seen and the cancel was lost', async () => {
    await using bench = await placed(FOUR_DAYS_MS);
    bench.exchange.script(faults.reset({ executed: true }));

    const { outcome } = await bench.cancel({ orderId: bench.orderId });

    expect(outcome.kind).toBe('unknown');
  });

  test('is canceled when a query showed it open before the cancel was lost', async () => {
    await using bench = await placed(FOUR_DAYS_MS);
    bench.exchange.script({});
    bench.exchange.script(faults.reset({ executed: true }));

    const { outcome } = await bench.cancel({ clientOrderId: NAME }, { looksFirst: true });

    expect(outcome.kind).toBe('canceled');
  });

  test('is not taken for canceled when it is younger', async () => {
    await using bench = await placed(3 * DAY_MS - 2000, 50);
    const missing = faults.staleRead('missing');
    for (let query = 0; query < 3; query++) bench.exchange.script(missing, { method: 'GET' });

    const { outcome } = await bench.cancel({ orderId: bench.orderId }, { confirm: true });

    expect(outcome.kind).toBe('accepted');
  });
});
