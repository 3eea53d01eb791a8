import { describe, expect, test } from '@jest/globals';
import { interpret } from '../../../lib/exchange/result.ts';
import type { Answer } from '../../../lib/exchange/transport.ts';

const answer = (status: number, text: string | undefined): Answer => ({
  kind: 'answer',
  status,
  text,
  contentType: undefined,
  retryAfter: undefined,
  usedWeight: undefined,
  sentAt: 0,
  receivedAt: 0,
});

/** Reads the one body that is a value. */
const read = (text: string) => (text === 'value' ? 'read' : undefined);
const kindOf = (status: number, text: string | undefined) => interpret(answer(status, text), read).kind;
const UNREADABLE = 'the exchange answered 400 with a body that cannot be read';
const error = (code: number | string, msg = 'A text.') => JSON.stringify({ code, msg });

describe('the code', () => {
  test.each([
    [-1000, 400, 'unknown'],
    [-1001, 503, 'not-executed'],
    [-1001, 400, 'not-executed'],
    [-1002, 401, 'keys'],
    [-1002, 400, 'keys'],
    [-1003, 400, 'throttled'],
    [-1006, 400, 'unknown'],
    [-1007, 408, 'unknown'],
    [-1008, 503, 'throttled'],
    [-1015, 400, 'throttled'],
    [-1016, 503, 'not-executed'],
    [-1020, 400, 'refused'],
    [-1021, 400, 'clock'],
    [-1022, 400, 'keys'],
    [-1100, 400, 'invalid'],
    [-1101, 400, 'invalid'],
    [-1102, 400, 'invalid'],
    [-1103, 400, 'invalid'],
    [-1104, 400, 'invalid'],
    [-1105, 400, 'invalid'],
    [-1106, 400, 'invalid'],
    [-1119, 400, 'invalid'],
    [-1121, 400, 'invalid'],
    [-1128, 400, 'invalid'],
    [-1130, 400, 'invalid'],
    [-1131, 400, 'invalid'],
    [-2011, 400, 'no-open-order'],
    [-2011, 200, 'no-open-order'],
    [-2013, 400, 'no-such-order'],
    [-2014, 400, 'keys'],
    [-2015, 401, 'keys'],
    [-2015, 400, 'keys'],
    [-2017, 400, 'keys'],
    [-4021, 400, 'refused'],
    [-4078, 400, 'unknown'],
    [-5002, 400, 'keys'],
    [-5005, 400, 'forbidden'],
    [-5009, 400, 'forbidden'],
    [-6003, 400, 'invalid'],
    [-6004, 400, 'invalid'],
    [-6011, 400, 'invalid'],
    [-6028, 400, 'no-open-order'],
    [-6029, 400, 'invalid'],
    [-6049, 400, 'refused'],
    [-6055, 400, 'refused'],
    [-6059, 400, 'refused'],
    [-6062, 400, 'keys'],
    [-6063, 400, 'refused'],
    [-6073, 400, 'refused'],
    [-99_999, 400, 'refused'],
    [-99_999, 499, 'refused'],
    [-99_999, 500, 'unknown'],
    [-99_999, 302, 'unknown'],
    [-99_999, 200, 'unknown'],
    [-99_999, 399, 'unknown'],
    [-99_999, 600, 'unknown'],
    [-1121, 500, 'unknown'],
    [-1121, 599, 'unknown'],
    [-1121, 600, 'invalid'],
    [1, 400, 'unknown'],
  ])('%d with the status %d is %s', (code, status, kind) => {
    expect(kindOf(status, error(code))).toBe(kind);
    expect(kindOf(status, error(String(code)))).toBe(kind);
  });
});

