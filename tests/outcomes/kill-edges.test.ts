import { describe, expect, test } from '@jest/globals';
import { toMoment } from '../../lib/cancel/request.ts';
import { faults } from '../../local/exchange.ts';
import { CALL, startKillBench } from '../helpers/kill-bench.ts';
import { startStage } from '../helpers/stage.ts';
import { SYMBOL, startWorkbench } from '../helpers/workbench.ts';

const ALWAYS = Number.POSITIVE_INFINITY;
const LISTS = { path: '/eapi/v1/openOrders', times: ALWAYS };
const MASS = { path: '/eapi/v1/allOpenOrdersByUnderlying', times: ALWAYS };
const DAY = 24 * 3_600_000;

const isList = ({ path }: { readonly path: string }) => path.endsWith('openOrders');

describe('a kill that is emptied', () => {
  test('has two lists in a row that show whether the kill covers their orders', async () => {
    await using bench = await startKillBench();
    const order = { orderId: '1', symbol: CALL, status: 'NEW', clientOrderId: '' };
    const list = faults.answer(200, JSON.stringify([order]));
    bench.exchange.script(faults.answer(200, '[]'), { path: '/eapi/v1/openOrders' });
    bench.exchange.script(list, LISTS);

    const end = await bench.kill({ kill: { underlying: 'BTCUSDT' }, only: { side: 'SELL' } });

    expect(end.outcome).toBe('not-emptied');
  });

  test.each([
    ['-2011', faults.unknownOrder()],
    ['-6063', faults.cancelRejected()],
  ])('has no old order that lists go on showing, whose cancel was refused with %s', async (_, refusal) => {
    await using bench = await startKillBench();
    bench.exchange.behaviour.massSurvivors = () => true;
    const createTime = bench.time.now() - 4 * DAY;
    const { orderId } = bench.exchange.place({ symbol: CALL, createTime, updateTime: createTime });
    bench.exchange.script(refusal, { method: 'DELETE', path: '/eapi/v1/order', times: ALWAYS });
    const missing = faults.code(400, -2013, 'Order does not exist.');
    bench.exchange.script(missing, { method: 'GET', path: '/eapi/v1/order', times: ALWAYS });

    const end = await bench.kill();

    expect([bench.open(), end.outcome]).toEqual([[orderId], 'not-emptied']);
  });

  test.each([
    ['while the secret is read', 'secret'],
    ['while the clock is read again', 'clock'],
  ])('begins its second list a second after the first, which waited %s', async (_, cause) => {
    await using bench = await startKillBench();
    if (cause === 'secret') bench.secret.beforeRead = () => bench.time.advance(1500);
    else {
      bench.exchange.script(faults.code(400, -1021, 'Timestamp.'), { path: '/eapi/v1/openOrders' });
      bench.exchange.beforeCall = (_number, { path }) => {
        if (path.endsWith('/time')) bench.time.advance(1500);
      };
    }

    const end = await bench.kill({ only: { side: 'SELL' } });

    const [first, second] = bench.exchange.calls.filter(isList).slice(-2);
    expect([end.outcome, end.calls.lists]).toEqual(['emptied', 2]);
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(1000);
  });

  test("tells asOf by the exchange's clock, also when its first list waits for that clock", async () => {
    await using bench = await startKillBench();
    bench.exchange.clockSkewMs = -30_000;
    bench.client.start();

    const end = await bench.kill({ only: { side: 'SELL' } });

    const lists = bench.exchange.calls.filter(isList);
    expect(end.outcome).toBe('emptied');
    expect(end.asOf).toBeLessThanOrEqual(lists.at(-1)?.at ?? 0);
  });

  test.each([
    ['hangs', faults.hang()],
    ['is unknown', faults.unknown503()],
    ['is refused', faults.code(400, -4021, 'Invalid operation.')],
    ['is answered with an error in a 200', faults.code(200, -1128, 'Invalid underlying.')],
  ])('is of an underlying that exists: a mass cancel that %s does not show that', async (_, fault) => {
    await using bench = await startKillBench({ timeoutMs: 100 });
    bench.exchange.place({ symbol: CALL });
    bench.exchange.script(fault, MASS);

    const end = await bench.kill({ kill: { underlying: 'BTXUSDT' } });

    expect(end.outcome).not.toBe('emptied');
  });
});

