import { describe, expect, test } from '@jest/globals';
import { stopOf } from '../../../lib/cancel/strikes.ts';
import type { FailureKind } from '../../../lib/exchange/result.ts';
import { faults } from '../../../local/exchange.ts';
import { CALL, type KillBench, PUT, startKillBench } from '../../helpers/kill-bench.ts';

const ALWAYS = Number.POSITIVE_INFINITY;
const ONLY_SELLS = { only: { side: 'SELL' } };
const EVERYTHING = { kill: { everything: true } };
const CANCELS = { method: 'DELETE', path: '/eapi/v1/order' };
const QUERIES = { method: 'GET', path: '/eapi/v1/order' };
const BY_UNDERLYING = { method: 'DELETE', path: '/eapi/v1/allOpenOrdersByUnderlying' };
const BY_SYMBOL = { method: 'DELETE', path: '/eapi/v1/allOpenOrders' };
/** The acknowledgement of a mass cancel that does nothing. */
const idle = faults.answer(200, '{"code":0,"msg":"success"}');
const firewall = faults.firewall();

type Call = Readonly<Record<'method' | 'path', string>>;

const callsOf = ({ exchange }: KillBench, { method, path }: Call) =>
  exchange.calls.filter((call) => call.method === method && call.path === path);

/** The underlyings or symbols of the mass cancels, in alphabetical order. */
const targetsOf = (bench: KillBench, call: Call) =>
  callsOf(bench, call)
    .map(({ rawQuery }) => new URLSearchParams(rawQuery))
    .map((query) => query.get('underlying') ?? query.get('symbol'))
    .sort();

function placeMany(bench: KillBench, count: number, symbol: string): void {
  for (let placed = 0; placed < count; placed++) bench.exchange.place({ symbol, side: 'SELL' });
}

/** Calls `act` when the first call of this kind reaches the exchange. */
function once(bench: KillBench, { method, path }: Call, act: () => unknown): void {
  let isDone = false;
  bench.exchange.beforeCall = (_, call) => {
    if (isDone || call.method !== method || call.path !== path) return;
    isDone = true;
    act();
  };
}

describe('a failure of a call', () => {
  test.each<[FailureKind, string | undefined]>([
    ['throttled', 'throttled'],
    ['held', 'throttled'],
    ['forbidden', 'forbidden'],
    ['keys', 'credentials'],
    ['reserved', undefined],
    ['invalid', undefined],
    ['unknown', undefined],
    ['not-executed', undefined],
    ['refused', undefined],
    ['too-late', undefined],
  ])('%s ends a kill as %s', (kind, outcome) => {
    const reason = { detail: 'why' };

    expect(stopOf({ kind, reason })).toEqual(outcome && { outcome, reason });
  });
});

describe('more than 20 orders that are left', () => {
  test('of everything get a mass cancel of each underlying that has one', async () => {
    await using bench = await startKillBench({ underlyings: ['BTCUSDT', 'ETHUSDT', 'SOLUSDT'] });
    placeMany(bench, 11, 'SOL-261225-100-C');
    placeMany(bench, 11, 'ETH-261225-100-C');
    bench.exchange.script(idle, { ...BY_UNDERLYING, times: 2 });

    const end = await bench.kill(EVERYTHING);

    expect([end.outcome, bench.open()]).toEqual(['emptied', []]);
    expect(targetsOf(bench, BY_UNDERLYING)).toEqual(['BTCUSDT', 'ETHUSDT', 'ETHUSDT', 'SOLUSDT']);
    expect(end.calls).toMatchObject({ mass: 4, cancels: 0 });
  });

  test('of a symbol get a mass cancel of that symbol, never of its underlying', async () => {
    await using bench = await startKillBench();
    placeMany(bench, 21, CALL);
    const { orderId } = bench.exchange.place({ symbol: PUT });
    bench.exchange.script(idle, BY_SYMBOL);

    const end = await bench.kill({ kill: { symbol: CALL } });

    expect([end.outcome, bench.open()]).toEqual(['emptied', [orderId]]);
    expect(targetsOf(bench, BY_SYMBOL)).toEqual([CALL, CALL]);
  });

  test('are canceled one by one after a second mass cancel that is acknowledged and does nothing', async () => {
    await using bench = await startKillBench();
    placeMany(bench, 21, CALL);
    bench.exchange.script(idle, { ...BY_UNDERLYING, times: ALWAYS });

    const end = await bench.kill();

    expect(end).toMatchObject({ outcome: 'emptied', calls: { mass: 2, cancels: 21 } });
  });

  test('are canceled one by one after a mass cancel that was not acknowledged', async () => {
    await using bench = await startKillBench();
    placeMany(bench, 21, CALL);
    bench.exchange.script(faults.unknown503(), { ...BY_UNDERLYING, times: ALWAYS });

    const end = await bench.kill();

    expect(end).toMatchObject({ outcome: 'emptied', calls: { mass: 1, cancels: 21 } });
  });

  test('of everything are canceled one by one unless each mass cancel was acknowledged', async () => {
    await using bench = await startKillBench({ underlyings: ['BTCUSDT'] });
    placeMany(bench, 21, CALL);
    bench.exchange.behaviour.massSurvivors = () => true;

    const end = await bench.kill(EVERYTHING);

    expect(end).toMatchObject({ outcome: 'emptied', calls: { mass: 2, cancels: 21 } });
    expect(bench.warnings).toHaveLength(1);
  });
});

