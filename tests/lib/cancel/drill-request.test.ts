import { expect, test } from '@jest/globals';
import { isDrill, parseDrill } from '../../../lib/cancel/drill-request.ts';

test.each([[{ drill: true }], [{ drill: true, account: 'desk-a' }], [{ drill: true, account: 7 }]])(
  '%j is a drill',
  (fields) => {
    expect(isDrill(fields)).toBe(true);
  },
);

test.each([
  [{ drill: true, kill: { everything: true } }],
  [{ drill: true, symbol: 'BTC-200730-9000-C', orderId: '1' }],
  [{ drill: true, acount: 'desk-a' }],
  [{ drill: false }],
  [{ drill: 'true' }],
  [{ drill: 1 }],
  [{ account: 'desk-a' }],
  [{}],
  [[true]],
  ['drill'],
  [null],
])('%j is no drill', (fields) => {
  expect(isDrill(fields)).toBe(false);
});

test('a drill is parsed with its account', () => {
  expect(parseDrill({ drill: true, account: 'desk-a' })).toEqual({
    ok: true,
    value: { drill: true, account: 'desk-a' },
  });
});

test.each([
  [{ drill: true, account: 'Desk A' }, /^account must be 1 to 32 lower-case letters/],
  [{ drill: true, acount: 'desk-a' }, /^acount is not a field of a drill: remove it$/],
  [{ drill: 'yes' }, /^drill must be true$/],
  [{}, /^drill is missing: send it$/],
])('an error in %j names the field and the fix', (fields, error) => {
  expect(parseDrill(fields)).toEqual({ ok: false, errors: [expect.stringMatching(error)] });
});