describe('a kill', () => {
  test('goes on when a symbol that it lists has expired', async () => {
    await using bench = await startKillBench();
    bench.exchange.behaviour.massSurvivors = () => true;
    const { orderId } = bench.exchange.place({ symbol: CALL, acceptedForMs: ALWAYS });
    bench.exchange.beforeCall = (_, call) => {
      if (!isList(call) || !call.rawQuery.startsWith(`symbol=${CALL}`)) return;
      bench.exchange.settle(orderId, 'EXPIRED');
      bench.exchange.script(faults.code(400, -1121, 'Invalid symbol.'), { path: '/eapi/v1/openOrders' });
    };

    const end = await bench.kill({ kill: { everything: true } });

    expect([end.outcome, bench.open()]).toEqual(['emptied', []]);
  });

  test.each([
    ['refused', faults.code(400, -1128, 'Invalid underlying.')],
    ['unknown', faults.unknown503()],
  ])('of more than 20 orders cancels them singly when every mass cancel is %s', async (_, fault) => {
    await using bench = await startKillBench();
    for (let index = 0; index < 21; index++) bench.exchange.place({ symbol: CALL });
    bench.exchange.script(fault, MASS);

    const end = await bench.kill({}, { remainingMs: 25_000 });

    expect([end.outcome, bench.open().length]).toEqual(['emptied', 0]);
  });

  test.each([
    ['with only', false],
    ['that is late', true],
  ])('%s ends its list on a book where others go on placing orders', async (_, isLate) => {
    await using bench = await startKillBench({ knownWeightLimit: 400, weightLimit: 400 });
    const { orderId } = bench.exchange.place({ symbol: CALL, side: 'SELL' });
    const askedAt = bench.time.now();
    bench.time.advance(isLate ? 180_000 : 0);
    bench.exchange.beforeCall = (_number, call) => {
      bench.time.advance(20);
      if (isList(call)) bench.exchange.place({ symbol: CALL, side: 'BUY' });
    };

    const end = await bench.kill(isLate ? {} : { only: { side: 'SELL' } }, { askedAt, remainingMs: 28_000 });

    expect(end.orders).toMatchObject({ seen: 1, canceled: 1 });
    expect(bench.open()).not.toContain(orderId);
    expect(end.calls.lists).toBeLessThan(20);
    expect(end.outcome).toBe('emptied');
  });

  test('whose expiresAt passes on the way is expired, and does not go on looking', async () => {
    await using bench = await startKillBench();
    bench.secret.beforeRead = () => bench.time.advance(1500);
    bench.exchange.place({ symbol: CALL });

    const end = await bench.kill({ expiresAt: bench.time.now() + 1000 });

    expect(end.outcome).toBe('expired');
    expect(bench.digests().length).toBeLessThan(4);
  });

  test('that reaches no exchange counts no mass cancel, and is unavailable', async () => {
    await using bench = await startKillBench();
    await bench.exchange.down();

    const end = await bench.kill();

    expect([end.outcome, end.calls.mass]).toEqual(['unavailable', 0]);
  });
});

describe('a cancel by name', () => {
  test('whose first query is refused says so, with the code', async () => {
    await using bench = await startWorkbench();
    bench.exchange.place({ clientOrderId: 'mm1-a' });
    bench.exchange.script(faults.code(400, -4021, 'Invalid operation.'), { method: 'GET', times: ALWAYS });

    const { outcome } = await bench.cancel({ clientOrderId: 'mm1-a' }, { looksFirst: true });

    expect(outcome).toMatchObject({ kind: 'unavailable', reason: { code: -4021 } });
  });
});

test('a moment without seconds is never earlier than the end of its first second', () => {
  expect(toMoment('2026-01-31T12:00Z')).toBeGreaterThanOrEqual(Date.UTC(2026, 0, 31, 12, 0, 0, 999));
});

describe('the API', () => {
  test('never answers success to a cancel-all that was a dry run', async () => {
    const stage = await startStage();
    try {
      const call = await stage.loadApi();
      stage.exchange.place({ symbol: SYMBOL });

      const answer = await call({
        path: '/eapi/v1/allOpenOrders',
        query: `symbol=${SYMBOL}`,
        body: '{"dryRun":true}',
        headers: { 'content-type': 'application/json' },
        timeEpoch: Date.now(),
      });

      expect(answer.body).not.toContain('"success"');
    } finally {
      await stage.stop();
    }
  });

  test('never answers success to a cancel-all that has left newer orders alone', async () => {
    const stage = await startStage();
    try {
      const call = await stage.loadApi();
      const { orderId } = stage.exchange.place({ symbol: SYMBOL });
      const seconds = Math.floor(Date.now() / 1000);

      const answer = await call({
        path: '/eapi/v1/allOpenOrders',
        query: `symbol=${SYMBOL}&askedAt=${seconds}`,
        timeEpoch: Date.now(),
      });

      expect(stage.exchange.order(orderId)?.status).toBe('ACCEPTED');
      expect(answer.body).not.toContain('"success"');
    } finally {
      await stage.stop();
    }
  });

  test('names the request, not the kill, in x-request-id', async () => {
    const stage = await startStage();
    try {
      const call = await stage.loadApi();
      const answer = await call({
        method: 'POST',
        path: '/kills',
        body: JSON.stringify({ kill: { symbol: SYMBOL }, killId: 'vol-1', dryRun: true }),
        headers: { 'content-type': 'application/json' },
        requestId: 'Jabc=',
        timeEpoch: Date.now(),
      });

      expect([answer.statusCode, answer.headers['x-request-id']]).toEqual([200, 'Jabc=']);
      expect(answer.headers).toHaveProperty('x-mbx-used-weight-1m');
    } finally {
      await stage.stop();
    }
  });

  test('hands a kill over whose reason has characters that a queue does not take', async () => {
    const stage = await startStage();
    try {
      const call = await stage.loadApi();
      stage.exchange.script(faults.tooMany(5), { times: ALWAYS });

      const answer = await call({
        method: 'POST',
        path: '/kills',
        body: String.raw`{"kill":{"symbol":"${SYMBOL}"},"reason":"vol \uffff"}`,
        headers: { 'content-type': 'application/json' },
        timeEpoch: Date.now(),
      });

      expect(JSON.parse(answer.body)).toHaveProperty('queueMessageId');
    } finally {
      await stage.stop();
    }
  });
});
