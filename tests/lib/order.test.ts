import { describe, expect, test } from '@jest/globals';
import { isSameOrder, type Order, readOrder } from '../../lib/order.ts';

const symbol = 'BTC-200730-9000-C';
const orderId = '4611875134427365377';

describe('an order', () => {
  test('is read with every digit, from the documented form', () => {
    const text = `{"orderId": ${orderId}, "symbol": "${symbol}", "createDate": 1592465880683, "updateTime": 1592465880999, "status": "ACCEPTED", "clientOrderId": ""}`;

    expect(readOrder(text)).toEqual({
      orderId,
      status: 'ACCEPTED',
      state: 'open',
      symbol,
      clientOrderId: '',
      createdAt: 1592465880683,
      updatedAt: 1592465880999,
      text,
    });
  });

  test('is read from the form seen live, with createTime', () => {
    const text = `{"orderId":${orderId},"createTime":1592465880683,"status":"CANCELLED","fee":"0"}`;

    expect(readOrder(text)).toMatchObject({ orderId, state: 'canceled', createdAt: 1592465880683 });
  });

  test('has its creation time from createTime where it has createDate too', () => {
    const text = '{"orderId":1,"createTime":1592465880683,"createDate":1592465880000}';

    expect(readOrder(text)).toMatchObject({ createdAt: 1592465880683 });
  });

  test.each(['"soon"', 'null', '-1', '1.5', '12345678901234567'])('has no time where it says %s', (time) => {
    const order = readOrder(`{"orderId":1,"createTime":${time},"updateTime":${time}}`);

    expect(order).toMatchObject({ createdAt: undefined, updatedAt: undefined });
  });

  test('may have its id as a string', () => {
    expect(readOrder(`{"orderId":"${orderId}"}`)).toMatchObject({ orderId });
  });

  test('need not have more than its id', () => {
    expect(readOrder('{"orderId":1}')).toEqual({
      orderId: '1',
      status: undefined,
      state: 'open',
      symbol: undefined,
      clientOrderId: undefined,
      createdAt: undefined,
      updatedAt: undefined,
      text: '{"orderId":1}',
    });
  });

  test.each([
    ['CANCELLED', 'canceled'],
    ['CANCELED', 'canceled'],
    ['FILLED', 'filled'],
    ['REJECTED', 'closed'],
    ['EXPIRED', 'closed'],
    ['EXPIRED_IN_MATCH', 'closed'],
    ['ACCEPTED', 'open'],
    ['NEW', 'open'],
    ['PARTIALLY_FILLED', 'open'],
    ['cancelled', 'open'],
    ['PENDING_CANCEL', 'open'],
    ['__proto__', 'open'],
    ['', 'open'],
  ])('with the status %j is %s', (status, state) => {
    expect(readOrder(JSON.stringify({ orderId: 1, status }))).toMatchObject({ status, state });
  });

  test.each([
    '',
    '{}',
    '[]',
    'null',
    '[{"orderId":1}]',
    '{"orderId":null}',
    '{"orderId":{}}',
    '{"orderId":""}',
    '{"orderId":-1}',
    '{"orderId":1.5}',
    '{"orderId":1e3}',
    '{"orderId":12345678901234567890}',
    '{"orderId":1,"orderId":2}',
    '{"orderId":1',
    '<html>',
    '{"code":-2011,"msg":"Unknown order sent."}',
  ])('is not %s', (text) => {
    expect(readOrder(text)).toBeUndefined();
  });
});

describe('an order is the one that was asked for', () => {
  const order = (fields: object): Order => {
    const read = readOrder(JSON.stringify({ orderId, symbol, clientOrderId: 'desk-7', ...fields }));
    if (read === undefined) throw new Error('no order');
    return read;
  };

  test.each([
    ['by orderId', {}, { symbol, orderId }, true],
    ['not by another orderId', {}, { symbol, orderId: '4611875134427365378' }, false],
    [
      'not by an orderId that is the same but for its last digits',
      {},
      { symbol, orderId: '4611875134427365376' },
      false,
    ],
    ['by clientOrderId', {}, { symbol, clientOrderId: 'desk-7' }, true],
    ['not by another clientOrderId', {}, { symbol, clientOrderId: 'desk-8' }, false],
    ['not by a clientOrderId in other letters', {}, { symbol, clientOrderId: 'DESK-7' }, false],
    [
      'by clientOrderId when it is left empty',
      { clientOrderId: '' },
      { symbol, clientOrderId: 'desk-8' },
      true,
    ],
    ['by orderId whatever its name', { clientOrderId: 'desk-8' }, { symbol, orderId }, true],
    ['not with another symbol', { symbol: 'BTC-200730-9000-P' }, { symbol, orderId }, false],
    ['when it names no symbol', { symbol: undefined }, { symbol, orderId }, true],
  ])('%s', (_how, fields, ref, expected) => {
    expect(isSameOrder(order(fields), ref)).toBe(expected);
  });
});
