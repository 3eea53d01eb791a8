import { describe, expect, test } from '@jest/globals';
import { faults } from '../../local/exchange.ts';
import { CALL, PUT, startKillBench } from '../helpers/kill-bench.ts';

const LIST = 'GET openOrders';
const MASS = 'DELETE allOpenOrdersByUnderlying';
const CANCEL = 'DELETE order';
const QUERY = 'GET order';
const ALWAYS = Number.POSITIVE_INFINITY;

describe('a fresh kill', () => {
  test('sends a list and the mass cancel together, then proves by two lists and a query', async () => {
    await using bench = await startKillBench();
    const { orderId } = bench.exchange.place({ symbol: CALL });

    const end = await bench.kill();

    expect(end).toMatchObject({
      outcome: 'emptied',
      late: false,
      calls: { mass: 1, lists: 3, cancels: 0, queries: 1 },
    });
    expect(bench.digests()).toEqual([LIST, MASS, LIST, QUERY, LIST]);
    expect(end.orders).toEqual({
      seen: 1,
      canceled: 1,
      filled: 0,
      closed: 0,
      unexamined: 0,
      left: 0,
      newer: 0,
    });
    expect(end.results).toMatchObject([{ orderId, symbol: CALL, outcome: 'canceled', executedQty: '0' }]);
    const [, , first, , second] = bench.exchange.calls;
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(1000);
  });

  test('does not wait for a list before its mass cancel', async () => {
    await using bench = await startKillBench({ timeoutMs: 300 });
    bench.exchange.place({ symbol: CALL });
    bench.exchange.script(faults.hang(), { path: '/eapi/v1/openOrders' });

    const kill = bench.kill();
    while (bench.open().length > 0) await new Promise(setImmediate);

    expect(bench.digests().slice(0, 2)).toEqual([LIST, MASS]);
    expect((await kill).outcome).toBe('emptied');
  });

  test('of everything sends one mass cancel for each underlying, and cancels what others show', async () => {
    await using bench = await startKillBench({ underlyings: ['BTCUSDT', 'ETHUSDT', 'SOLUSDT'] });
    for (const base of ['BTC', 'ETH', 'SOL']) bench.exchange.place({ symbol: `${base}-261225-100-C` });

    const end = await bench.kill({ kill: { everything: true } });

    expect([end.outcome, bench.open()]).toEqual(['emptied', []]);
    expect(bench.digests().filter((call) => call === MASS)).toHaveLength(2);
    expect(end.calls.cancels).toBe(1);
  });

  test('of everything only warns of an underlying that the exchange does not know', async () => {
    await using bench = await startKillBench({ underlyings: ['BTCUSDT'] });

    const end = await bench.kill({ kill: { everything: true } });

    expect(end.outcome).toBe('emptied');
    expect(bench.warnings).toEqual([expect.stringContaining('"ETHUSDT"')]);
  });

  test('of an underlying that the exchange does not know is invalid-request', async () => {
    await using bench = await startKillBench({ underlyings: ['BTCUSDT'] });

    const end = await bench.kill({ kill: { underlying: 'XYZUSDT' } });

    expect(end).toMatchObject({ outcome: 'invalid-request', reason: { code: -1128 } });
  });

  test('of an underlying whose mass cancel is refused cancels the orders that are shown', async () => {
    await using bench = await startKillBench();
    bench.exchange.place({ symbol: CALL });
    bench.exchange.script(faults.code(400, -1128, 'Invalid underlying.'), {
      method: 'DELETE',
      path: '/eapi/v1/allOpenOrdersByUnderlying',
      times: ALWAYS,
    });

    const end = await bench.kill();

    expect([end.outcome, bench.open()]).toEqual(['emptied', []]);
  });

  test('cancels up to 20 survivors one by one, by symbol lists in between, and more by another mass cancel', async () => {
    for (const [count, cancels, masses] of [
      [20, 20, 1],
      [21, 0, 2],
    ] as const) {
      await using bench = await startKillBench();
      for (let index = 0; index < count; index++) bench.exchange.place({ symbol: index % 2 ? CALL : PUT });
      bench.exchange.script(faults.answer(200, '{"code":0,"msg":"success"}'), { method: 'DELETE' });

      const end = await bench.kill();

      expect([end.outcome, bench.open()]).toEqual(['emptied', []]);
      expect(end.calls).toMatchObject({ cancels, mass: masses });
      const lists = bench.exchange.calls.filter(({ path }) => path.endsWith('openOrders'));
      expect(lists.filter(({ rawQuery }) => rawQuery.startsWith('symbol='))).toHaveLength(2);
    }
  });
});

