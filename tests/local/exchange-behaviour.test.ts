import { describe, expect, test } from '@jest/globals';
import { codeFaults, type EmbeddedExchange, faults, startExchange } from '../../local/exchange.ts';
import { http, SYMBOL, signedCall } from './signed-call.ts';

const ID = '4611875134427365377';
const BY_ID = `${SYMBOL}&orderId=${ID}`;
const BY_NAME = `${SYMBOL}&clientOrderId=desk-1`;
const DAY_MS = 24 * 60 * 60 * 1000;
const OPEN_ORDERS = { path: '/eapi/v1/openOrders' };

/** Places a finished order, then a pending one with the same name. */
function placeTwoBearers(exchange: EmbeddedExchange) {
  const older = exchange.place({ clientOrderId: 'desk-1', status: 'FILLED', executedQty: '1' });
  return { older, pending: exchange.place({ clientOrderId: 'desk-1' }) };
}

const idIn = (body: string) => /"orderId":(\d+)/.exec(body)?.[1];

describe('an order of days ago', () => {
  test('has the times it is placed with', async () => {
    await using exchange = await startExchange();

    const created = exchange.place({ createTime: 1000 });
    const updated = exchange.place({ createTime: 1000, updateTime: 2000 });

    expect([created.createTime, created.updateTime]).toEqual([1000, 1000]);
    expect([updated.createTime, updated.updateTime]).toEqual([1000, 2000]);
  });

  test.each([
    [4, '0', -2013],
    [2, '0', undefined],
    [4, '0.5', undefined],
  ])('of %d days with %s executed is queried after its cancel: code %s', async (days, executedQty, code) => {
    const now = 1_592_465_880_683;
    await using exchange = await startExchange({ now: () => now });
    exchange.place({ createTime: now - days * DAY_MS, executedQty });

    const before = await signedCall(exchange, 'GET', BY_ID, { timestamp: now });
    const cancel = await signedCall(exchange, 'DELETE', BY_ID, { timestamp: now });
    const after = await signedCall(exchange, 'GET', BY_ID, { timestamp: now });

    expect([before.status, cancel.status]).toEqual([200, 200]);
    expect(JSON.parse(after.body).code).toBe(code);
  });

  test.each(['REJECTED', 'EXPIRED', 'EXPIRED_IN_MATCH', 'CANCELED'] as const)(
    'that is %s without a fill is not found',
    async (status) => {
      await using exchange = await startExchange();
      exchange.place({ createTime: Date.now() - 4 * DAY_MS });
      exchange.settle(ID, status);

      const answer = await signedCall(exchange, 'GET', BY_ID);

      expect(JSON.parse(answer.body).code).toBe(-2013);
    },
  );
});

describe('a status', () => {
  test.each(['NEW', 'ACCEPTED', 'PARTIALLY_FILLED'] as const)('%s is open', async (status) => {
    await using exchange = await startExchange();
    exchange.place({ status });

    const answer = await signedCall(exchange, 'DELETE', BY_ID);

    expect(answer.status).toBe(200);
  });

  test.each(['FILLED', 'CANCELED', 'REJECTED', 'EXPIRED', 'EXPIRED_IN_MATCH'] as const)(
    '%s is final and is shown by a query',
    async (status) => {
      await using exchange = await startExchange();
      exchange.place({ status });

      const cancel = await signedCall(exchange, 'DELETE', BY_ID);
      const query = await signedCall(exchange, 'GET', BY_ID);

      expect(cancel.status).toBe(400);
      expect(JSON.parse(query.body).status).toBe(status);
    },
  );
});

describe('a cancel of a finished order', () => {
  test.each([-2011, -2013, -6028] as const)('is answered with %d as chosen', async (code) => {
    await using exchange = await startExchange({ finishedCancelCode: code });
    exchange.place({ status: 'FILLED' });

    const finished = await signedCall(exchange, 'DELETE', BY_ID);
    const missing = await signedCall(exchange, 'DELETE', `${SYMBOL}&orderId=1`);

    expect(JSON.parse(finished.body).code).toBe(code);
    expect(JSON.parse(missing.body).code).toBe(-2011);
  });
});

describe('a query by a name that was used twice', () => {
  test('finds the pending order, or the older one as chosen', async () => {
    await using exchange = await startExchange();
    const { older, pending } = placeTwoBearers(exchange);

    const first = await signedCall(exchange, 'GET', BY_NAME);
    exchange.behaviour.nameQueryFinds = 'older';
    const second = await signedCall(exchange, 'GET', BY_NAME);
    const cancel = await signedCall(exchange, 'DELETE', BY_NAME);

    expect(idIn(first.body)).toBe(pending.orderId);
    expect(idIn(second.body)).toBe(older.orderId);
    expect(idIn(cancel.body)).toBe(pending.orderId);
  });

  test('finds the older one once with a stale read', async () => {
    await using exchange = await startExchange();
    const { older, pending } = placeTwoBearers(exchange);
    exchange.script(faults.staleRead('older-bearer'));

    const stale = await signedCall(exchange, 'GET', BY_NAME);
    const fresh = await signedCall(exchange, 'GET', BY_NAME);

    expect([idIn(stale.body), idIn(fresh.body)]).toEqual([older.orderId, pending.orderId]);
  });
});

