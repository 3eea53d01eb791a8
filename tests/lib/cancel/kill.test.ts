import { describe, expect, test } from '@jest/globals';
import { faults } from '../../../local/exchange.ts';
import { CALL, type KillBench, PUT, startKillBench } from '../../helpers/kill-bench.ts';

const ALWAYS = Number.POSITIVE_INFINITY;
const LISTS = { method: 'GET', path: '/eapi/v1/openOrders' };
const ONLY_SELLS = { only: { side: 'SELL' } };
const EVERYTHING = { kill: { everything: true } };
const firewall = faults.firewall();
const noSymbol = faults.code(400, -1121, 'Invalid symbol.');

/** Returns the calls so far, each with the symbol that it names. */
const callsOf = ({ exchange }: KillBench) =>
  exchange.calls.map(({ method, path, rawQuery }) => {
    const symbol = new URLSearchParams(rawQuery).get('symbol');
    return [method, path.replace('/eapi/v1/', ''), ...(symbol === null ? [] : [symbol])].join(' ');
  });

const listsOf = (bench: KillBench) =>
  bench.exchange.calls.filter(({ path }) => path === '/eapi/v1/openOrders');

/** Calls `act` before the list of this number, from 1 on, reaches the book. */
function beforeList(bench: KillBench, number: number, act: () => void): void {
  bench.exchange.beforeCall = (_, { path }) => {
    if (path === LISTS.path && listsOf(bench).length === number) act();
  };
}

describe('after its single cancels a kill', () => {
  test('of everything lists the symbols that had orders, and all once those are empty', async () => {
    await using bench = await startKillBench();
    bench.exchange.behaviour.massSurvivors = () => true;
    bench.exchange.place({ symbol: CALL });

    await bench.kill(EVERYTHING);

    expect(callsOf(bench).slice(3)).toEqual([
      'GET openOrders',
      `DELETE order ${CALL}`,
      `GET openOrders ${CALL}`,
      'GET openOrders',
      'GET openOrders',
    ]);
  });

  test('lists the symbols alone while they still show orders', async () => {
    await using bench = await startKillBench();
    const { orderId } = bench.exchange.place({ symbol: CALL, side: 'SELL', acceptedForMs: 5000 });

    const end = await bench.kill(ONLY_SELLS);

    const [first, ...next] = callsOf(bench).filter((call) => call.startsWith('GET openOrders'));
    expect([first, ...next.slice(0, 2)]).toEqual([
      'GET openOrders',
      `GET openOrders ${CALL}`,
      `GET openOrders ${CALL}`,
    ]);
    expect(end.results).toMatchObject([{ orderId, outcome: 'canceled' }]);
  });

  test('of a symbol lists that symbol once, and once more for the proof', async () => {
    await using bench = await startKillBench();
    bench.exchange.place({ symbol: CALL, side: 'SELL' });

    await bench.kill({ kill: { symbol: CALL }, ...ONLY_SELLS });

    const list = `GET openOrders ${CALL}`;
    expect(callsOf(bench)).toEqual([list, `DELETE order ${CALL}`, list, list]);
  });

  test.each([
    [20, 20],
    [21, 0],
  ])('lists %i symbols one by one in %i lists, more of them in one list of all', async (count, bySymbol) => {
    await using bench = await startKillBench();
    for (let strike = 1; strike <= count; strike++)
      bench.exchange.place({ symbol: `BTC-261225-${strike}-C`, side: 'SELL' });

    const end = await bench.kill(ONLY_SELLS);

    const lists = listsOf(bench).filter(({ rawQuery }) => rawQuery.startsWith('symbol='));
    expect([end.outcome, lists.length]).toEqual(['emptied', bySymbol]);
  });
});

