import { describe, expect, test } from '@jest/globals';
import {
  type EmbeddedExchange,
  type ExchangeOptions,
  faults,
  placingBot,
  startExchange,
} from '../../local/exchange.ts';
import { defaultKey, freshHmacKey } from '../../local/keys.ts';
import { SYMBOL, signedCall, until } from './signed-call.ts';

const NOW = 1_592_465_880_000;
const BY_SYMBOL = { path: '/eapi/v1/allOpenOrders' };
const BY_UNDERLYING = { path: '/eapi/v1/allOpenOrdersByUnderlying' };

/**
 * Starts an exchange with orders 1 and 2 of the symbol, 3 of its underlying and 4 of another one.
 */
async function startWithOrders(options: ExchangeOptions = {}): Promise<EmbeddedExchange> {
  const exchange = await startExchange({ underlyings: ['BTCUSDT', 'BTCDOMUSDT'], ...options });
  exchange.place({ orderId: '1' });
  exchange.place({ orderId: '2' });
  exchange.place({ orderId: '3', symbol: 'BTC-200730-9000-P' });
  exchange.place({ orderId: '4', symbol: 'BTCDOM-261225-2000-C' });
  return exchange;
}

const openIds = (exchange: EmbeddedExchange) =>
  [...exchange.orders].filter(({ status }) => status === 'ACCEPTED').map(({ orderId }) => orderId);

const cancelSymbol = (exchange: EmbeddedExchange, timestamp = Date.now()) =>
  signedCall(exchange, 'DELETE', SYMBOL, { ...BY_SYMBOL, timestamp });

describe('a cancel of all orders', () => {
  test('of a symbol leaves the others open and answers the code as a string, for weight 5', async () => {
    await using exchange = await startWithOrders();

    const answer = await cancelSymbol(exchange);

    expect(answer).toMatchObject({ status: 200, body: '{"code":"0","msg":"success"}' });
    expect(answer.headers['x-mbx-used-weight-1m']).toBe('5');
    expect(openIds(exchange)).toEqual(['3', '4']);
  });

  test.each([
    ['BTCUSDT', ['4']],
    ['BTCDOMUSDT', ['1', '2', '3']],
  ])('of the underlying %s leaves %j open and answers the code as a number', async (underlying, left) => {
    await using exchange = await startWithOrders();

    const answer = await signedCall(exchange, 'DELETE', `underlying=${underlying}`, BY_UNDERLYING);

    expect(answer).toMatchObject({ status: 200, body: '{"code":0,"msg":"success"}' });
    expect(answer.headers['x-mbx-used-weight-1m']).toBe('5');
    expect(openIds(exchange)).toEqual(left);
  });

  test.each([
    ['underlying=BTC', -1128],
    ['underlying=ETHUSDT', -1128],
    ['underlying=btcusdt', -1100],
    ['', -1102],
  ])('of an underlying is refused for %j with %i', async (parameters, code) => {
    await using exchange = await startWithOrders();

    const answer = await signedCall(exchange, 'DELETE', parameters, BY_UNDERLYING);

    expect(JSON.parse(answer.body).code).toBe(code);
    expect(openIds(exchange)).toHaveLength(4);
  });

  test.each([
    ['string', '"0"'],
    ['number', '0'],
  ] as const)('answers the code as a %s as chosen', async (massCode, code) => {
    await using exchange = await startWithOrders({ massCode });

    const symbol = await cancelSymbol(exchange);
    const underlying = await signedCall(exchange, 'DELETE', 'underlying=BTCUSDT', BY_UNDERLYING);

    expect([symbol.body, underlying.body]).toEqual(Array(2).fill(`{"code":${code},"msg":"success"}`));
  });

  test('answers success or an error as chosen when no order is open', async () => {
    await using exchange = await startExchange();

    const success = await cancelSymbol(exchange);
    exchange.behaviour.massWhenEmpty = -2011;
    const error = await cancelSymbol(exchange);

    expect(success.status).toBe(200);
    expect(error).toMatchObject({ status: 400, body: '{"code":-2011,"msg":"Unknown order sent."}' });
  });

  test('leaves survivors open', async () => {
    await using exchange = await startWithOrders({ massSurvivors: ({ orderId }) => orderId === '2' });

    const answer = await cancelSymbol(exchange);

    expect(answer.status).toBe(200);
    expect(openIds(exchange)).toEqual(['2', '3', '4']);
  });

  test('takes effect massDelayMs after its answer', async () => {
    let now = NOW;
    await using exchange = await startWithOrders({ massDelayMs: 300, now: () => now });

    await cancelSymbol(exchange, now);
    now += 299;
    const before = openIds(exchange);
    now += 1;

    expect(before).toEqual(['1', '2', '3', '4']);
    expect(openIds(exchange)).toEqual(['3', '4']);
    expect(exchange.order('1')?.updateTime).toBe(NOW + 300);
  });

  test('answers success when an accepted cancel takes effect in the middle of the call', async () => {
    let now = NOW;
    await using exchange = await startWithOrders({ acceptedForMs: 300, now: () => now });
    await signedCall(exchange, 'DELETE', `${SYMBOL}&orderId=2`, { timestamp: NOW });
    exchange.behaviour.massSurvivors = () => {
      now = NOW + 300;
      return false;
    };

    const answer = await cancelSymbol(exchange, NOW);

    expect(answer.status).toBe(200);
    expect(openIds(exchange)).toEqual(['3', '4']);
    expect(exchange.order('2')?.updateTime).toBe(NOW + 300);
  });

  test.each([
    ['reset', faults.reset(), 4],
    ['reset, executed', faults.reset({ executed: true }), 2],
  ])('with its answer lost by %s', async (_name, fault, left) => {
    await using exchange = await startWithOrders();
    exchange.script(fault, { path: BY_SYMBOL.path });

    await expect(cancelSymbol(exchange)).rejects.toThrow(/ECONNRESET|hang up/);

    expect(openIds(exchange)).toHaveLength(left);
  });

  test('that hangs takes effect when it is executed', async () => {
    await using exchange = await startWithOrders();
    exchange.script(faults.hang({ executed: true }));
    const caller = new AbortController();

    const call = signedCall(exchange, 'DELETE', SYMBOL, { ...BY_SYMBOL, signal: caller.signal });
    const ended = expect(call).rejects.toThrow('aborted');
    await until(() => openIds(exchange).length === 2);
    caller.abort();

    await ended;
  });
});

