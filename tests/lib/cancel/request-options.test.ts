import { describe, expect, test } from '@jest/globals';
import { parseCancelRequest, toJson, toMoment } from '../../../lib/cancel/request.ts';

const order = { symbol: 'BTC-200730-9000-C', orderId: '1' };

const parse = (fields: object) => parseCancelRequest({ ...order, ...fields });
const invalid = (...errors: string[]) => ({ ok: false, errors });

describe('recvWindow', () => {
  test.each([
    ['1', 1],
    ['59999', 59_999],
    [5000, 5000],
  ])('may be %j', (value, recvWindow) => {
    expect(parse({ recvWindow: value })).toEqual({ ok: true, value: { order, recvWindow } });
  });

  test.each([
    ['0'],
    ['60000'],
    ['-1'],
    ['1.5'],
    ['05000'],
    ['5e3'],
    ['100000'],
    [''],
    [0],
    [1.5],
    [null],
    [true],
    [{}],
  ])('may not be %j', (value) => {
    expect(parse({ recvWindow: value })).toEqual(
      invalid('recvWindow must be a whole number of milliseconds from 1 to 59999'),
    );
  });
});

describe('expiresAt', () => {
  const noon = Date.UTC(2026, 0, 31, 12);

  test.each([
    ['2026-01-31T12:00:00Z', noon],
    ['2026-01-31T12:00Z', noon],
    ['2026-01-31T12:00:00.25Z', noon + 250],
    ['2026-01-31T12:00:00.123456789Z', noon + 123],
    ['2026-01-31T21:00:00+09:00', noon],
    ['2026-01-31T06:30:00-05:30', noon],
    ['2024-02-29T00:00:00Z', Date.UTC(2024, 1, 29)],
    ['1769860800000', noon],
    [noon, noon],
    ['0', 0],
    [8_640_000_000_000_000, 8_640_000_000_000_000],
  ])('may be %j', (value, expiresAt) => {
    expect(parse({ expiresAt: value })).toEqual({ ok: true, value: { order, expiresAt } });
  });

  test.each([
    ['2026-02-30T12:00:00Z'],
    ['2023-02-29T12:00:00Z'],
    ['2026-13-01T12:00:00Z'],
    ['2026-01-00T12:00:00Z'],
    ['2026-01-31T25:00:00Z'],
    ['2026-01-31T12:60:00Z'],
    ['2026-01-31T12:00:60Z'],
    ['2026-01-31T12:00:00+24:00'],
    ['2026-01-31T12:00:00'],
    ['2026-01-31'],
    ['31 Jan 2026 12:00:00 GMT'],
    ['+002026-01-31T12:00:00Z'],
    ['2026-01-31 12:00:00Z'],
    ['1969-12-31T23:59:59Z'],
    ['8640000000000001'],
    ['-1'],
    ['1e12'],
    ['soon'],
    [''],
    [-1],
    [1.5],
    [null],
    [true],
    [[]],
  ])('may not be %j', (value) => {
    expect(parse({ expiresAt: value })).toEqual(
      invalid(
        'expiresAt must be ISO 8601 with a time zone (2026-01-31T12:00:00Z) or milliseconds since the epoch',
      ),
    );
  });
});

test.each(['recvWindow', 'expiresAt', 'askedAt'])(
  '%s is refused as a number whose digits are gone',
  (field) => {
    expect(parse({ [field]: 2 ** 53 })).toEqual(
      invalid(`${field} was above 2^53 - 1 and has lost digits: send ${field} as a string`),
    );
  },
);