describe('the status', () => {
  test.each([
    [401, 'keys'],
    [403, 'forbidden'],
    [418, 'throttled'],
    [429, 'throttled'],
    [451, 'forbidden'],
    [200, 'unknown'],
    [307, 'unknown'],
    [400, 'unknown'],
    [404, 'unknown'],
    [500, 'unknown'],
    [502, 'unknown'],
    [504, 'unknown'],
  ])('%d without a code is %s', (status, kind) => {
    for (const body of ['<html></html>', '', '{}', '{"code":null}', error(0), undefined])
      expect(kindOf(status, body)).toBe(kind);
  });

  test.each([
    [418, 'throttled'],
    [429, 'throttled'],
    [403, 'forbidden'],
    [451, 'forbidden'],
  ])('%d is %s whatever the code of its body', (status, kind) => {
    expect(kindOf(status, error(-2011))).toBe(kind);
  });

  test('500 to 599 leaves a cancel in doubt, whatever a code of parameters, keys or clock says', () => {
    for (const code of [-1021, -1022, -1121, -5009]) expect(kindOf(503, error(code))).toBe('unknown');
  });
});

describe('the text', () => {
  test.each([
    [503, 'Unknown error, please check your request or try again later.', 'unknown'],
    [400, 'Unknown error, please check your request or try again later.', 'unknown'],
    [503, 'Service Unavailable.', 'not-executed'],
    [503, 'Service Unavailable', 'not-executed'],
    [503, 'Internal error; unable to process your request. Please try again.', 'not-executed'],
    [503, 'Service Unavailable. Unknown.', 'unknown'],
    [503, 'No Service Unavailable.', 'unknown'],
    [503, 'No Internal error; unable to process your request.', 'unknown'],
    [500, 'Service Unavailable.', 'unknown'],
    [502, 'Internal error; unable to process your request. Please try again.', 'unknown'],
  ])('of %d, %j, is %s, in a body with a code and without', (status, text, kind) => {
    expect(kindOf(status, error(-1000, text))).toBe(kind);
    expect(kindOf(status, ` ${text}\n`)).toBe(kind);
  });
});

describe('a result', () => {
  test('is the value that is read from the body of a 200, and of no other status', () => {
    expect(interpret(answer(200, 'value'), read)).toEqual({ kind: 'ok', value: 'read' });
    expect(interpret(answer(200, undefined), () => true).kind).toBe('unknown');
    expect(kindOf(201, 'value')).toBe('unknown');
    expect(kindOf(400, 'value')).toBe('unknown');
  });

  test('keeps status, code and text of an error', () => {
    expect(interpret(answer(400, error(-2011, 'Unknown order sent.')), read)).toEqual({
      kind: 'no-open-order',
      reason: {
        status: 400,
        code: -2011,
        msg: 'Unknown order sent.',
        detail: 'the exchange answered 400: Unknown order sent.',
      },
    });
  });

  test('is not executed by a code although another text calls it unknown in passing', () => {
    expect(kindOf(503, error(-1001, 'An Unknown error, please wait.'))).toBe('not-executed');
  });

  test.each([
    ['{"code":-2011}', { code: -2011, detail: 'the exchange answered 400: code -2011' }],
    ['{"msg":"Why not."}', { msg: 'Why not.', detail: 'the exchange answered 400: Why not.' }],
    ['{"code":0,"msg":"Why not."}', { msg: 'Why not.', detail: 'the exchange answered 400: Why not.' }],
    ['{"code":-1.5,"msg":true}', { detail: UNREADABLE }],
    ['{}', { detail: UNREADABLE }],
    ['[]', { detail: UNREADABLE }],
    [undefined, { detail: UNREADABLE }],
  ])('takes from the body %s its code and text alone', (text, reason) => {
    expect(interpret(answer(400, text), read)).toStrictEqual({
      kind: expect.any(String),
      reason: { status: 400, ...reason },
    });
  });

  test('keeps 500 characters of a text', () => {
    const result = interpret(answer(400, error(-2011, 'x'.repeat(501))), read);

    expect(result).toHaveProperty('reason.msg', 'x'.repeat(500));
  });

  test('without an answer is in doubt exactly when the request went out', () => {
    const reply = (sent: boolean) => interpret({ kind: 'no-answer', sent, cause: 'ECONNRESET' }, read);

    expect([reply(true), reply(false)]).toEqual([
      { kind: 'unknown', reason: { detail: 'no answer from the exchange: ECONNRESET' } },
      { kind: 'not-executed', reason: { detail: 'no connection to the exchange: ECONNRESET' } },
    ]);
  });
});
