import { describe, expect, test } from '@jest/globals';
import { startExchange } from '../../local/exchange.ts';
import { SYMBOL, signedCall } from './signed-call.ts';

const FIRST_ID = '4611875134427365377';
const BY_FIRST_ID = `${SYMBOL}&orderId=${FIRST_ID}`;

describe('a cancel', () => {
  test('answers byte for byte as seen live, with the id as a bare integer', async () => {
    const now = 1_592_465_880_683;
    await using exchange = await startExchange({ now: () => now });
    exchange.place();

    const answer = await signedCall(exchange, 'DELETE', BY_FIRST_ID, { timestamp: now });

    expect(answer.status).toBe(200);
    expect(answer.body).toBe(
      '{"orderId":4611875134427365377,"symbol":"BTC-200730-9000-C","price":"100","quantity":"1","executedQty":"0",' +
        '"fee":"0","side":"BUY","type":"LIMIT","timeInForce":"GTC","reduceOnly":false,"postOnly":false,' +
        '"createTime":1592465880683,"updateTime":1592465880683,"status":"CANCELLED","avgPrice":"0","source":"API",' +
        '"clientOrderId":"","priceScale":4,"quantityScale":4,"optionSide":"CALL","quoteAsset":"USDT","mmp":false,' +
        '"selfTradePreventionMode":"NONE"}',
    );
    expect(exchange.order(FIRST_ID)?.status).toBe('CANCELLED');
  });

  test('answers in the documented form when the exchange accepts first', async () => {
    const now = 1_592_465_880_683;
    await using exchange = await startExchange({ now: () => now, acceptedForMs: 0 });
    exchange.place();

    const answer = await signedCall(exchange, 'DELETE', BY_FIRST_ID, { timestamp: now });

    expect(answer.body).toBe(
      '{"orderId":4611875134427365377,"symbol":"BTC-200730-9000-C","price":"100","quantity":"1","executedQty":"0",' +
        '"side":"BUY","type":"LIMIT","timeInForce":"GTC","reduceOnly":false,"createDate":1592465880683,' +
        '"updateTime":1592465880683,"status":"ACCEPTED","avgPrice":"0","source":"API","clientOrderId":"",' +
        '"priceScale":4,"quantityScale":4,"optionSide":"CALL","quoteAsset":"USDT","mmp":false}',
    );
    expect(exchange.order(FIRST_ID)?.status).toBe('CANCELLED');
  });

  test('that was accepted takes effect on the exchange’s clock, unless the order is filled first', async () => {
    let now = 1_592_465_880_683;
    await using exchange = await startExchange({ now: () => now, acceptedForMs: 300 });
    const canceled = exchange.place();
    const filled = exchange.place({ acceptedForMs: 300 });
    const never = exchange.place({ acceptedForMs: Number.POSITIVE_INFINITY });
    for (const { orderId } of [canceled, filled, never]) {
      await signedCall(exchange, 'DELETE', `${SYMBOL}&orderId=${orderId}`, { timestamp: now });
    }

    now += 299;
    exchange.fill(filled.orderId);
    const before = exchange.order(canceled.orderId)?.status;
    now += 1;

    expect(before).toBe('ACCEPTED');
    expect(exchange.order(canceled.orderId)?.status).toBe('CANCELLED');
    expect(exchange.order(filled.orderId)?.status).toBe('FILLED');
    expect(exchange.order(never.orderId)?.status).toBe('ACCEPTED');
  });

  test('keeps the executed quantity of a partly filled order', async () => {
    await using exchange = await startExchange();
    exchange.place({ quantity: '1' });
    exchange.fill(FIRST_ID, '0.3');

    const answer = await signedCall(exchange, 'DELETE', BY_FIRST_ID);

    expect(JSON.parse(answer.body)).toMatchObject({
      status: 'CANCELLED',
      executedQty: '0.3',
      avgPrice: '100',
    });
  });

  test.each(['FILLED', 'CANCELLED', 'REJECTED', 'EXPIRED'] as const)(
    'of an order that is %s is refused with -2011 and changes nothing',
    async (status) => {
      await using exchange = await startExchange();
      exchange.place({ status });

      const answer = await signedCall(exchange, 'DELETE', BY_FIRST_ID);

      expect(answer).toMatchObject({ status: 400, body: '{"code":-2011,"msg":"Unknown order sent."}' });
      expect(exchange.order(FIRST_ID)?.status).toBe(status);
    },
  );

  test('of a neighbouring id, or of another symbol, is refused and cancels nothing', async () => {
    await using exchange = await startExchange();
    exchange.place();

    const nextId = await signedCall(exchange, 'DELETE', `${SYMBOL}&orderId=4611875134427365376`);
    const otherSymbol = await signedCall(exchange, 'DELETE', `symbol=BTC-200730-9000-P&orderId=${FIRST_ID}`);

    expect(nextId.body).toBe('{"code":-2011,"msg":"Unknown order sent."}');
    expect(otherSymbol.body).toBe('{"code":-2011,"msg":"Unknown order sent."}');
    expect(exchange.order(FIRST_ID)?.status).toBe('ACCEPTED');
  });

  test.each(['1', '9007199254740993', '9223372036854775807'])(
    'finds id %s digit for digit',
    async (orderId) => {
      await using exchange = await startExchange();
      exchange.place({ orderId });

      const answer = await signedCall(exchange, 'DELETE', `${SYMBOL}&orderId=${orderId}`);

      expect(answer.body.startsWith(`{"orderId":${orderId},`)).toBe(true);
      expect(exchange.order(orderId)?.status).toBe('CANCELLED');
    },
  );

  test('with id and name finds the order by id and refuses another name', async () => {
    await using exchange = await startExchange();
    const named = exchange.place({ clientOrderId: 'desk-1' });

    const wrongName = await signedCall(exchange, 'DELETE', `${BY_FIRST_ID}&clientOrderId=desk-2`);
    const statusAfterWrongName = exchange.order(named.orderId)?.status;
    const rightName = await signedCall(exchange, 'DELETE', `${BY_FIRST_ID}&clientOrderId=desk-1`);

    expect(wrongName.body).toBe('{"code":-2011,"msg":"Unknown order sent."}');
    expect(statusAfterWrongName).toBe('ACCEPTED');
    expect(rightName.status).toBe(200);
  });
});