describe('a mass cancel', () => {
  test('of everything that is forbidden for one underlying ends the kill', async () => {
    await using bench = await startKillBench();
    bench.exchange.beforeCall = (_, { rawQuery }) => {
      if (rawQuery.startsWith('underlying=ETHUSDT')) bench.exchange.script(firewall, BY_UNDERLYING);
    };

    expect(await bench.kill(EVERYTHING)).toMatchObject({ outcome: 'forbidden' });
  });

  test('that is acknowledged shows that an underlying exists which is not configured', async () => {
    await using bench = await startKillBench({ underlyings: ['SOLUSDT'] });

    const end = await bench.kill({ kill: { underlying: 'SOLUSDT' } });

    expect([end.outcome, end.orders.seen]).toEqual(['emptied', 0]);
  });

  test('that a throttle keeps here is not counted', async () => {
    await using bench = await startKillBench();
    bench.exchange.script(faults.tooMany(60), BY_UNDERLYING);

    const [throttled, held] = [await bench.kill(), await bench.kill()];

    expect([throttled.outcome, throttled.calls.mass]).toEqual(['throttled', 1]);
    expect([held.outcome, held.calls.mass]).toEqual(['throttled', 0]);
  });
});

describe('single cancels', () => {
  test('stop at the first that is forbidden, with the 20 that are under way', async () => {
    await using bench = await startKillBench();
    placeMany(bench, 45, CALL);
    bench.exchange.script(firewall, { ...CANCELS, times: ALWAYS });

    const end = await bench.kill(ONLY_SELLS);

    expect([end.outcome, callsOf(bench, CANCELS).length]).toEqual(['forbidden', 20]);
  });

  test.each([
    ['throttled', faults.tooMany(60), -1003],
    ['credentials', faults.code(401, -2015, 'Invalid API-key, IP, or permissions for action.'), -2015],
    ['forbidden', faults.code(400, -5005, 'Restricted.'), -5005],
  ])('end a kill as %s with the code of the exchange', async (outcome, fault, code) => {
    await using bench = await startKillBench();
    bench.exchange.place({ symbol: CALL, side: 'SELL' });
    bench.exchange.script(fault, { ...CANCELS, times: ALWAYS });

    const end = await bench.kill(ONLY_SELLS);

    expect(end).toMatchObject({ outcome, reason: { code }, calls: { lists: 1 } });
  });

  test.each(['filled', 'closed'] as const)(
    'of an order that has ended as %s by then take one query',
    async (kind) => {
      await using bench = await startKillBench();
      const { orderId } = bench.exchange.place({ symbol: CALL, side: 'SELL' });
      const status = kind === 'filled' ? 'FILLED' : 'EXPIRED';
      once(bench, CANCELS, () => bench.exchange.settle(orderId, status));

      const end = await bench.kill(ONLY_SELLS);

      expect(end).toMatchObject({ outcome: 'emptied', orders: { [kind]: 1 }, calls: { queries: 1 } });
    },
  );

  test('and the queries that confirm them are counted', async () => {
    await using bench = await startKillBench();
    bench.exchange.place({ symbol: CALL, side: 'SELL', acceptedForMs: 150 });

    const { calls } = await bench.kill(ONLY_SELLS);

    expect(calls).toEqual({ mass: 0, cancels: 1, queries: 2, lists: 4 });
  });

  test('are not sent again after expiresAt', async () => {
    await using bench = await startKillBench();
    const { orderId } = bench.exchange.place({ symbol: CALL, side: 'SELL' });
    bench.exchange.script(faults.internal503(), CANCELS);
    once(bench, CANCELS, () => bench.time.advance(1001));

    const end = await bench.kill({ ...ONLY_SELLS, expiresAt: bench.time.now() + 1000 });

    expect([end.outcome, bench.open()]).toEqual(['not-emptied', [orderId]]);
    expect(callsOf(bench, CANCELS)).toHaveLength(1);
  });

  test('of an old order that lists still show prove nothing when only its absence from queries says that it ended', async () => {
    await using bench = await startKillBench();
    const createTime = bench.time.now() - 4 * 24 * 3_600_000;
    const times = { createTime, updateTime: createTime };
    const { orderId } = bench.exchange.place({ symbol: CALL, side: 'SELL', acceptedForMs: ALWAYS, ...times });
    const missing = faults.code(400, -2013, 'Order does not exist.');
    bench.exchange.script(missing, { ...QUERIES, times: ALWAYS });

    const end = await bench.kill(ONLY_SELLS);

    expect([end.outcome, bench.open()]).toEqual(['not-emptied', [orderId]]);
  });
});

