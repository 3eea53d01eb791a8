import { describe, expect, test } from '@jest/globals';
import { faults } from '../../local/exchange.ts';
import { cancelThrough } from '../helpers/cancel-through.ts';
import { startWorkbench } from '../helpers/workbench.ts';

describe('while the exchange throttles', () => {
  test.each([
    ['429', faults.tooMany(30, { enforced: true })],
    ['418', faults.banned(30, { enforced: true })],
  ])('with %s no call leaves, whoever asks; then cancels work again', async (_, fault) => {
    await using bench = await startWorkbench();
    const { exchange, time, client } = bench;
    const [first, second] = [exchange.place(), exchange.place()];
    exchange.script(fault);

    const throttled = await bench.cancel({ orderId: first.orderId });
    time.advance(29_000);
    const held = await Promise.all([
      bench.cancel({ orderId: second.orderId }),
      bench.cancel({ orderId: first.orderId }, { isRepeat: true }),
      bench.cancel({ clientOrderId: 'name' }, { isRepeat: true }),
    ]);
    const clockWasRead = await client.readClock(time.now() + 1000);
    time.advance(1000);
    const after = await bench.cancel({ orderId: first.orderId });

    expect(throttled.outcome.kind).toBe('throttled');
    expect(held.map(({ outcome, attempts }) => [outcome.kind, attempts])).toEqual([
      ['throttled', 0],
      ['unknown', 0],
      ['unknown', 0],
    ]);
    expect(clockWasRead).toBe(false);
    expect([after.outcome.kind, after.calls]).toEqual(['canceled', ['DELETE orderId']]);
    expect(exchange.calls).toHaveLength(2);
    expect(exchange.calls.every(({ madeWhile }) => madeWhile === undefined)).toBe(true);
  });

  test('a request that was under way makes no further call', async () => {
    const told = await cancelThrough({
      confirm: true,
      acceptedForMs: Number.POSITIVE_INFINITY,
      faults: [{}, faults.tooMany(30, { enforced: true })],
    });

    expect([told.outcome.kind, told.calls]).toEqual(['accepted', ['DELETE orderId', 'GET orderId']]);
    expect(told.waitedMs).toBe(100);
  });

  test('the exchange that only says so in a query is believed', async () => {
    const told = await cancelThrough({ faults: [faults.unknown503(), faults.tooMany(30)] });

    expect(told).toMatchObject({ outcome: { kind: 'unknown' }, throttledForMs: 30_000 });
  });
});

describe('the last tenth of the weight', () => {
  test('is for cancels alone: nothing is queried until the next minute', async () => {
    await using bench = await startWorkbench({ knownWeightLimit: 1000, weightLimit: 1000, acceptedForMs: 0 });
    const { exchange, time } = bench;
    const orders = Array.from({ length: 3 }, () => exchange.place());
    exchange.useWeight(899);

    const accepted = await bench.cancel({ orderId: orders[0]?.orderId }, { confirm: true });
    exchange.script(faults.reset());
    const lost = await bench.cancel({ orderId: orders[1]?.orderId });
    time.advance(60_000 - (time.now() % 60_000));
    const next = await bench.cancel({ orderId: orders[2]?.orderId }, { confirm: true });

    expect([accepted.outcome.kind, accepted.calls]).toEqual(['accepted', ['DELETE orderId']]);
    expect([lost.outcome.kind, lost.calls]).toEqual(['unknown', ['DELETE orderId']]);
    expect([next.outcome.kind, next.calls]).toEqual(['canceled', ['DELETE orderId', 'GET orderId']]);
  });

  test('is not touched while less than nine tenths are used', async () => {
    await using bench = await startWorkbench({ knownWeightLimit: 1000, weightLimit: 1000, acceptedForMs: 0 });
    const { orderId } = bench.exchange.place();
    bench.exchange.useWeight(898);

    const { outcome } = await bench.cancel({ orderId }, { confirm: true });

    expect(outcome.kind).toBe('canceled');
  });
});

test('without time left nothing is sent, and that is said', async () => {
  const first = await cancelThrough({ remainingMs: 0 });
  const repeat = await cancelThrough({ remainingMs: 0, isRepeat: true });

  expect([first.outcome.kind, repeat.outcome.kind]).toEqual(['unavailable', 'unknown']);
  expect([...first.calls, ...repeat.calls]).toEqual([]);
});