describe('a list', () => {
  test('of a symbol that has no answer is made again, and not of the whole book', async () => {
    await using bench = await startKillBench();
    bench.exchange.place({ symbol: CALL, side: 'SELL' });
    beforeList(bench, 2, () => bench.exchange.script(faults.unknown503(), LISTS));

    const end = await bench.kill(ONLY_SELLS);

    expect(end.outcome).toBe('emptied');
    expect(callsOf(bench).slice(2, 5)).toEqual([
      `GET openOrders ${CALL}`,
      `GET openOrders ${CALL}`,
      'GET openOrders',
    ]);
  });

  test('of a symbol that is forbidden ends the kill', async () => {
    await using bench = await startKillBench();
    bench.exchange.place({ symbol: CALL, side: 'SELL' });
    beforeList(bench, 2, () => bench.exchange.script(firewall, LISTS));

    const end = await bench.kill(ONLY_SELLS);

    expect([end.outcome, listsOf(bench).length]).toEqual(['forbidden', 2]);
  });

  test('of a scope that the exchange refuses, and of which no order was seen, is an invalid request', async () => {
    await using bench = await startKillBench();
    bench.exchange.script(noSymbol, { ...LISTS, times: ALWAYS });

    const end = await bench.kill({ kill: { symbol: CALL }, ...ONLY_SELLS });

    expect(end).toMatchObject({ outcome: 'invalid-request', reason: { code: -1121 } });
    expect(listsOf(bench)).toHaveLength(1);
  });

  test('that the exchange refuses after it has shown an order of the scope is made again', async () => {
    await using bench = await startKillBench();
    bench.exchange.place({ symbol: CALL, side: 'SELL' });
    beforeList(bench, 2, () => bench.exchange.script(noSymbol, LISTS));

    const end = await bench.kill({ kill: { symbol: CALL }, ...ONLY_SELLS });

    expect(end).toMatchObject({ outcome: 'emptied', orders: { canceled: 1 } });
  });
});

describe('the second list of the proof', () => {
  test('that shows an order has it canceled, and the proof starts again', async () => {
    await using bench = await startKillBench();
    let placed = '';
    beforeList(bench, 2, () => {
      placed = bench.exchange.place({ symbol: CALL, side: 'SELL' }).orderId;
    });

    const end = await bench.kill(ONLY_SELLS);

    expect(end.results).toMatchObject([{ orderId: placed, outcome: 'canceled' }]);
    expect([end.outcome, bench.open()]).toEqual(['emptied', []]);
  });

  test('that is forbidden ends the kill: one list proves nothing', async () => {
    await using bench = await startKillBench();
    beforeList(bench, 2, () => bench.exchange.script(firewall, LISTS));

    const end = await bench.kill(ONLY_SELLS);

    expect([end.outcome, end.asOf]).toEqual(['forbidden', undefined]);
  });

  test('begins a second after the first, less the time of the queries between them', async () => {
    await using bench = await startKillBench();
    bench.exchange.place({ symbol: CALL });
    bench.exchange.beforeCall = (_, { method, path }) => {
      if (method === 'GET' && path === '/eapi/v1/order') bench.time.advance(600);
    };

    const end = await bench.kill();

    const [, first, second] = listsOf(bench);
    expect(end.calls.queries).toBe(1);
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBe(1000);
  });

  test('begins at once after queries of more than a second', async () => {
    await using bench = await startKillBench();
    bench.exchange.place({ symbol: CALL });
    bench.exchange.beforeCall = (_, { method, path }) => {
      if (method === 'GET' && path === '/eapi/v1/order') bench.time.advance(1600);
    };

    await bench.kill();

    const [, first, second] = listsOf(bench);
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBe(1600);
  });

  test.each([[500], [1000]])('is not waited for when %i ms are left', async (remainingMs) => {
    await using bench = await startKillBench();
    const startedAt = bench.time.monotonic();

    const end = await bench.kill(ONLY_SELLS, { remainingMs });

    expect([end.outcome, bench.time.monotonic() - startedAt]).toEqual(['not-emptied', 0]);
  });
});

describe('asOf, when our clock', () => {
  test.each([
    ['is right, is the beginning of the first list', 0, 0],
    ['is set forward before the second list, is still that beginning', -5000, 0],
    ['is set back before the second list, is that beginning by the clock of then', 5000, -5000],
  ])('%s', async (_, setBackMs, shiftMs) => {
    await using bench = await startKillBench();
    bench.time.advance(7000);
    beforeList(bench, 2, () => bench.time.setBack(setBackMs));
    const firstAt = bench.time.now();

    const end = await bench.kill(ONLY_SELLS);

    expect([end.outcome, (end.asOf ?? 0) - firstAt]).toEqual(['emptied', shiftMs]);
  });
});

