import { describe, expect, test } from '@jest/globals';
import { type EmbeddedExchange, startExchange } from '../../local/exchange.ts';
import { SYMBOL, signedCall } from './signed-call.ts';

const NOW = 1_592_465_880_000;
const DAY_MS = 24 * 60 * 60 * 1000;

/** Lists open orders. Returns their ids. */
async function open(exchange: EmbeddedExchange, parameters: string, timestamp?: number): Promise<string[]> {
  const path = '/eapi/v1/openOrders';
  const at = timestamp === undefined ? {} : { timestamp };
  return idsIn((await signedCall(exchange, 'GET', parameters, { path, ...at })).body);
}

const idsIn = (body: string) => [...body.matchAll(/"orderId":(\d+)/g)].map(([, id = '']) => id);

describe('the list of open orders', () => {
  test('is in ascending order of ids, whatever the order of placing', async () => {
    await using exchange = await startExchange();
    for (const orderId of ['10', '9', '9223372036854775807', '4611875134427365377'])
      exchange.place({ orderId });

    expect(await open(exchange, SYMBOL)).toEqual(['9', '10', '4611875134427365377', '9223372036854775807']);
  });

  test('begins with the order of orderId', async () => {
    await using exchange = await startExchange();
    for (const orderId of ['1', '2', '3']) exchange.place({ orderId });

    expect(await open(exchange, `${SYMBOL}&orderId=2`)).toEqual(['2', '3']);
  });

  test('has the orders created between startTime and endTime, both included', async () => {
    await using exchange = await startExchange();
    for (const createTime of [1, 2, 3, 4]) exchange.place({ orderId: String(createTime), createTime });

    expect(await open(exchange, `${SYMBOL}&startTime=2&endTime=3`)).toEqual(['2', '3']);
  });

  test('has no more orders than pageCap, and goes on with the next id', async () => {
    await using exchange = await startExchange({ pageCap: 2 });
    for (const orderId of ['1', '2', '3']) exchange.place({ orderId });

    expect(await open(exchange, SYMBOL)).toEqual(['1', '2']);
    expect(await open(exchange, `${SYMBOL}&orderId=3`)).toEqual(['3']);
  });

  test('shows the book of listLagMs ago: canceled orders are open and new ones missing', async () => {
    let now = NOW;
    await using exchange = await startExchange({ now: () => now, listLagMs: 500 });
    exchange.place({ orderId: '1' });
    now += 1000;
    exchange.settle('1', 'CANCELED');
    exchange.place({ orderId: '2' });

    now += 499;
    const lagging = await open(exchange, SYMBOL, now);
    now += 1;
    const current = await open(exchange, SYMBOL, now);

    expect([lagging, current]).toEqual([['1'], ['2']]);
  });

  test('that lags does not delay a query of one order', async () => {
    await using exchange = await startExchange({ listLagMs: 60_000 });
    exchange.place({ orderId: '1', createTime: Date.now() - DAY_MS });
    exchange.fill('1');

    const query = await signedCall(exchange, 'GET', `${SYMBOL}&orderId=1`);

    expect(JSON.parse(query.body).status).toBe('FILLED');
    expect(await open(exchange, SYMBOL)).toEqual(['1']);
  });

  test('shows ghosts as they were when last open', async () => {
    await using exchange = await startExchange();
    const { orderId } = exchange.place({ quantity: '2' });
    exchange.fill(orderId, '1');
    exchange.settle(orderId, 'CANCELED');
    exchange.behaviour.ghosts.add(orderId);

    const list = await signedCall(exchange, 'GET', SYMBOL, { path: '/eapi/v1/openOrders' });

    expect(JSON.parse(list.body)).toMatchObject([{ status: 'PARTIALLY_FILLED', executedQty: '1' }]);
  });
});
