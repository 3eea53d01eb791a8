/**
 * The other ways to empty a book, as handlers of the benchmark. `BENCH_KILL` names the one that
 * this module exports, so that a process loads one client alone.
 */
import * as v from 'valibot';
import { handlerOf, jsonAnswer, readSecret, signedCall } from '../contenders/shared.ts';

/** The symbols with open orders, which a contender without lists has to know. */
const symbols = (process.env.BENCH_SYMBOLS ?? '').split(',');
/** The number of calls that a contender sends at once. */
const width = Number(process.env.BENCH_WIDTH);
const baseUrl = process.env.BINANCE_BASE_URL ?? '';
const keys = await readSecret();

const killBody = v.object({ kill: v.object({ underlying: v.string() }) });
const openOrders = v.array(v.object({ symbol: v.string() }));
const ORDER = /"orderId":(\d+),"symbol":"([^"]+)"/g;
const isOf = (underlying: string) => (order: { readonly symbol: string }) =>
  `${order.symbol.split('-')[0]}USDT` === underlying;

/**
 * Kills with ccxt's `cancelAllOrders`: symbol by symbol with its defaults, or all symbols at once
 * with its rate limiter off.
 */
async function ccxt() {
  const { ccxtOf } = await import('../clients.ts');
  const client = ccxtOf({ apiKey: keys.apiKey, secret: keys.apiSecret }, baseUrl, baseUrl);
  await client.loadMarkets();
  client.enableRateLimit = width === 1;
  return async () => {
    await forEach(symbols, (symbol) => client.cancelAllOrders(symbol));
    return jsonAnswer(200, {});
  };
}

/**
 * Kills with one mass call of the official connector, then one list. An order left is a failure.
 */
async function connector() {
  const { connectorOf } = await import('../connector.ts');
  const call = connectorOf({ ...keys, basePath: baseUrl });
  return async (underlying: string) => {
    await call('DELETE', '/eapi/v1/allOpenOrdersByUnderlying', { underlying });
    const orders = v.parse(openOrders, await call('GET', '/eapi/v1/openOrders', {}));
    const left = orders.filter(isOf(underlying)).length;
    return jsonAnswer(left === 0 ? 200 : 409, { left });
  };
}

/** Kills with one list and a cancel for each order. A cancel without a 200 is a failure. */
async function singles() {
  return async (underlying: string) => {
    const { statusCode, body } = await signedCall(keys, 'GET', '/eapi/v1/openOrders', {});
    if (statusCode !== 200) throw new Error(body);
    const orders = Array.from(body.matchAll(ORDER), ([, orderId = '', symbol = '']) => ({ orderId, symbol }));
    await forEach(orders.filter(isOf(underlying)), async (order) => {
      const answer = await signedCall(keys, 'DELETE', '/eapi/v1/order', order);
      if (answer.statusCode !== 200) throw new Error(answer.body);
    });
    return jsonAnswer(200, {});
  };
}

/** Makes a call for every item, `width` at a time. */
async function forEach<T>(items: readonly T[], call: (item: T) => Promise<unknown>): Promise<void> {
  const left = items.values();
  const worker = async () => {
    for (const item of left) await call(item);
  };
  await Promise.all(Array.from({ length: width }, worker));
}

const kills = { ccxt, connector, singles };
const name = v.parse(v.picklist(['ccxt', 'connector', 'singles']), process.env.BENCH_KILL);
const kill = await kills[name]();

export const handler = handlerOf(({ body = '' }) =>
  kill(v.parse(killBody, JSON.parse(body)).kill.underlying),
);
