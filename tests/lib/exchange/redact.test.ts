import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { redact, spellingsOf } from '../../../lib/exchange/redact.ts';

test('every occurrence of every secret is replaced', () => {
  const text = '{"msg":"key K1 of K1, signature a%2Bb= or a+b="}';

  expect(redact(text, ['K1', 'a%2Bb=', 'a+b='])).toBe(
    '{"msg":"key [redacted] of [redacted], signature [redacted] or [redacted]"}',
  );
});

test('text without a secret stays as it is', () => {
  expect(redact('{"orderId":4611875134427365377}', ['K1', 'a+b='])).toBe('{"orderId":4611875134427365377}');
});

test('a secret is taken as it is written, not as a pattern', () => {
  expect(redact('a+b aab $& .*', ['a+b', '$&', '.*'])).toBe('[redacted] aab [redacted] [redacted]');
});

test('no key or signature of its usual length is left, wherever it stands', () => {
  const secret = fc.stringMatching(/^[0-9A-Za-z+/=%]{32,64}$/);
  const holds = fc.property(fc.string(), secret, fc.string(), secret, (before, first, between, second) => {
    const clean = redact(`${before}${first}${between}${second}${first}`, [first, second]);

    expect(clean).not.toContain(first);
    expect(clean).not.toContain(second);
  });

  fc.assert(holds);
});

test('a signature is known in every spelling an echo may have', () => {
  const sent = 'ab%2Fcd%2B%3D';
  const echoes = [
    'ab%2Fcd%2B%3D',
    'ab%2fcd%2b%3d',
    'ab/cd+=',
    JSON.stringify('ab/cd+=').replaceAll('/', '\\/'),
  ];

  expect(echoes.map((echo) => redact(echo, spellingsOf(sent)).includes('cd'))).toEqual([
    false,
    false,
    false,
    false,
  ]);
});

test('a body in JSON stays JSON, wherever a slash stands in the signature that it echoes', () => {
  const base64 = fc.stringMatching(/^[0-9A-Za-z+/]{20}==$/);
  const holds = fc.property(
    fc.oneof(
      base64,
      base64.map((rest) => `/${rest}`),
    ),
    fc.boolean(),
    (decoded, escapes) => {
      const body = JSON.stringify({ code: -1022, msg: decoded });

      const clean = redact(
        escapes ? body.replaceAll('/', '\\/') : body,
        spellingsOf(encodeURIComponent(decoded)),
      );

      expect(JSON.parse(clean)).toEqual({ code: -1022, msg: '[redacted]' });
    },
  );

  fc.assert(holds, { examples: [['/abcdefghijklmnopqrs==', true]] });
});