describe('an equal kill may share a run', () => {
  test('until a list of the whole scope begins, and again once that has shown an order', async () => {
    await using bench = await startKillBench();
    bench.exchange.behaviour.massSurvivors = () => true;
    bench.exchange.place({ symbol: CALL });
    const kill = bench.prepare();
    const shared: [string, boolean][] = [];
    bench.exchange.beforeCall = () => shared.push([callsOf(bench).at(-1) ?? '', kill.mayBeShared]);

    const isSharedAtFirst = kill.mayBeShared;
    await kill.run();

    expect(isSharedAtFirst).toBe(true);
    expect(shared.slice(2)).toEqual([
      ['GET openOrders', false],
      [`DELETE order ${CALL}`, true],
      [`GET openOrders ${CALL}`, true],
      ['GET openOrders', false],
      ['GET openOrders', false],
    ]);
  });
});

describe('a dry run', () => {
  test('whose list is forbidden says so', async () => {
    await using bench = await startKillBench();
    bench.exchange.script(firewall, LISTS);

    expect(await bench.kill({ dryRun: true })).toMatchObject({ outcome: 'forbidden' });
  });
});

test('an underlying that is not configured is emptied where an open order shows that it exists', async () => {
  await using bench = await startKillBench({ underlyings: ['SOLUSDT'] });
  bench.exchange.place({ symbol: 'SOL-261225-100-C', side: 'SELL' });

  const end = await bench.kill({ kill: { underlying: 'SOLUSDT' }, ...ONLY_SELLS });

  expect([end.outcome, bench.open()]).toEqual(['emptied', []]);
});

describe('a kill whose time is up', () => {
  test('is not-emptied, and says that time was up, when a list showed an order that stays', async () => {
    await using bench = await startKillBench();
    bench.exchange.place({ symbol: CALL, acceptedForMs: ALWAYS });

    const end = await bench.kill({}, { remainingMs: 5000 });

    expect(end).toMatchObject({
      outcome: 'not-emptied',
      reason: { detail: 'time was up before the scope was proven empty' },
    });
  });

  test.each([
    ['unknown', {}],
    ['unavailable', ONLY_SELLS],
  ])('is %s, with the code of the list that failed last, when no list succeeded', async (outcome, fields) => {
    await using bench = await startKillBench();
    bench.exchange.script(faults.unknown503(), { ...LISTS, times: ALWAYS });

    expect(await bench.kill(fields)).toMatchObject({ outcome, reason: { code: -1000 } });
  });

  test('is throttled when its weight was reserved until then', async () => {
    await using bench = await startKillBench({ knownWeightLimit: 400 });
    bench.exchange.useWeight(390);
    bench.client.start();
    await bench.client.ready();

    expect(await bench.kill(ONLY_SELLS, { remainingMs: 5000 })).toMatchObject({ outcome: 'throttled' });
  });

  test('does not pause into its last millisecond', async () => {
    await using bench = await startKillBench();
    bench.exchange.script(faults.unknown503(), { ...LISTS, times: ALWAYS });
    const startedAt = bench.time.monotonic();

    await bench.kill(ONLY_SELLS, { remainingMs: 200 });

    expect(bench.time.monotonic()).toBe(startedAt);
  });
});

describe('expiresAt', () => {
  test('is the last millisecond in which a kill begins', async () => {
    await using bench = await startKillBench();
    const now = bench.time.now();

    expect((await bench.kill({ expiresAt: now })).outcome).toBe('emptied');
  });

  test('is named by a kill that came after it', async () => {
    await using bench = await startKillBench();
    const expiresAt = Date.UTC(2026, 0, 31, 11);

    expect(await bench.kill({ expiresAt })).toMatchObject({
      outcome: 'expired',
      reason: { detail: 'no cancel was sent after expiresAt, 2026-01-31T11:00:00.000Z' },
    });
  });

  test.each([
    ['a mass cancel', {}, 0],
    ['a mass cancel and a single one', {}, 1],
    ['a single cancel', ONLY_SELLS, 1],
  ])('that passes after %s leaves the kill not-emptied', async (_, fields, cancels) => {
    await using bench = await startKillBench();
    bench.exchange.place({ symbol: PUT, side: 'SELL', acceptedForMs: ALWAYS });
    const expiresAt = bench.time.now() + 500;
    if (cancels === 0) beforeList(bench, 2, () => bench.time.advance(600));

    const end = await bench.kill({ ...fields, expiresAt });

    expect([end.outcome, end.calls.cancels]).toEqual(['not-emptied', cancels]);
  });
});