describe('a list that does not show an open order', () => {
  test('is contradicted by a query of it: it is canceled, and the proof starts again', async () => {
    await using bench = await startKillBench();
    bench.exchange.place({ symbol: CALL });
    bench.exchange.behaviour.massSurvivors = () => true;
    bench.exchange.script({}, { path: '/eapi/v1/openOrders' });
    bench.exchange.script(faults.staleRead('missing'), { path: '/eapi/v1/openOrders', times: 2 });

    const end = await bench.kill();

    expect([end.outcome, bench.open()]).toEqual(['emptied', []]);
    expect(end.calls.cancels).toBe(1);
    expect(end.orders).toMatchObject({ seen: 1, canceled: 1 });
  });

  test('keeps a scope from being proven while the order cannot be canceled', async () => {
    await using bench = await startKillBench();
    const { orderId } = bench.exchange.place({ symbol: CALL, acceptedForMs: ALWAYS });

    const end = await bench.kill({}, { remainingMs: 8000 });

    expect(end).toMatchObject({ outcome: 'not-emptied', asOf: undefined, orders: { left: 1 } });
    expect(end.results).toMatchObject([{ orderId, outcome: 'left' }]);
  });
});

describe('a ghost, which lists show although it has ended', () => {
  const ghost = async (ageMs: number) => {
    const bench = await startKillBench();
    const createTime = bench.time.now() - ageMs;
    const { orderId } = bench.exchange.place({ symbol: CALL, createTime, updateTime: createTime });
    bench.exchange.settle(orderId, 'CANCELED');
    bench.exchange.behaviour.ghosts.add(orderId);
    return bench;
  };

  test('is shown terminal by its own query, and the scope is emptied', async () => {
    await using bench = await ghost(0);

    const end = await bench.kill();

    expect(end).toMatchObject({ outcome: 'emptied', orders: { seen: 1, canceled: 1, left: 0 } });
  });

  test('of more than three days, which no query can show, keeps its scope from being proven', async () => {
    await using bench = await ghost(4 * 24 * 3_600_000);

    const end = await bench.kill();

    expect(end).toMatchObject({ outcome: 'not-emptied', orders: { left: 1 } });
  });
});

describe('only', () => {
  test('narrows a kill to matching orders, without a mass cancel', async () => {
    await using bench = await startKillBench();
    const place = (symbol: string, side: 'BUY' | 'SELL', clientOrderId: string) =>
      bench.exchange.place({ symbol, side, clientOrderId }).orderId;
    const [match, otherSide, otherOption, otherName] = [
      place(CALL, 'SELL', 'mm1-a'),
      place(CALL, 'BUY', 'mm1-b'),
      place(PUT, 'SELL', 'mm1-c'),
      place(CALL, 'SELL', 'mm10-d'),
    ];

    const end = await bench.kill({ only: { side: 'SELL', optionSide: 'CALL', clientOrderIdPrefix: 'mm1-' } });

    expect(end).toMatchObject({ outcome: 'emptied', calls: { mass: 0 } });
    expect(end.results.map(({ orderId }) => orderId)).toEqual([match]);
    expect(bench.open()).toEqual([otherSide, otherOption, otherName]);
  });

  test('leaves an order alone that does not show the field, and does not prove the scope empty', async () => {
    await using bench = await startKillBench();
    const order = { orderId: '1', symbol: CALL, status: 'NEW', clientOrderId: '' };
    const list = faults.answer(200, JSON.stringify([order]));
    bench.exchange.script(list, { path: '/eapi/v1/openOrders', times: ALWAYS });

    const end = await bench.kill({ only: { side: 'SELL' } });

    expect(end).toMatchObject({
      outcome: 'not-emptied',
      reason: { detail: expect.stringContaining('shows no side') },
    });
    expect(bench.digests().filter((call) => call === CANCEL)).toEqual([]);
  });

  test('of an underlying that nothing shows to exist is invalid-request', async () => {
    await using bench = await startKillBench();

    const end = await bench.kill({ kill: { underlying: 'BTXUSDT' }, only: { side: 'SELL' } });

    expect(end).toMatchObject({
      outcome: 'invalid-request',
      reason: { detail: expect.stringContaining('BTXUSDT') },
    });
  });
});

