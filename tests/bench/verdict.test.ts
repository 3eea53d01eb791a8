import { describe, expect, test } from '@jest/globals';
import { claimOf, judge } from '../../bench/truth/verdict.ts';
import { documentedOrder } from '../../local/exchange/orders.ts';
import type { ExchangeOrder } from '../../local/exchange.ts';

function answer(statusCode: number, outcome?: string) {
  return { statusCode, headers: outcome === undefined ? {} : { 'x-cancel-outcome': outcome }, body: '{}' };
}

function order(status: ExchangeOrder['status']): ExchangeOrder {
  return { ...documentedOrder, orderId: '1', avgPrice: '0', createTime: 0, updateTime: 0, status };
}

describe('the claim of an answer', () => {
  test.each([
    [answer(200), 'canceled'],
    [answer(400), 'not-canceled'],
    [answer(502), 'unsure'],
    [answer(200, 'accepted'), 'canceled'],
    [answer(503, 'unavailable'), 'not-canceled'],
    [answer(504, 'unknown'), 'unsure'],
    [undefined, 'none'],
    [{ errorMessage: 'timed out' }, 'none'],
  ])('for %j is %s', (given, claim) => {
    expect(claimOf(given)).toBe(claim);
  });
});

describe('the verdict on an answer', () => {
  test.each([
    [200, 'CANCELLED', 'right'],
    [200, 'ACCEPTED', 'false success'],
    [200, 'FILLED', 'false success'],
    [400, 'CANCELLED', 'false failure'],
    [400, 'FILLED', 'right'],
    [400, 'ACCEPTED', 'gave up'],
    [400, 'PARTIALLY_FILLED', 'gave up'],
    [502, 'CANCELLED', 'unsure'],
    [502, 'ACCEPTED', 'unsure'],
  ] as const)('with status %i about an order that is %s is %s', (status, book, verdict) => {
    const evidence = { answer: answer(status), order: order(book), wrongOrder: false, isKept: false };

    expect(judge(evidence)).toBe(verdict);
  });

  test('is right when a 404 concerns an order that does not exist', () => {
    expect(judge({ answer: answer(404), order: undefined, wrongOrder: false, isKept: false })).toBe('right');
  });

  test('is kept when a dead letter exists, unless the answer is false', () => {
    const [open, canceled] = [order('ACCEPTED'), order('CANCELLED')];
    const kept = { wrongOrder: false, isKept: true };

    expect(judge({ answer: answer(429), order: open, ...kept })).toBe('kept');
    expect(judge({ answer: answer(504), order: canceled, ...kept })).toBe('kept');
    expect(judge({ answer: answer(429), order: canceled, ...kept })).toBe('false failure');
  });

  test('is wrong order when another order was canceled', () => {
    const evidence = { answer: answer(200), order: order('CANCELLED'), wrongOrder: true, isKept: false };

    expect(judge(evidence)).toBe('wrong order');
  });

  test('is no answer when the invocation failed', () => {
    expect(judge({ answer: undefined, order: order('CANCELLED'), wrongOrder: false, isKept: false })).toBe(
      'no answer',
    );
  });
});
