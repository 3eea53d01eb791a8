import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type DeadLetter, toMessage } from '../../../lib/aws/dead-letter.ts';
import { detailOf, type Outcome } from '../../../lib/outcome.ts';
import { orderWith } from '../../helpers/settlements.ts';

const unknown = {
  kind: 'unknown',
  reason: { detail: 'no answer', code: -1007, status: 408, msg: 'm' },
} as const;

const ARN = 'arn:aws:iam::123456789012:user/desk';

function message(outcome: Outcome, more: Partial<DeadLetter> = {}) {
  return toMessage({
    body: '{"symbol":"BTC-200730-9000-C","orderId":"1"}',
    outcome: outcome.kind,
    code: 'reason' in outcome ? outcome.reason.code : undefined,
    detail: detailOf(outcome),
    attempts: 3,
    orderId: '1',
    trigger: 'queue',
    requestId: 'request-1',
    askedAt: Date.UTC(2026, 0, 31, 11, 59, 59, 999),
    caller: ARN,
    failedAt: Date.UTC(2026, 0, 31, 12),
    ...more,
  });
}

const withDetail = (detail: string) => message({ kind: 'unknown', reason: { detail } }).attributes.detail;

test('a dead letter says what became of its request', () => {
  expect(message(unknown)).toEqual({
    body: '{"symbol":"BTC-200730-9000-C","orderId":"1"}',
    attributes: {
      outcome: 'unknown',
      code: '-1007',
      detail: 'no answer',
      trigger: 'queue',
      requestId: 'request-1',
      attempts: '3',
      orderId: '1',
      askedAt: '2026-01-31T11:59:59.999Z',
      failedAt: '2026-01-31T12:00:00.000Z',
      caller: ARN,
    },
  });
});

test('its body is the one it was given, whatever that holds', () => {
  const body = ' {"orderId":4611875134427365377, "confirm": yes}\n\u{1F600}';

  expect(message(unknown, { body }).body).toBe(body);
});

test('of an order that was seen, its status is the detail', () => {
  const { attributes } = message({ kind: 'accepted', order: orderWith('PARTIALLY_FILLED') });

  expect(attributes).toMatchObject({ outcome: 'accepted', detail: 'the order is PARTIALLY_FILLED' });
  expect(attributes).not.toHaveProperty('code');
});

describe('an attribute', () => {
  test('without a value is left out', () => {
    const outcome = { kind: 'unknown', reason: { detail: '' } } as const;

    const { attributes } = message(outcome, {
      orderId: undefined,
      askedAt: undefined,
      caller: undefined,
    });

    expect(Object.keys(attributes)).toEqual(['outcome', 'trigger', 'requestId', 'attempts', 'failedAt']);
  });

  test.each([
    ['tab, line feed and carriage return stay', 'a\tb\nc\rd', 'a\tb\nc\rd'],
    ['control characters', 'a\u0000b\u001bc\u001f', 'a?b?c?'],
    ['characters beyond the basic plane stay', '请 😀 \u{10FFFF}', '请 😀 \u{10FFFF}'],
    ['what is no character', '\uFFFE\uFFFF', '??'],
    ['half a surrogate pair', 'a\uD83Db', 'a\uFFFDb'],
    ['1000 characters stay', 'x'.repeat(1000), 'x'.repeat(1000)],
    ['more are cut', 'x'.repeat(1001), 'x'.repeat(1000)],
    ['a pair across the cut', `${'x'.repeat(999)}😀`, `${'x'.repeat(999)}\uFFFD`],
  ])('holds only what SQS takes: %s', (_what, detail, expected) => {
    expect(withDetail(detail)).toBe(expected);
  });

  test('holds only what SQS takes, whatever the exchange says', () => {
    const anyText = fc.string({
      unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
    });

    fc.assert(
      fc.property(anyText, (detail) => {
        const text = withDetail(detail) ?? 'left out';

        expect(text).toMatch(/^[\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]{1,1000}$/u);
      }),
    );
  });
});

describe('a dead letter takes no more than the 1 MiB of SQS', () => {
  const MIB = 1024 * 1024;
  const detail = 'd'.repeat(1000);
  const outcome = { kind: 'unknown', reason: { detail, code: -1007 } } as const;
  const messageWith = (bodyBytes: number) => message(outcome, { body: 'b'.repeat(bodyBytes) });

  const sizeOf = ({ body, attributes }: ReturnType<typeof messageWith>) =>
    Object.entries(attributes)
      .flatMap(([name, value]) => [name, 'String', value])
      .reduce((sum, part) => sum + Buffer.byteLength(part), Buffer.byteLength(body));

  test('so with a body of 1 MiB it has no attributes', () => {
    expect(messageWith(MIB)).toEqual({ body: 'b'.repeat(MIB), attributes: {} });
  });

  test('so without room for detail it has all attributes but that', () => {
    const { detail: dropped, ...others } = message(outcome).attributes;

    expect(dropped).toBe(detail);
    expect(messageWith(MIB - 1000).attributes).toEqual(others);
  });

  test('and no attribute goes before it has to', () => {
    const least = sizeOf(messageWith(0)); // of all attributes
    const leastWithoutDetail = least - 'detail'.length - 'String'.length - detail.length;
    const names = [least, least - 1, leastWithoutDetail, leastWithoutDetail - 1].map(
      (room) => Object.keys(messageWith(MIB - room).attributes).length,
    );

    expect(names).toEqual([10, 9, 9, 0]);
    expect(sizeOf(messageWith(MIB - least))).toBe(MIB);
  });

  test('counted in bytes, not in characters', () => {
    const { attributes } = message(outcome, { body: 'é'.repeat(MIB / 2) });

    expect(attributes).toEqual({});
  });
});