describe('a hook before calls', () => {
  test('gets the number and the call, and can fill an order in a race with its cancel', async () => {
    await using exchange = await startWithOrders();
    const received: unknown[] = [];
    exchange.beforeCall = async (number, { method, path }) => {
      received.push([number, method, path]);
      await Promise.resolve();
      exchange.fill('1');
    };

    await cancelSymbol(exchange);

    expect(received).toEqual([[1, 'DELETE', '/eapi/v1/allOpenOrders']]);
    expect(exchange.order('1')?.status).toBe('FILLED');
    expect(exchange.order('2')?.status).toBe('CANCELLED');
  });

  test('can be a bot that places an order before each call', async () => {
    await using exchange = await startExchange();
    exchange.beforeCall = placingBot(exchange, {
      order: { clientOrderId: 'mm' },
      when: ({ method }) => method === 'GET',
      most: 2,
    });

    await cancelSymbol(exchange);
    for (const _ of [1, 2, 3]) await signedCall(exchange, 'GET', SYMBOL, { path: '/eapi/v1/openOrders' });

    expect([...exchange.orders].map(({ clientOrderId }) => clientOrderId)).toEqual(['mm-1', 'mm-2']);
  });
});

describe('an account', () => {
  const desk = { ...freshHmacKey().exchangeKey, account: 'desk-a' };
  const asDesk = { key: desk };

  test('sees and cancels only its own orders', async () => {
    await using exchange = await startExchange({ keys: [defaultKey, desk] });
    const main = exchange.place({ clientOrderId: 'a' });
    const own = exchange.place({ clientOrderId: 'a', account: 'desk-a' });
    exchange.place({ status: 'FILLED', account: 'desk-a' });

    const list = await signedCall(exchange, 'GET', '', { ...asDesk, path: '/eapi/v1/openOrders' });
    const query = await signedCall(exchange, 'GET', `${SYMBOL}&orderId=${main.orderId}`, asDesk);
    const cancel = await signedCall(exchange, 'DELETE', `${SYMBOL}&orderId=${main.orderId}`, asDesk);
    const byName = await signedCall(exchange, 'DELETE', `${SYMBOL}&clientOrderId=a`, asDesk);

    expect(JSON.parse(list.body)).toHaveLength(1);
    expect(JSON.parse(query.body).code).toBe(-2013);
    expect(JSON.parse(cancel.body).code).toBe(-2011);
    expect(byName.status).toBe(200);
    expect(exchange.order(main.orderId)?.status).toBe('ACCEPTED');
    expect(exchange.order(own.orderId)?.status).toBe('CANCELLED');
  });

  test('is not touched by a mass cancel of another', async () => {
    await using exchange = await startExchange({ keys: [defaultKey, desk] });
    const main = exchange.place();
    const own = exchange.place({ account: 'desk-a' });

    await signedCall(exchange, 'DELETE', SYMBOL, { ...asDesk, ...BY_SYMBOL });
    await signedCall(exchange, 'DELETE', 'underlying=BTCUSDT', { ...asDesk, ...BY_UNDERLYING });

    expect(exchange.order(main.orderId)?.status).toBe('ACCEPTED');
    expect(exchange.order(own.orderId)?.status).toBe('CANCELLED');
  });

  test('keeps its orders when its key is rotated, and no answer names it', async () => {
    await using exchange = await startExchange({ keys: [defaultKey, desk] });
    exchange.place({ account: 'desk-a' });
    const next = { ...freshHmacKey().exchangeKey, account: 'desk-a' };

    exchange.setKeys([defaultKey, next]);
    const list = await signedCall(exchange, 'GET', SYMBOL, { key: next, path: '/eapi/v1/openOrders' });

    expect(JSON.parse(list.body)).toHaveLength(1);
    expect(list.body).not.toContain('desk-a');
  });
});