describe('a name', () => {
  test('means the pending order that carries it, not the newest', async () => {
    await using exchange = await startExchange();
    const pending = exchange.place({ clientOrderId: 'kill' });
    const newest = exchange.place({ clientOrderId: 'kill', status: 'FILLED' });

    const answer = await signedCall(exchange, 'DELETE', `${SYMBOL}&clientOrderId=kill`);

    expect(answer.body.startsWith(`{"orderId":${pending.orderId},`)).toBe(true);
    expect(exchange.order(newest.orderId)?.status).toBe('FILLED');
  });

  test('means the newest order when none is pending', async () => {
    await using exchange = await startExchange();
    exchange.place({ clientOrderId: 'kill', status: 'CANCELLED' });
    const newest = exchange.place({ clientOrderId: 'kill', status: 'FILLED' });

    const answer = await signedCall(exchange, 'GET', `${SYMBOL}&clientOrderId=kill`);

    expect(answer.body.startsWith(`{"orderId":${newest.orderId},`)).toBe(true);
  });

  test('of 64 visible ASCII characters arrives unchanged', async () => {
    await using exchange = await startExchange();
    const clientOrderId = `!"#$%&'()*+,-./:;<=>?@[]^_{|}~`.padEnd(64, 'x');
    const { orderId } = exchange.place({ clientOrderId });

    const name = encodeURIComponent(clientOrderId);
    const answer = await signedCall(exchange, 'DELETE', `${SYMBOL}&clientOrderId=${name}`);

    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body).clientOrderId).toBe(clientOrderId);
    expect(exchange.order(orderId)?.status).toBe('CANCELLED');
  });
});

