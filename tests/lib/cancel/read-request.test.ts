import { expect, test } from '@jest/globals';
import { parseOpenOrdersRead, parseOrderRead } from '../../../lib/cancel/read-request.ts';

const symbol = 'BTC-200730-9000-C';

test.each([
  [{ symbol, orderId: '1' }, { parameters: { symbol, orderId: '1' } }],
  [
    { symbol, clientOrderId: 'a', account: 'desk-a', recvWindow: '9000' },
    { parameters: { symbol, clientOrderId: 'a' }, account: 'desk-a', recvWindow: 9000 },
  ],
])('%j asks for an order', (fields, value) => {
  expect(parseOrderRead(fields)).toEqual({ ok: true, value });
});

test.each([
  [{}, { parameters: {} }],
  [
    { symbol, orderId: '1', startTime: '1', endTime: '1780000000000', account: 'desk-a', recvWindow: '9000' },
    {
      parameters: { symbol, orderId: '1', startTime: '1', endTime: '1780000000000' },
      account: 'desk-a',
      recvWindow: 9000,
    },
  ],
])('%j asks for the open orders', (fields, value) => {
  expect(parseOpenOrdersRead(fields)).toEqual({ ok: true, value });
});

test.each([
  [{ symbol, orderId: '1', price: '5' }, 'price is not a field of a query of an order: remove it'],
  [{ symbol }, 'orderId or clientOrderId is missing: send at least one'],
  [
    { symbol, orderId: '1', clientOrderId: 'a' },
    'orderId and clientOrderId are both given: send one of them',
  ],
])('an error in %j names the field and the fix', (fields, error) => {
  expect(parseOrderRead(fields)).toEqual({ ok: false, errors: [error] });
});

test.each(['noon', '-1', '1.5', 'a1', '1a', '12345678901234567', ''])(
  'a list from the time %j is refused',
  (startTime) => {
    const errors = ['startTime must be milliseconds since the epoch'];
    expect(parseOpenOrdersRead({ startTime })).toEqual({ ok: false, errors });
  },
);

test('a list by another field is refused', () => {
  const errors = ['side is not a field of a list of open orders: remove it'];
  expect(parseOpenOrdersRead({ side: 'BUY' })).toEqual({ ok: false, errors });
});
