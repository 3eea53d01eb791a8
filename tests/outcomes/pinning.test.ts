import { describe, expect, test } from '@jest/globals';
import { type Fault, faults } from '../../local/exchange.ts';
import { cancelThrough, NAME, ORDER_ID, orderAnswer } from '../helpers/cancel-through.ts';
import { startWorkbench, type Workbench } from '../helpers/workbench.ts';

const BY_NAME = 'clientOrderId';
const BY_ID = 'orderId';

describe('a cancel by clientOrderId alone', () => {
  test('goes out by the name, without a query', async () => {
    const told = await cancelThrough({ by: 'clientOrderId' });

    expect([told.outcome.kind, told.calls]).toEqual(['canceled', [`DELETE ${BY_NAME}`]]);
  });

  test.each<[string, readonly Fault[], readonly string[]]>([
    ['was lost', [faults.unknown503()], []],
    ['was not carried out', [faults.internal503()], []],
    ['was rejected while the order is open', [faults.unknownOrder()], []],
    ['came with a wrong clock', [faults.code(400, -1021, 'Outside of the recvWindow.')], ['TIME']],
  ])('that %s is repeated by the orderId that a query has pinned', async (_, script, between) => {
    const told = await cancelThrough({ by: 'clientOrderId', faults: script });

    expect(told.outcome.kind).toBe('canceled');
    expect(told.calls).toEqual([`DELETE ${BY_NAME}`, ...between, `GET ${BY_NAME}`, `DELETE ${BY_ID}`]);
    expect(told.exchange.calls.at(-1)?.rawQuery).toContain(`orderId=${ORDER_ID}&recvWindow=`);
  });

  test('is never repeated while no query can pin it', async () => {
    const lost = await cancelThrough({
      by: 'clientOrderId',
      cancels: faults.reset(),
      queries: faults.reset(),
    });
    const failed = await cancelThrough({
      by: 'clientOrderId',
      cancels: faults.internal503(),
      queries: faults.firewall(),
    });

    expect([lost.outcome.kind, lost.attempts]).toEqual(['unknown', 1]);
    expect([failed.outcome.kind, failed.attempts]).toEqual(['forbidden', 1]);
  });

  test('is confirmed by the orderId that the answer names', async () => {
    const told = await cancelThrough({ by: 'clientOrderId', confirm: true, acceptedForMs: 50 });

    expect([told.outcome.kind, told.calls]).toEqual(['canceled', [`DELETE ${BY_NAME}`, `GET ${BY_ID}`]]);
  });
});

/** A bench with the documented order under its name. */
async function benchWithOrder(beforeCall: (number: number, bench: Workbench) => unknown = () => undefined) {
  const bench: Workbench = await startWorkbench({ beforeCall: (number) => beforeCall(number, bench) });
  bench.exchange.place({ clientOrderId: NAME });
  return bench;
}

/** The order is over, and a moment later a new one has its name. */
function nameIsGivenAnew({ exchange, time }: Workbench) {
  if (exchange.order(ORDER_ID)?.status === 'ACCEPTED') exchange.fill(ORDER_ID);
  time.advance(1);
  return exchange.place({ clientOrderId: NAME });
}

const NEWER_ID = '4611875134427365378';

describe('a name that was given to a newer order', () => {
  test.each<[string, Fault]>([
    ['a cancel that was carried out', faults.reset({ executed: true })],
    ['a cancel that was lost', faults.reset()],
    ['a cancel that failed', faults.unavailable503()],
    ['a cancel that found nothing', faults.unknownOrder()],
  ])('is left alone after %s', async (_, fault) => {
    await using bench = await benchWithOrder((number) => number === 2 && nameIsGivenAnew(bench));
    bench.exchange.script(fault);

    const { outcome, calls } = await bench.cancel({ clientOrderId: NAME });

    expect(outcome).toMatchObject({ kind: 'unknown', reason: { detail: expect.stringContaining(NEWER_ID) } });
    expect(calls).toEqual([`DELETE ${BY_NAME}`, `GET ${BY_NAME}`]);
    expect(bench.exchange.order(NEWER_ID)?.status).toBe('ACCEPTED');
  });

  test('does not give its own end to the older one', async () => {
    await using bench = await benchWithOrder((number) => {
      if (number === 2) bench.exchange.settle(nameIsGivenAnew(bench).orderId, 'CANCELLED');
    });
    bench.exchange.script(faults.reset());

    const { outcome } = await bench.cancel({ clientOrderId: NAME });

    expect([outcome.kind, bench.exchange.order(ORDER_ID)?.status]).toEqual(['unknown', 'FILLED']);
  });

  test('includes an order that does not say when it was created', async () => {
    const told = await cancelThrough({
      by: 'clientOrderId',
      faults: [faults.reset(), orderAnswer({ status: 'ACCEPTED', clientOrderId: NAME })],
    });

    expect([told.outcome.kind, told.attempts, told.status]).toEqual(['canceled', 2, 'CANCELLED']);
  });

  test.each([3_600_000, -3_600_000])(
    'is recognised by the exchange’s clock, %i ms off ours',
    async (skew) => {
      await using old = await startWorkbench();
      await using newer = await startWorkbench({
        beforeCall: (number) => number === 3 && nameIsGivenAnew(newer),
      });
      for (const { exchange, client, time } of [old, newer]) {
        exchange.clockSkewMs = skew;
        exchange.place({ clientOrderId: NAME });
        exchange.script(faults.reset());
        await client.readClock(time.now() + 1000);
      }

      const outcomes = [
        await old.cancel({ clientOrderId: NAME }),
        await newer.cancel({ clientOrderId: NAME }),
      ];

      expect(outcomes.map(({ outcome }) => outcome.kind)).toEqual(['canceled', 'unknown']);
    },
  );
});

describe('a delivery after the first', () => {
  const isRepeat = true;

  test('by clientOrderId alone looks before it cancels, and then cancels by orderId', async () => {
    await using bench = await benchWithOrder();

    const { outcome, calls } = await bench.cancel({ clientOrderId: NAME }, { isRepeat });

    expect([outcome.kind, calls]).toEqual(['canceled', [`GET ${BY_NAME}`, `DELETE ${BY_ID}`]]);
  });

  test('by clientOrderId alone of an order that is over sends no cancel', async () => {
    await using bench = await benchWithOrder();
    bench.exchange.settle(ORDER_ID, 'CANCELLED');

    const { outcome, calls, attempts } = await bench.cancel({ clientOrderId: NAME }, { isRepeat });

    expect([outcome.kind, calls, attempts]).toEqual(['canceled', [`GET ${BY_NAME}`], 0]);
  });

  test('leaves a newer order of that name alone', async () => {
    await using bench = await benchWithOrder();
    const askedAt = bench.time.now();
    nameIsGivenAnew(bench);

    const { outcome, attempts } = await bench.cancel({ clientOrderId: NAME }, { isRepeat, askedAt });

    expect([outcome.kind, attempts]).toEqual(['unknown', 0]);
    expect(bench.exchange.order(NEWER_ID)?.status).toBe('ACCEPTED');
  });

  test('by clientOrderId alone sends no cancel while it cannot look', async () => {
    const told = await cancelThrough({ by: 'clientOrderId', isRepeat, queries: faults.unknown503() });

    expect([told.outcome.kind, told.attempts, told.status]).toEqual(['unknown', 0, 'ACCEPTED']);
  });

  test('by orderId cancels at once: it can mean no other order', async () => {
    const told = await cancelThrough({ isRepeat });

    expect([told.outcome.kind, told.calls]).toEqual(['canceled', ['DELETE orderId']]);
  });
});
