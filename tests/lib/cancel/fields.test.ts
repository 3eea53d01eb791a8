import { describe, expect, test } from '@jest/globals';
import { fieldsFromBody, fieldsFromForm, fieldsFromJson, joinFields } from '../../../lib/cancel/fields.ts';
import type { JsonObject } from '../../../lib/json.ts';

const fields = (value: JsonObject) => ({ ok: true, value }) as const;
const invalid = (...errors: string[]) => ({ ok: false, errors }) as const;

describe('a query string or form', () => {
  test('keeps the digits of its values', () => {
    expect(fieldsFromForm('symbol=BTC-200730-9000-C&orderId=4611875134427365377')).toEqual(
      fields({ symbol: 'BTC-200730-9000-C', orderId: '4611875134427365377' }),
    );
  });

  test('is percent-decoded', () => {
    expect(fieldsFromForm('clientOrderId=a%2Bb%26c+d')).toEqual(fields({ clientOrderId: 'a+b&c d' }));
  });

  test('without parameters has no fields', () => {
    expect(fieldsFromForm('')).toEqual(fields({}));
  });

  test.each([
    ['orderId=1&orderId=2', ['orderId']],
    ['orderId=1&orderId=1', ['orderId']],
    ['orderId=1&order%49d=2', ['orderId']],
    ['a=1&b=1&a=2&b=2&a=3', ['a', 'b']],
    ['__proto__=1&__proto__=2', ['__proto__']],
  ])('with a value that repeats is refused: %s', (text, names) => {
    expect(fieldsFromForm(text)).toEqual(
      invalid(...names.map((name) => `${name} is given more than once: send it once`)),
    );
  });

  test('takes __proto__ for a field like any other', () => {
    const read = fieldsFromForm('__proto__=x');

    expect(read.ok && Object.entries(read.value)).toEqual([['__proto__', 'x']]);
  });
});

describe('a JSON text', () => {
  test('keeps every digit of its numbers', () => {
    expect(fieldsFromJson('{"orderId":4611875134427365377,"confirm":true}')).toEqual(
      fields({ orderId: '4611875134427365377', confirm: true }),
    );
  });

  test.each(['[]', 'null', '"text"', '5', 'true'])('that is not an object is refused: %s', (text) => {
    expect(fieldsFromJson(text)).toEqual(
      invalid('the body must be one JSON object: it is JSON of another kind'),
    );
  });

  test.each(['{', '{"a":1} x', "{'a':1}", '{"a":01}', '{"a":1,}', '', '\u{feff}{}'])(
    'that is not JSON is refused: %j',
    (text) => {
      expect(fieldsFromJson(text)).toEqual({
        ok: false,
        errors: [expect.stringMatching(/^the body must be one JSON object: .+ at position \d+$/)],
      });
    },
  );

  test('with a key that repeats with another value is refused', () => {
    expect(fieldsFromJson('{"orderId":1,"orderId":2}')).toEqual(
      invalid("the body must be one JSON object: Duplicate key 'orderId' encountered at position 14"),
    );
  });

  test('nested too deeply is refused', () => {
    const text = `{"orderId":${'['.repeat(32_000)}${']'.repeat(32_000)}}`;

    expect(fieldsFromJson(text)).toEqual(invalid('the body must be one JSON object: nested too deeply'));
  });
});

describe('a body', () => {
  const json = '{"orderId":1}';
  const form = 'orderId=1';

  test.each([
    ['application/json', json],
    ['application/json; charset=utf-8', json],
    ['Application/JSON', json],
    ['application/vnd.desk.cancel+json', json],
    ['application/x-www-form-urlencoded', form],
    ['application/x-www-form-urlencoded; charset=UTF-8', form],
    [undefined, json],
    [undefined, ` \n${json}`],
    [undefined, form],
  ])('of type %s is read as what it is: %j', (type, text) => {
    expect(fieldsFromBody(text, type)).toEqual(fields({ orderId: '1' }));
  });

  test.each([
    'text/plain',
    'multipart/form-data; boundary=x',
    'application/jsonp',
    'application/xml',
    'text/plain; application/json',
    'text/plain; application/x-www-form-urlencoded',
  ])('of type %s is refused', (type) => {
    expect(fieldsFromBody(json, type)).toEqual(
      invalid('content-type must be application/json or application/x-www-form-urlencoded for this body'),
    );
  });

  test('that is empty has no fields, whatever its type', () => {
    expect(fieldsFromBody('', 'text/plain')).toEqual(fields({}));
  });
});

