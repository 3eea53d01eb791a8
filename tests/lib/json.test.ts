import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isJsonObject, parseJson, parseObject } from '../../lib/json.ts';

describe('parseJson', () => {
  test.each(['4611875134427365377', '9223372036854775807', '-0', '1.50', '1e400', '0.1000000000000000055'])(
    'keeps the number %s as it was written',
    (number) => {
      expect(parseJson(`{"a":[${number}]}`)).toEqual({ a: [number] });
    },
  );

  test('reads what holds no numbers as JSON.parse does', () => {
    const jsonWithoutNumbers = fc.letrec((tie) => ({
      value: fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.boolean(),
        fc.constant(null),
        tie('array'),
        tie('object'),
      ),
      array: fc.array(tie('value'), { maxLength: 4 }),
      object: fc.dictionary(fc.string(), tie('value'), { maxKeys: 4 }),
    })).value;

    fc.assert(
      fc.property(jsonWithoutNumbers, (value) => {
        const text = JSON.stringify(value);

        expect(parseJson(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  test('refuses a key that repeats with another value, and takes one that repeats with the same', () => {
    expect(() => parseJson('{"a":1,"a":2}')).toThrow(SyntaxError);
    expect(() => parseJson('{"a":1,"a":1.0}')).toThrow(SyntaxError);
    expect(parseJson('{"a":1,"a":1}')).toEqual({ a: '1' });
  });

  test('takes __proto__ for a key like any other', () => {
    const value = parseJson('{"__proto__":{"orderId":1}}');

    expect(Object.keys(value ?? {})).toEqual(['__proto__']);
    expect(value).not.toHaveProperty('orderId');
  });

  test('refuses text that is nested too deeply, and says so', () => {
    const parseDeep = () => parseJson('['.repeat(200_000));

    expect(parseDeep).toThrow(SyntaxError);
    expect(parseDeep).toThrow('nested too deeply');
  });

  test.each(['', '{', 'NaN', '[1,]', '{"a":1}{}', "{'a':1}", '// {}'])('refuses %j', (text) => {
    expect(() => parseJson(text)).toThrow(SyntaxError);
  });
});

describe('parseObject', () => {
  test('reads an object', () => {
    expect(parseObject(' {"code":-2011,"msg":"Unknown order sent."} ')).toEqual({
      code: '-2011',
      msg: 'Unknown order sent.',
    });
  });

  test.each(['[]', 'null', '5', '"{}"', '<html>', '{"a":1,"a":2}', '['.repeat(200_000)])(
    'gives nothing for anything else: %.20s',
    (text) => {
      expect(parseObject(text)).toBeUndefined();
    },
  );
});

test.each([
  [{}, true],
  [{ a: 1 }, true],
  [[], false],
  [null, false],
  [undefined, false],
  ['{}', false],
  [5, false],
])('whether %j is a JSON object: %s', (value, expected) => {
  expect(isJsonObject(value)).toBe(expected);
});