describe('a late kill', () => {
  test('leaves orders alone that were created more than 5 s after it was asked for, and counts them', async () => {
    await using bench = await startKillBench();
    const askedAt = bench.time.now();
    bench.exchange.place({ symbol: CALL });
    bench.time.advance(5000);
    bench.exchange.place({ symbol: CALL });
    bench.time.advance(1);
    const newer = bench.exchange.place({ symbol: CALL });
    bench.time.advance(120_000);

    const end = await bench.kill({}, { askedAt });

    expect(end).toMatchObject({ outcome: 'emptied', late: true, orders: { seen: 2, canceled: 2, newer: 1 } });
    expect(bench.open()).toEqual([newer.orderId]);
    expect(bench.digests()).not.toContain(MASS);
  });

  test('begins more than 120 s after it was asked for', async () => {
    for (const [waitedMs, late] of [
      [120_000, false],
      [120_001, true],
    ] as const) {
      await using bench = await startKillBench();
      const askedAt = bench.time.now() - waitedMs;

      expect((await bench.kill({}, { askedAt })).late).toBe(late);
    }
  });
});

describe('a kill that cannot go on', () => {
  test.each([
    ['throttled', faults.tooMany(5, { enforced: true })],
    ['forbidden', faults.firewall()],
    ['credentials', faults.code(401, -2015, 'Invalid API-key, IP, or permissions for action.')],
  ])('is %s, whichever call is told so', async (outcome, fault) => {
    for (const path of ['allOpenOrdersByUnderlying', 'openOrders', 'order']) {
      await using bench = await startKillBench();
      bench.exchange.place({ symbol: CALL });
      bench.exchange.behaviour.massSurvivors = () => true;
      if (path === 'openOrders') bench.exchange.script({}, { path: `/eapi/v1/${path}` });
      bench.exchange.script(fault, {
        path: `/eapi/v1/${path}`,
        times: outcome === 'credentials' ? ALWAYS : 1,
      });

      const end = await bench.kill();

      expect([path, end.outcome, end.asOf]).toEqual([path, outcome, undefined]);
    }
  });

  test('is unknown when no list was answered after its mass cancel, and unavailable when it sent none', async () => {
    await using bench = await startKillBench();
    bench.exchange.script(faults.unknown503(), { path: '/eapi/v1/openOrders', times: ALWAYS });

    const fresh = await bench.kill();
    const selective = await bench.kill({ only: { side: 'SELL' } });

    expect([fresh.outcome, selective.outcome]).toEqual(['unknown', 'unavailable']);
  });

  test('is expired past expiresAt, without a call', async () => {
    await using bench = await startKillBench();

    const end = await bench.kill({ expiresAt: bench.time.now() - 1 });

    expect([end.outcome, bench.digests()]).toEqual(['expired', []]);
  });
});

test('a dry run lists what would be canceled and cancels nothing', async () => {
  await using bench = await startKillBench();
  const { orderId } = bench.exchange.place({ symbol: CALL });
  bench.exchange.place({ symbol: 'ETH-261225-4000-P' });

  const end = await bench.kill({ dryRun: true });

  expect(end).toMatchObject({ outcome: 'dry-run', orders: { seen: 1, left: 1 } });
  expect(end.results).toMatchObject([{ orderId, outcome: 'left' }]);
  expect(new Set(bench.digests())).toEqual(new Set([LIST]));
  expect(bench.open()).toHaveLength(2);
});

test('above 95 % of the weight a list waits for the next minute, and cancels go on', async () => {
  await using bench = await startKillBench({ knownWeightLimit: 400 });
  bench.exchange.place({ symbol: CALL });
  bench.time.advance(50_000);
  bench.exchange.useWeight(380);

  const end = await bench.kill();

  const minutes = bench.exchange.calls.map(({ path, at }) => [
    path.replace('/eapi/v1/', ''),
    Math.floor(at / 60_000),
  ]);
  expect(end.outcome).toBe('emptied');
  const [[, minute] = []] = minutes;
  expect(
    minutes
      .filter(([path]) => path === 'openOrders')
      .slice(1)
      .every(([, at]) => at !== minute),
  ).toBe(true);
});
