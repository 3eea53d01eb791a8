import { describe, expect, test } from '@jest/globals';
import { parseBatch } from '../../../lib/cancel/batch.ts';
import type { JsonObject } from '../../../lib/json.ts';

const SYMBOL = 'BTC-261225-90000-C';
const ONE_LIST = 'orderIds or clientOrderIds is missing: send exactly one, a JSON array of 1 to 10';

const parse = (fields: JsonObject) => parseBatch({ symbol: SYMBOL, ...fields });
const invalid = (...errors: string[]) => ({ ok: false, errors });
const ten = Array.from({ length: 10 }, (_, index) => String(index + 1));

describe('a batch', () => {
  test.each<[string, JsonObject, readonly object[]]>([
    [
      'orderIds as JSON text, every digit kept',
      { orderIds: '[9223372036854775807, "4611875134427365377"]' },
      [{ orderId: '9223372036854775807' }, { orderId: '4611875134427365377' }],
    ],
    ['orderIds as an array', { orderIds: ['2', '1'] }, [{ orderId: '2' }, { orderId: '1' }]],
    [
      'clientOrderIds as JSON text',
      { clientOrderIds: '["b,\\u0022", "a", 7]' },
      [{ clientOrderId: 'b,"' }, { clientOrderId: 'a' }, { clientOrderId: '7' }],
    ],
    ['clientOrderIds as an array', { clientOrderIds: ['a'] }, [{ clientOrderId: 'a' }]],
  ])('of %s is one cancel for each, in the order given', (_, fields, orders) => {
    expect(parse(fields)).toEqual({
      ok: true,
      value: orders.map((order) => ({ order: { symbol: SYMBOL, ...order } })),
    });
  });

  test('of ten is the largest', () => {
    const largest = parse({ orderIds: JSON.stringify(ten) });

    expect(largest).toMatchObject({ ok: true, value: { length: 10 } });
    expect(parse({ orderIds: JSON.stringify([...ten, '11']) })).toEqual(
      invalid('orderIds must be a JSON array of 1 to 10'),
    );
  });

  test('gives each cancel its other fields', () => {
    const batch = parse({ orderIds: '[1,2]', recvWindow: '60', confirm: 'false', askedAt: '5' });

    const options = { recvWindow: 60, confirm: false, askedAt: 5 };
    expect(batch).toMatchObject({ ok: true, value: [options, options] });
  });

  test.each<[JsonObject, string]>([
    [{}, ONE_LIST],
    [{ orderIds: '[1]', clientOrderIds: '["a"]' }, ONE_LIST],
    [{ orderIds: '[]', clientOrderIds: '[]' }, ONE_LIST],
    [{ orderIds: '[]' }, 'orderIds must be a JSON array of 1 to 10'],
    [{ orderIds: '' }, 'orderIds must be a JSON array of 1 to 10'],
    [{ orderIds: '1,2' }, 'orderIds must be a JSON array of 1 to 10'],
    [{ orderIds: '{"0":1}' }, 'orderIds must be a JSON array of 1 to 10'],
    [{ orderIds: null }, 'orderIds must be a JSON array of 1 to 10'],
    [{ clientOrderIds: 'a' }, 'clientOrderIds must be a JSON array of 1 to 10'],
    [{ orderIds: '[1,"1"]' }, 'orderIds names an order twice: send it once'],
    [{ clientOrderIds: '["a","b","a"]' }, 'clientOrderIds names an order twice: send it once'],
    [
      { orderIds: '[1,9223372036854775808]' },
      'orderId must be a whole number from 1 to 9223372036854775807, digits only',
    ],
    [{ clientOrderIds: '["a",""]' }, 'clientOrderId must be 1 to 64 visible ASCII characters'],
    [{ clientOrderIds: '[["a"]]' }, 'clientOrderId must be 1 to 64 visible ASCII characters'],
    [{ orderIds: '[1]', orderId: '2' }, 'orderId is not a field of a batch: remove it'],
    [{ clientOrderIds: '["a"]', orderId: '2' }, 'orderId is not a field of a batch: remove it'],
    [{ orderIds: '[1]', origClientOrderId: 'a' }, 'origClientOrderId is not a field of a batch: remove it'],
    [{ orderIds: '[1]', kill: { everything: true } }, 'kill is not a field of a cancel request: remove it'],
    [{ orderIds: '[1]', symbol: 'BTC' }, 'symbol must be an option symbol such as BTC-200730-9000-C'],
  ])('of %j is refused with the field and the fix', (fields, error) => {
    expect(parse(fields)).toEqual(invalid(error));
  });
});