describe('query and body together', () => {
  test('give the fields of both', () => {
    const joined = joinFields(fields({ symbol: 'S', orderId: '1' }), fields({ orderId: '1', confirm: true }));

    expect(joined).toEqual(fields({ symbol: 'S', orderId: '1', confirm: true }));
  });

  test('agree on digits, however each has them written', () => {
    const joined = joinFields(
      fieldsFromForm('orderId=4611875134427365377'),
      fieldsFromJson('{"orderId":4611875134427365377}'),
    );

    expect(joined).toEqual(fields({ orderId: '4611875134427365377' }));
  });

  test('that differ in a field are refused', () => {
    const joined = joinFields(fields({ orderId: '1', symbol: 'S' }), fields({ orderId: '2', symbol: 'T' }));

    expect(joined).toEqual(
      invalid(
        'orderId differs between query and body: send it once',
        'symbol differs between query and body: send it once',
      ),
    );
  });

  test('give the errors of both', () => {
    expect(joinFields(invalid('one', 'two'), invalid('three'))).toEqual(invalid('one', 'two', 'three'));
    expect(joinFields(fields({}), invalid('three'))).toEqual(invalid('three'));
    expect(joinFields(invalid('one'), fields({}))).toEqual(invalid('one'));
  });

  test('do not differ in what only an object as such has', () => {
    const joined = joinFields(fields({ constructor: 'x' }), fields({}));

    expect(joined).toEqual(fields({ constructor: 'x' }));
  });
});

describe('what a Binance client signs its call with is left out', () => {
  test('of a query, even where it repeats', () => {
    expect(fieldsFromForm('orderId=1&timestamp=1&timestamp=2&signature=a&signature=b')).toEqual(
      fields({ orderId: '1' }),
    );
  });

  test('of a form and of a JSON body, so that it cannot differ from the query', () => {
    expect(fieldsFromBody('orderId=1&signature=a', 'application/x-www-form-urlencoded')).toEqual(
      fields({ orderId: '1' }),
    );
    expect(fieldsFromBody('{"orderId":1,"timestamp":2}', 'application/json')).toEqual(
      fields({ orderId: '1' }),
    );
  });

  test('but not of a message', () => {
    expect(fieldsFromJson('{"signature":"a"}')).toEqual(fields({ signature: 'a' }));
  });
});

test('a boolean in a JSON body is the same value as its text in the query', () => {
  expect(joinFields(fields({ confirm: 'true' }), fields({ confirm: true }))).toEqual(
    fields({ confirm: 'true' }),
  );
});

describe('a request of more than 64 KiB is refused, and its message says so:', () => {
  const LONG = 64 * 1024;
  const tooLong = invalid('the request is longer than 65536 characters: send one cancel');

  test('a form of 150,000 parameters', () => {
    const form = Array.from({ length: 150_000 }, (_, index) => `k${index}=1`).join('&');

    expect(fieldsFromForm(form)).toEqual(tooLong);
    expect(fieldsFromBody(form)).toEqual(tooLong);
    expect(fieldsFromForm('k=1&'.repeat(150_000))).toEqual(tooLong);
  });

  test('a form of one character more, and not one of just that length', () => {
    expect(fieldsFromForm('a='.padEnd(LONG, 'x'))).toEqual(fields({ a: 'x'.repeat(LONG - 2) }));
    expect(fieldsFromForm('a='.padEnd(LONG + 1, 'x'))).toEqual(tooLong);
  });

  test('a JSON text of one character more, and not one of just that length', () => {
    expect(fieldsFromJson('{"a":1}'.padEnd(LONG))).toEqual(fields({ a: '1' }));
    expect(fieldsFromJson('{"a":1}'.padEnd(LONG + 1))).toEqual(tooLong);
    expect(fieldsFromBody('{"a":1}'.padEnd(LONG + 1), 'application/json')).toEqual(tooLong);
  });
});

describe('errors', () => {
  const names = Array.from({ length: 11 }, (_, index) => `k${index}`);
  const everyName = (suffix: string) => names.map((name) => `${name}=${suffix}`).join('&');

  test('name ten fields at most', () => {
    const repeated = fieldsFromForm(`${everyName('1')}&${everyName('1')}`);
    const differing = joinFields(fieldsFromForm(everyName('1')), fieldsFromForm(everyName('2')));
    const ofBoth = joinFields(repeated, repeated);

    expect([repeated, differing, ofBoth].map((read) => (read.ok ? [] : read.errors).length)).toEqual([
      10, 10, 10,
    ]);
  });

  test('name 64 characters of a field at most', () => {
    const name = 'n'.repeat(65);

    expect(fieldsFromForm(`${name}=1&${name}=1`)).toEqual(
      invalid(`${'n'.repeat(64)} is given more than once: send it once`),
    );
    expect(joinFields(fields({ [name]: '1' }), fields({ [name]: '2' }))).toEqual(
      invalid(`${'n'.repeat(64)} differs between query and body: send it once`),
    );
  });

  test('quote 200 characters of what is wrong with JSON at most', () => {
    const key = 'n'.repeat(1000);
    const read = fieldsFromJson(`{"${key}":1,"${key}":2}`);

    expect(read.ok ? [] : read.errors).toEqual([
      expect.stringMatching(/^the body must be one JSON object: .{200}$/),
    ]);
  });
});
