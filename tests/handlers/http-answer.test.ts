import { describe, expect, test } from '@jest/globals';
import { toHttpAnswer } from '../../handlers/http-answer.ts';
import { orderText, orderWith, settled } from '../helpers/settlements.ts';

const requestId = 'request-1';
const plain = { requestId, deadLetterMessageId: undefined };

describe.each([
  ['canceled', 'CANCELLED', 200],
  ['accepted', 'ACCEPTED', 202],
] as const)('the outcome %s', (kind, status, statusCode) => {
  test('is the exchange’s own body, byte for byte', () => {
    const settlement = settled({ kind, order: orderWith(status) }, { usedWeight: 7 });

    expect(toHttpAnswer(settlement, plain)).toEqual({
      statusCode,
      headers: {
        'content-type': 'application/json',
        'x-cancel-outcome': kind,
        'x-request-id': requestId,
        'x-mbx-used-weight-1m': '7',
      },
      body: orderText(status),
    });
  });
});

describe.each([
  ['filled', 'FILLED', 'The order was filled before it could be canceled'],
  ['closed', 'EXPIRED', 'The order was closed before it could be canceled'],
] as const)('the outcome %s', (kind, status, title) => {
  test('is a problem that holds the order with every digit', () => {
    const answer = toHttpAnswer(settled({ kind, order: orderWith(status) }), plain);

    expect(answer).toEqual({
      statusCode: 409,
      headers: {
        'content-type': 'application/problem+json',
        'x-cancel-outcome': kind,
        'x-request-id': requestId,
      },
      body:
        `{"type":"urn:cancel:${kind}","title":"${title}","status":409,"detail":"the order is ${status}",` +
        `"instance":"${requestId}","outcome":"${kind}","code":-2011,"msg":"the order is ${status}",` +
        `"order":${orderText(status)}}`,
    });
    expect(JSON.parse(answer.body)).toMatchObject({ order: { status, avgPrice: 100.1 } });
  });
});

describe.each([
  ['not-found', 404, 'The exchange knows no such order'],
  ['invalid-request', 400, 'The request is not valid'],
  ['expired', 410, 'The request expired before it was sent'],
  ['throttled', 429, 'The exchange has throttled this service'],
  ['credentials', 502, 'The API key could not be used'],
  ['forbidden', 502, 'The exchange refused this service access'],
  ['unavailable', 503, 'The exchange is unavailable: the cancel was not carried out'],
  ['unknown', 504, 'The outcome is unknown: the cancel may or may not have been carried out'],
] as const)('the outcome %s', (kind, status, title) => {
  test('is a problem that says why', () => {
    const reason = { detail: 'in a sentence' };

    const { statusCode, headers, body } = toHttpAnswer(settled({ kind, reason }), plain);

    expect({ statusCode, headers }).toEqual({
      statusCode: status,
      headers: {
        'content-type': 'application/problem+json',
        'x-cancel-outcome': kind,
        'x-request-id': requestId,
      },
    });
    expect(JSON.parse(body)).toEqual({
      type: `urn:cancel:${kind}`,
      title,
      status,
      detail: 'in a sentence',
      instance: requestId,
      outcome: kind,
      code: expect.any(Number),
      msg: 'in a sentence',
    });
  });
});

describe('a problem', () => {
  const unknown = { kind: 'unknown', reason: { detail: 'd' } } as const;

  test.each([
    ['not-found', -2013],
    ['invalid-request', -1130],
    ['expired', -1130],
    ['throttled', -1003],
    ['credentials', -2015],
    ['forbidden', -1002],
    ['unavailable', -1001],
    ['unknown', -1007],
  ] as const)('of the outcome %s without a code of the exchange has %i and our detail', (kind, code) => {
    const { body } = toHttpAnswer(settled({ kind, reason: { detail: 'd' } }), plain);

    expect(JSON.parse(body)).toEqual({
      type: `urn:cancel:${kind}`,
      title: expect.any(String),
      status: expect.any(Number),
      detail: 'd',
      instance: requestId,
      outcome: kind,
      code,
      msg: 'd',
    });
  });

  test.each(['not-found', 'invalid-request', 'expired', 'credentials', 'forbidden'] as const)(
    'of the outcome %s has the exchange’s code and text, unless a client would retry the code',
    (kind) => {
      const said = { detail: 'd', msg: 'said "so"' };
      const formOf = (code: number) =>
        JSON.parse(toHttpAnswer(settled({ kind, reason: { ...said, code } }), plain).body);

      expect(formOf(-1102)).toMatchObject({ code: -1102, msg: 'said "so"' });
      expect(formOf(-1000)).toMatchObject({ code: formOf(-1007).code, msg: 'd' });
      expect([-1000, -1007]).not.toContain(formOf(-1000).code);
    },
  );

  test.each([
    ['throttled', -1003],
    ['unavailable', -1001],
    ['unknown', -1007],
  ] as const)('of the outcome %s has the code %i, whatever the exchange said', (kind, code) => {
    const reason = { detail: 'd', msg: 'Unknown order sent.' };

    for (const given of [-1000, -2011, -4078]) {
      const { body } = toHttpAnswer(settled({ kind, reason: { ...reason, code: given } }), plain);
      expect(JSON.parse(body)).toMatchObject({ code, msg: 'd' });
    }
  });

  test.each(['throttled', 'unknown'] as const)('of the outcome %s says when to try again', (kind) => {
    const settlement = settled({ kind, reason: { detail: 'd' } }, { throttledForMs: 16_001 });

    const { headers, body } = toHttpAnswer(settlement, plain);

    expect(headers).toHaveProperty('retry-after', '17');
    expect(JSON.parse(body)).toHaveProperty('retryAfterSeconds', 17);
  });

  test.each(['not-found', 'invalid-request', 'expired', 'forbidden'] as const)(
    'of the outcome %s does not: it would be no different then',
    (kind) => {
      const settlement = settled({ kind, reason: { detail: 'd' } }, { throttledForMs: 16_001 });

      const { headers, body } = toHttpAnswer(settlement, plain);

      expect(headers).not.toHaveProperty('retry-after');
      expect(JSON.parse(body)).not.toHaveProperty('retryAfterSeconds');
    },
  );

  test('names the dead letter that keeps the request', () => {
    const { body } = toHttpAnswer(settled(unknown), { requestId, deadLetterMessageId: 'message-1' });

    expect(JSON.parse(body)).toHaveProperty('deadLetterMessageId', 'message-1');
  });
});

test('an order without a status is described as such', () => {
  const order = { ...orderWith('FILLED'), status: undefined };

  const { body } = toHttpAnswer(settled({ kind: 'closed', order }), plain);

  expect(JSON.parse(body)).toHaveProperty('detail', 'the order is in an unknown status');
});