describe('queries of orders whose end is not known', () => {
  /** Starts a bench with orders whose mass cancel takes effect after its answer: the next list still shows them. */
  async function benchOf(count: number): Promise<KillBench> {
    const bench = await startKillBench({ massDelayMs: 100 });
    placeMany(bench, count, CALL);
    return bench;
  }

  test('are 50 in a run at most', async () => {
    await using bench = await benchOf(60);
    let lists = 0;
    bench.exchange.beforeCall = (_, { path }) => {
      if (path === '/eapi/v1/openOrders' && ++lists === 5) bench.exchange.place({ symbol: PUT });
    };

    const end = await bench.kill();

    expect(end).toMatchObject({ outcome: 'emptied', orders: { seen: 61, canceled: 51, unexamined: 10 } });
    expect(end.calls).toMatchObject({ cancels: 1, queries: 50 });
  });

  test('stop at the first that is forbidden, with the 20 that are under way', async () => {
    await using bench = await benchOf(45);
    bench.exchange.script(firewall, { ...QUERIES, times: ALWAYS });

    const end = await bench.kill();

    expect([end.outcome, end.orders.unexamined]).toEqual(['emptied', 45]);
    expect(callsOf(bench, QUERIES)).toHaveLength(20);
  });

  test('go on after one that has no answer', async () => {
    await using bench = await benchOf(30);
    bench.exchange.script(faults.unknown503(), QUERIES);

    const end = await bench.kill();

    expect(end.orders).toMatchObject({ canceled: 29, unexamined: 1 });
    expect(callsOf(bench, QUERIES)).toHaveLength(30);
  });

  test.each([
    [1000, 0],
    [1001, 1],
  ])('with %i ms left are %i: the second list needs a second', async (remainingMs, queries) => {
    await using bench = await startKillBench();
    const { orderId } = bench.exchange.place({ symbol: CALL });
    bench.exchange.behaviour.massSurvivors = () => true;
    bench.exchange.script(faults.unknownOrder(), { ...CANCELS, times: ALWAYS });
    let lists = 0;
    bench.exchange.beforeCall = (_, { path }) => {
      if (path !== '/eapi/v1/openOrders' || ++lists < 3) return;
      bench.exchange.settle(orderId, 'CANCELLED');
    };
    bench.exchange.script(faults.code(400, -2013, 'Order does not exist.'), { ...QUERIES, times: 4 });

    const end = await bench.kill({}, { remainingMs: 1500 + remainingMs });

    expect(callsOf(bench, QUERIES).length - 4).toBe(queries);
    expect(end.orders.unexamined).toBe(1 - queries);
  });
});
