import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fieldsFromForm, fieldsFromJson } from '../../../lib/cancel/fields.ts';
import { type CancelRequest, parseCancelRequest, toJson } from '../../../lib/cancel/request.ts';
import { cancelRequest } from '../../helpers/arbitraries.ts';

const symbol = 'BTC-200730-9000-C';
const orderId = '4611875134427365377';

const parse = (fields: object) => parseCancelRequest({ symbol, orderId, ...fields });
const valid = (value: CancelRequest) => ({ ok: true, value });
const invalid = (...errors: string[]) => ({ ok: false, errors });

describe('a symbol', () => {
  test.each(['BTC-200730-9000-C', 'DOGE-240126-0.08-C', '1000SATS-261225-0.0001-P'])('may be %s', (text) => {
    expect(parse({ symbol: text })).toEqual(valid({ order: { symbol: text, orderId } }));
  });

  test.each(
    [
      'btc-200730-9000-C',
      'BTCUSDT',
      'BTC-20073-9000-C',
      'BTC-200730-9000',
      'BTC-200730-9000-X',
      'BTC-200730-.5-C',
      'BTC-200730-9000-C&orderId=1',
      ' BTC-200730-9000-C',
      'BTC-200730-9000-C\n',
      '',
      200730,
      null,
    ].map((value) => [value]),
  )('may not be %j', (value) => {
    expect(parse({ symbol: value })).toEqual(
      invalid('symbol must be an option symbol such as BTC-200730-9000-C'),
    );
  });

  test('is required', () => {
    expect(parseCancelRequest({ orderId })).toEqual(invalid('symbol is missing: send it'));
  });
});

describe('an orderId', () => {
  test.each([
    ['1', '1'],
    ['4611875134427365377', '4611875134427365377'],
    ['9223372036854775807', '9223372036854775807'],
    [2 ** 53 - 1, '9007199254740991'],
  ])('may be %j', (value, digits) => {
    expect(parse({ orderId: value })).toEqual(valid({ order: { symbol, orderId: digits } }));
  });

  test.each(
    [
      ...['0', '01', '-1', '+1', '1.0', '1e3', '0x1', '', ' 1', '1\n', '١', '9223372036854775808'],
      ...[0, 1.5, -1, Number.NaN, Number.POSITIVE_INFINITY, null, true, ['1'], {}],
    ].map((value) => [value]),
  )('may not be %j', (value) => {
    expect(parse({ orderId: value })).toEqual(
      invalid('orderId must be a whole number from 1 to 9223372036854775807, digits only'),
    );
  });

  test.each([[2 ** 53], [Number(orderId)], [1e21]])(
    'is refused as a number whose digits are gone: %d',
    (value) => {
      expect(parse({ orderId: value })).toEqual(
        invalid('orderId was above 2^53 - 1 and has lost digits: send orderId as a string'),
      );
    },
  );

  test('or a clientOrderId is required', () => {
    expect(parseCancelRequest({ symbol })).toEqual(
      invalid('orderId or clientOrderId is missing: send at least one'),
    );
  });
});

describe.each(['clientOrderId', 'origClientOrderId'])('%s', (field) => {
  test.each([
    ['10000', '10000'],
    [10000, '10000'],
    ['!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~', '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~'],
    ['__proto__', '__proto__'],
    ['x'.repeat(64), 'x'.repeat(64)],
  ])('may be %j', (value, clientOrderId) => {
    const alone = parseCancelRequest({ symbol, [field]: value });

    expect(alone).toEqual(valid({ order: { symbol, clientOrderId } }));
    expect(parse({ [field]: value })).toEqual(valid({ order: { symbol, orderId, clientOrderId } }));
  });

  test.each([[''], [' '], ['a b'], ['a\n'], ['é'], ['😀'], ['x'.repeat(65)], [null], [true], [[]]])(
    'may not be %j',
    (value) => {
      expect(parse({ [field]: value })).toEqual(invalid(`${field} must be 1 to 64 visible ASCII characters`));
    },
  );

  test('is refused as a number whose digits are gone', () => {
    expect(parse({ [field]: 2 ** 60 })).toEqual(
      invalid(`${field} was above 2^53 - 1 and has lost digits: send ${field} as a string`),
    );
  });
});

test('origClientOrderId beside the same clientOrderId is one name', () => {
  const parsed = parseCancelRequest({ symbol, clientOrderId: 'desk-7', origClientOrderId: 'desk-7' });

  expect(parsed).toEqual(valid({ order: { symbol, clientOrderId: 'desk-7' } }));
});

test('origClientOrderId beside another clientOrderId is refused', () => {
  expect(parse({ clientOrderId: 'desk-7', origClientOrderId: 'desk-8' })).toEqual(
    invalid('clientOrderId and origClientOrderId differ: send one of them'),
  );
});

test.each([
  ['query or form', fieldsFromForm(`symbol=${symbol}&orderId=${orderId}&recvWindow=5000&confirm=true`)],
  [
    'JSON text with numbers',
    fieldsFromJson(`{"symbol":"${symbol}","orderId":${orderId},"recvWindow":5000,"confirm":true}`),
  ],
  [
    'JSON text with strings',
    fieldsFromJson(`{"symbol":"${symbol}","orderId":"${orderId}","recvWindow":"5000","confirm":"true"}`),
  ],
])('a request is the same, digit for digit, as %s', (_form, fields) => {
  const parsed = fields.ok && parseCancelRequest(fields.value);

  expect(parsed).toEqual(valid({ order: { symbol, orderId }, recvWindow: 5000, confirm: true }));
});

test('the JSON of a request is read as that request again, as text and as the platform parses it', () => {
  fc.assert(
    fc.property(cancelRequest, (request) => {
      const json = toJson(request);
      const fields = fieldsFromJson(json);

      expect(fields.ok && parseCancelRequest(fields.value)).toEqual(valid(request));
      expect(parseCancelRequest(JSON.parse(json))).toEqual(valid(request));
    }),
  );
});