describe('askedAt', () => {
  const noon = Date.UTC(2026, 0, 31, 12);

  test.each([
    ['2026-01-31T12:00:00.000Z', noon],
    ['2026-01-31T12:00:00.25Z', noon + 250],
    ['2026-01-31T21:00:00.000+09:00', noon],
    ['1769860800000', noon],
    [noon, noon],
    ['0', 0],
  ])('may be %j', (value, askedAt) => {
    expect(parse({ askedAt: value })).toEqual({ ok: true, value: { order, askedAt } });
  });

  test.each(['2026-01-31T12:00:00Z', '2026-01-31T21:00:00+09:00', '2026-01-31T06:30:00-05:30'])(
    'means the end of its second when it has no milliseconds: %s',
    (value) => {
      expect(parse({ askedAt: value })).toEqual({ ok: true, value: { order, askedAt: noon + 999 } });
      expect(toMoment(value)).toBe(noon + 999);
    },
  );

  test.each([
    ['2026-02-30T12:00:00Z'],
    ['2026-01-31T12:00:00'],
    ['soon'],
    [''],
    ['-1'],
    [1.5],
    [null],
    [true],
  ])('may not be %j', (value) => {
    expect(parse({ askedAt: value })).toEqual(
      invalid(
        'askedAt must be ISO 8601 with a time zone (2026-01-31T12:00:00Z) or milliseconds since the epoch',
      ),
    );
  });

  test.each(['soon', '', '2026-02-30T12:00:00Z', '-1', '8640000000000001'])(
    'is no moment outside of a request either: %j',
    (value) => {
      expect(toMoment(value)).toBeUndefined();
    },
  );
});

describe('confirm', () => {
  test.each([
    [true, true],
    [false, false],
    ['true', true],
    ['false', false],
  ])('may be %j', (value, confirm) => {
    expect(parse({ confirm: value })).toEqual({ ok: true, value: { order, confirm } });
  });

  test.each([['yes'], ['TRUE'], ['1'], [''], [1], [0], [null]])('may not be %j', (value) => {
    expect(parse({ confirm: value })).toEqual(invalid('confirm must be true or false'));
  });
});

describe('a request', () => {
  test.each([['quantity'], ['timestamp'], ['orderID'], ['constructor'], ['toString'], ['__proto__']])(
    'has no field %s',
    (field) => {
      const fields = Object.fromEntries([...Object.entries(order), [field, '1']]);

      expect(parseCancelRequest(fields)).toEqual(
        invalid(`${field} is not a field of a cancel request: remove it`),
      );
    },
  );

  test.each([[null], [undefined], ['BTC-200730-9000-C'], [7], [true]])('is not %j', (fields) => {
    expect(parseCancelRequest(fields)).toEqual(
      invalid('the request must be an object with symbol and orderId or clientOrderId'),
    );
  });

  test('gets an error for every field that is wrong', () => {
    const parsed = parseCancelRequest({ symbol: '', orderId: 0, recvWindow: 0, confirm: 0, note: 0 });

    expect(parsed).toEqual(
      invalid(
        'symbol must be an option symbol such as BTC-200730-9000-C',
        'orderId must be a whole number from 1 to 9223372036854775807, digits only',
        'recvWindow must be a whole number of milliseconds from 1 to 59999',
        'confirm must be true or false',
        'note is not a field of a cancel request: remove it',
      ),
    );
  });

  test('names 64 characters of an unknown field at most', () => {
    expect(parse({ ['n'.repeat(65)]: '1' })).toEqual(
      invalid(`${'n'.repeat(64)} is not a field of a cancel request: remove it`),
    );
  });

  test('keeps both identifiers and askedAt in its JSON', () => {
    const json = toJson({ order: { ...order, clientOrderId: 'desk-7' }, askedAt: 1769860800999 });

    expect(json).toBe(
      '{"symbol":"BTC-200730-9000-C","orderId":"1","clientOrderId":"desk-7","askedAt":1769860800999}',
    );
  });

  test('is flat JSON with ids as strings and expiresAt in milliseconds', () => {
    const json = toJson({ order, recvWindow: 5000, expiresAt: 1769860800000, confirm: false });

    expect(json).toBe(
      '{"symbol":"BTC-200730-9000-C","orderId":"1","recvWindow":5000,"expiresAt":1769860800000,"confirm":false}',
    );
  });
});