describe('a query', () => {
  test('shows an order in any status', async () => {
    await using exchange = await startExchange();
    exchange.place();
    exchange.fill(FIRST_ID);

    const answer = await signedCall(exchange, 'GET', BY_FIRST_ID);

    expect(JSON.parse(answer.body)).toMatchObject({ status: 'FILLED', executedQty: '1', avgPrice: '100' });
  });

  test('of an order that does not exist is refused with -2013', async () => {
    await using exchange = await startExchange();

    const byId = await signedCall(exchange, 'GET', BY_FIRST_ID);
    const byName = await signedCall(exchange, 'GET', `${SYMBOL}&clientOrderId=missing`);

    expect(byId).toMatchObject({ status: 400, body: '{"code":-2013,"msg":"Order does not exist."}' });
    expect(byName.body).toBe('{"code":-2013,"msg":"Order does not exist."}');
  });

  test.each([
    ['CANCELLED', '0', -2013],
    ['REJECTED', '0', -2013],
    ['CANCELLED', '0.5', undefined],
    ['FILLED', '1', undefined],
    ['ACCEPTED', '0', undefined],
  ] as const)('three days later finds %s with %s executed: code %s', async (status, executedQty, code) => {
    let now = 1_592_465_880_683;
    await using exchange = await startExchange({ now: () => now });
    exchange.place({ status, executedQty });

    now += 3 * 24 * 60 * 60 * 1000;
    const inTime = await signedCall(exchange, 'GET', BY_FIRST_ID, { timestamp: now });
    now += 1;
    const late = await signedCall(exchange, 'GET', BY_FIRST_ID, { timestamp: now });

    expect(inTime.status).toBe(200);
    expect(JSON.parse(late.body).code).toBe(code);
  });

  test('of open orders lists those of a symbol for weight 1, or all for weight 40', async () => {
    await using exchange = await startExchange();
    exchange.place();
    exchange.place({ status: 'FILLED' });
    exchange.place({ symbol: 'DOGE-240126-0.08-P' });

    const path = '/eapi/v1/openOrders';
    const ofSymbol = await signedCall(exchange, 'GET', 'symbol=DOGE-240126-0.08-P', { path });
    const all = await signedCall(exchange, 'GET', '', { path });

    expect(JSON.parse(ofSymbol.body)).toMatchObject([{ symbol: 'DOGE-240126-0.08-P', optionSide: 'PUT' }]);
    expect(ofSymbol.headers['x-mbx-used-weight-1m']).toBe('1');
    expect(all.body).toContain('{"orderId":4611875134427365377,');
    expect(all.body).toContain('{"orderId":4611875134427365379,');
    expect(all.body).not.toContain('4611875134427365378');
    expect(all.headers['x-mbx-used-weight-1m']).toBe('41');
  });
});

describe('the book', () => {
  test('counts ids up from the documented one and skips ids that are taken', async () => {
    await using exchange = await startExchange();
    exchange.place({ orderId: '4611875134427365378' });

    const ids = [exchange.place(), exchange.place()].map(({ orderId }) => orderId);

    expect(ids).toEqual(['4611875134427365377', '4611875134427365379']);
  });

  test('refuses a taken id, a pending name and a fill that is too large', async () => {
    await using exchange = await startExchange();
    exchange.place({ clientOrderId: 'a' });

    expect(() => exchange.place({ orderId: FIRST_ID })).toThrow('already in the book');
    expect(() => exchange.place({ clientOrderId: 'a' })).toThrow('already named a');
    expect(() => exchange.fill(FIRST_ID, '1.1')).toThrow('less than 1.1 left');
    expect(() => exchange.fill('1')).toThrow('no order 1');
  });

  test('fills in parts without rounding', async () => {
    await using exchange = await startExchange();
    exchange.place({ quantity: '0.3' });

    exchange.fill(FIRST_ID, '0.1');
    const first = exchange.order(FIRST_ID);
    exchange.fill(FIRST_ID, '0.2');

    expect(first).toMatchObject({ status: 'PARTIALLY_FILLED', executedQty: '0.1' });
    expect(exchange.order(FIRST_ID)).toMatchObject({ status: 'FILLED', executedQty: '0.3' });
    expect(() => exchange.fill(FIRST_ID)).toThrow('FILLED, not open');
  });

  test('lists every order in the order of placing', async () => {
    await using exchange = await startExchange();
    exchange.place({ orderId: '9' });
    exchange.place({ orderId: '3', status: 'REJECTED' });

    const listed = [...exchange.orders].map(({ orderId, status }) => [orderId, status]);

    expect(listed).toEqual([
      ['9', 'ACCEPTED'],
      ['3', 'REJECTED'],
    ]);
  });
});
