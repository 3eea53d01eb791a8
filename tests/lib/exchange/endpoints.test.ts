import { describe, expect, test } from '@jest/globals';
import {
  cancelOrder,
  cancelSymbol,
  cancelUnderlying,
  exchangeInfo,
  openOrders,
  queryOrder,
  serverTime,
} from '../../../lib/exchange/endpoints.ts';

const MIB = 1024 * 1024;

test.each([
  [cancelOrder, 'DELETE', '/eapi/v1/order', 'cancel', undefined],
  [queryOrder, 'GET', '/eapi/v1/order', 'query', undefined],
  [openOrders, 'GET', '/eapi/v1/openOrders', 'proof', 8 * MIB],
  [cancelSymbol, 'DELETE', '/eapi/v1/allOpenOrders', 'cancel', undefined],
  [cancelUnderlying, 'DELETE', '/eapi/v1/allOpenOrdersByUnderlying', 'cancel', undefined],
  [serverTime, 'GET', '/eapi/v1/time', 'clock', undefined],
  [exchangeInfo, 'GET', '/eapi/v1/exchangeInfo', 'query', 8 * MIB],
])('endpoint %# is called as documented', (endpoint, method, path, purpose, maxBytes) => {
  expect([endpoint.method, endpoint.path, endpoint.purpose, endpoint.maxBytes]).toEqual([
    method,
    path,
    purpose,
    maxBytes,
  ]);
});

test.each([
  ['{"code":"0","msg":"success"}', true],
  ['{"code":0,"msg":"success"}', true],
  ['{"code":-1128,"msg":"Invalid underlying."}', undefined],
  ['{"msg":"success"}', undefined],
  ['', undefined],
])('a mass cancel that answers %s is acknowledged only by code 0', (body, acknowledged) => {
  expect([cancelSymbol.read(body), cancelUnderlying.read(body)]).toEqual([acknowledged, acknowledged]);
});

describe('the exchange’s time', () => {
  test.each([
    ['{"serverTime":1769860800000}', 1769860800000],
    ['{"serverTime":17698608000001}', undefined],
    ['{"serverTime":176986080000}', undefined],
    ['{"serverTime":"a1769860800000"}', undefined],
    ['{"serverTime":"1769860800000 "}', undefined],
    ['{"serverTime":true}', undefined],
    ['{}', undefined],
    ['no JSON', undefined],
  ])('in %s is %p', (text, time) => {
    expect(serverTime.read(text)).toBe(time);
  });
});

describe('the exchange’s rules', () => {
  const symbol = 'BTC-200730-9000-C';
  const read = (info: object) => exchangeInfo.read(JSON.stringify(info));

  test('are its weight limit, its symbols, and each underlying once', () => {
    const rules = read({
      rateLimits: [
        { rateLimitType: 'ORDERS', limit: 100 },
        { rateLimitType: 'REQUEST_WEIGHT', limit: 400 },
      ],
      optionContracts: [{ underlying: 'BTCUSDT' }, { underlying: 'ETHUSDT' }, { underlying: 'BTCUSDT' }],
      optionSymbols: [{ symbol }, { symbol: 'ETH-200730-300-P' }],
    });

    expect(rules).toEqual({
      weightLimit: 400,
      underlyings: ['BTCUSDT', 'ETHUSDT'],
      symbols: [symbol, 'ETH-200730-300-P'],
      lastToExpire: symbol,
    });
  });

  test.each([
    ['of the latest expiry', [3, 'TRADING'], [5, 'TRADING'], 'b'],
    ['by number, not by digit', [10, 'TRADING'], [9, 'TRADING'], 'a'],
    ['that is traded', [1, 'TRADING'], [5, 'PENDING'], 'a'],
    ['whose expiry is readable', ['soon', 'TRADING'], [1, 'TRADING'], 'b'],
    ['listed first of two alike', [5, 'TRADING'], [5, 'TRADING'], 'a'],
  ] as const)('name as the last to expire the symbol %s', (_, a, b, last) => {
    const optionSymbols = Object.entries({ a, b }).map(([name, [expiryDate, status]]) => {
      return { symbol: name, expiryDate, status };
    });

    expect(read({ optionSymbols })?.lastToExpire).toBe(last);
  });

  test.each([[[]], [undefined], [[{ rateLimitType: 'REQUEST_WEIGHT', limit: 'many' }]], [{}]])(
    'have no weight limit where %j states none',
    (rateLimits) => {
      expect(read({ rateLimits, optionSymbols: [{ symbol }] })?.weightLimit).toBeUndefined();
    },
  );

  test('leave out what is in another form', () => {
    const rules = read({
      optionContracts: { underlying: 'BTCUSDT' },
      optionSymbols: [{ symbol }, { symbol: null }, 'text', null, [], {}],
    });

    expect(rules).toMatchObject({ weightLimit: undefined, underlyings: [], symbols: [symbol] });
  });

  test.each(['no JSON', '[]', '{}', '{"optionSymbols":[]}', '{"optionSymbols":{"symbol":"BTC"}}'])(
    'cannot be read from %s',
    (text) => {
      expect(exchangeInfo.read(text)).toBeUndefined();
    },
  );
});