describe('a call with an id and the name of another order', () => {
  test.each([
    ['id-then-name-check', undefined],
    ['id', '1'],
    ['name', '2'],
  ] as const)('with %s cancels order %s', async (bothIdentifiers, canceled) => {
    await using exchange = await startExchange({ bothIdentifiers });
    exchange.place({ orderId: '1', clientOrderId: 'one' });
    exchange.place({ orderId: '2', clientOrderId: 'two' });

    const answer = await signedCall(exchange, 'DELETE', `${SYMBOL}&orderId=1&clientOrderId=two`);

    expect(idIn(answer.body)).toBe(canceled);
    const canceledIds = [...exchange.orders].filter(({ status }) => status === 'CANCELLED');
    expect(canceledIds.map(({ orderId }) => orderId)).toEqual(canceled === undefined ? [] : [canceled]);
  });
});

test('a list that misses orders is empty, and the next is whole', async () => {
  await using exchange = await startExchange();
  exchange.place();
  exchange.script(faults.staleRead('missing'));

  const missing = await signedCall(exchange, 'GET', SYMBOL, OPEN_ORDERS);
  const whole = await signedCall(exchange, 'GET', SYMBOL, OPEN_ORDERS);

  expect(missing.body).toBe('[]');
  expect(JSON.parse(whole.body)).toHaveLength(1);
});

describe('an error answer', () => {
  test.each(Object.entries(codeFaults))(
    '%s leaves the order open unless it is executed',
    async (_name, fault) => {
      await using exchange = await startExchange();
      exchange.place();
      exchange.script(fault());
      exchange.script(fault({ executed: true }));

      const first = await signedCall(exchange, 'DELETE', BY_ID);
      const statusAfterFirst = exchange.order(ID)?.status;
      const second = await signedCall(exchange, 'DELETE', BY_ID);

      expect(JSON.parse(first.body).code).toBeLessThan(0);
      expect(second.body).toBe(first.body);
      expect(statusAfterFirst).toBe('ACCEPTED');
      expect(exchange.order(ID)?.status).toBe('CANCELLED');
    },
  );

  test('has a code of its own for every name', () => {
    const bodies = Object.values(codeFaults).map((fault) => JSON.stringify(fault().answer));

    expect(new Set(bodies).size).toBe(14);
  });

  test('can be any order, such as a rejected one', async () => {
    await using exchange = await startExchange();
    exchange.place();
    exchange.script(faults.answer(200, `{"orderId":${ID},"status":"REJECTED"}`, { executed: true }));

    const answer = await signedCall(exchange, 'DELETE', BY_ID);

    expect(answer).toMatchObject({ status: 200, body: `{"orderId":${ID},"status":"REJECTED"}` });
    expect(exchange.order(ID)?.status).toBe('CANCELLED');
  });
});

describe('the weight limit', () => {
  test('is 400 by default, and a throttle states the limit that is set', async () => {
    await using live = await startExchange();
    await using documented = await startExchange({ weightLimit: 2400 });
    for (const exchange of [live, documented]) exchange.script(faults.tooMany(1));

    const answers = [await signedCall(live, 'GET', BY_ID), await signedCall(documented, 'GET', BY_ID)];

    expect(answers.map(({ body }) => /limit is (\d+) /.exec(body)?.[1])).toEqual(['400', '2400']);
  });
});

describe('exchangeInfo', () => {
  const info = (exchange: EmbeddedExchange) => http('GET', `${exchange.url}/eapi/v1/exchangeInfo`);

  test('lists underlyings, over 1 MiB of symbols, and the weight limit, for weight 1', async () => {
    await using exchange = await startExchange();

    const answer = await info(exchange);

    const body = JSON.parse(answer.body);
    expect(answer.headers['x-mbx-used-weight-1m']).toBe('1');
    expect(answer.body.length).toBeGreaterThan(1024 * 1024);
    expect(body.optionContracts.map(({ underlying }: { underlying: string }) => underlying)).toEqual([
      'BTCUSDT',
      'ETHUSDT',
      'BNBUSDT',
      'SOLUSDT',
      'XRPUSDT',
      'DOGEUSDT',
      'XAUUSDT',
      'XAGUSDT',
    ]);
    expect(body.optionSymbols).toHaveLength(1750);
    expect(new Set(body.optionSymbols.map(({ symbol }: { symbol: string }) => symbol)).size).toBe(1750);
    expect(body.optionSymbols[0]).toMatchObject({
      symbol: 'BTC-200730-9000-C',
      underlying: 'BTCUSDT',
      status: 'TRADING',
      expiryDate: Date.UTC(2020, 6, 30, 8),
      side: 'CALL',
      strikePrice: '9000',
    });
    expect(body.rateLimits[0]).toEqual({
      rateLimitType: 'REQUEST_WEIGHT',
      interval: 'MINUTE',
      intervalNum: 1,
      limit: 400,
    });
  });

  test('lists the underlyings it is given, and calls and puts of each', async () => {
    await using exchange = await startExchange({ underlyings: ['BTCDOMUSDT'], weightLimit: 50 });

    const body = JSON.parse((await info(exchange)).body);

    expect(body.optionContracts).toHaveLength(1);
    expect(body.optionSymbols.slice(-2)).toMatchObject([
      { underlying: 'BTCDOMUSDT', side: 'CALL' },
      { underlying: 'BTCDOMUSDT', side: 'PUT' },
    ]);
    expect(body.rateLimits[0].limit).toBe(50);
  });
});
