import { describe, expect, test } from '@jest/globals';
import { faults } from '../../../local/exchange.ts';
import { cancelThrough } from '../../helpers/cancel-through.ts';
import { startWorkbench, type Workbench } from '../../helpers/workbench.ts';

const ALWAYS = Number.POSITIVE_INFINITY;

/** Starts a bench with an order. Its first call to the exchange takes `ms` milliseconds. */
async function benchOfSlowCall(ms: number): Promise<Workbench & { readonly orderId: string }> {
  const bench = await startWorkbench();
  const { orderId } = bench.exchange.place();
  bench.exchange.beforeCall = (number) => {
    if (number === 1) bench.time.advance(ms);
  };
  return { ...bench, orderId };
}

describe('without an attempt left', () => {
  test('a cancel does not wait for another', async () => {
    const told = await cancelThrough({ cancels: faults.internal503() });

    expect(told).toMatchObject({ outcome: { kind: 'unavailable' }, attempts: 3 });
    expect(told.waitedMs).toBe(450); // two pauses of 225 ms, each between two cancels
  });

  test('an accepted cancel is still confirmed', async () => {
    const told = await cancelThrough({ maxAttempts: 1, confirm: true, acceptedForMs: 50 });

    expect([told.outcome.kind, told.calls]).toEqual(['canceled', ['DELETE orderId', 'GET orderId']]);
  });
});

describe('without time for a pause', () => {
  test('a cancel that was not carried out is sent again at once', async () => {
    await using bench = await benchOfSlowCall(1776);
    bench.exchange.script(faults.internal503());

    const { outcome, calls } = await bench.cancel({ orderId: bench.orderId }, { remainingMs: 2000 });

    expect([outcome.kind, calls]).toEqual(['canceled', ['DELETE orderId', 'DELETE orderId']]);
    expect(bench.time.monotonic()).toBe(1776);
  });

  test('a query is not waited for', async () => {
    await using bench = await benchOfSlowCall(1900);
    bench.exchange.behaviour.acceptedForMs = ALWAYS;

    const { outcome, calls } = await bench.cancel(
      { orderId: bench.orderId },
      { confirm: true, remainingMs: 2000 },
    );

    expect([outcome.kind, calls]).toEqual(['accepted', ['DELETE orderId']]);
    expect(bench.time.monotonic()).toBe(1900);
  });
});

test('a secret that cannot be read is read every 200 ms until the deadline, and not more often at its end', async () => {
  await using bench = await startWorkbench();
  bench.secret.beforeRead = () => Promise.reject(new Error('no secret today'));

  const { outcome, attempts } = await bench.cancel({ orderId: '1' }, { remainingMs: 1900 });

  expect(outcome).toMatchObject({
    kind: 'unavailable',
    reason: { detail: expect.stringContaining('secret') },
  });
  expect([attempts, bench.secret.reads, bench.time.monotonic()]).toEqual([0, 10, 1900]);
});
