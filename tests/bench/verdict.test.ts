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

describe('what an answer claims', () => {
  test.each([
    [answer(200), 'canceled'],
    [answer(400), 'not-canceled'],
    [answer(502), 'unsure'],
    [answer(200, 'accepted'), 'canceled'],
    [answer(503, 'unavailable'), 'not-canceled'],
    [answer(504, 'unknown'), 'unsure'],
    [undefined, 'none'],
    [{ errorMessage: 'timed out' }, 'none'],
  ])('%j: %s', (given, claim) => {
    expect(claimOf(given)).toBe(claim);
  });
});

describe('an answer held against the book', () => {
  test.each([
    [200, 'CANCELLED', 'right'],
    [200, 'ACCEPTED', 'false-success'],
    [200, 'FILLED', 'false-success'],
    [400, 'CANCELLED', 'false-failure'],
    [400, 'FILLED', 'right'],
    [400, 'ACCEPTED', 'gave-up'],
    [400, 'PARTIALLY_FILLED', 'gave-up'],
    [502, 'CANCELLED', 'unsure'],
    [502, 'ACCEPTED', 'unsure'],
  ] as const)('status %i about an order that is %s is %s', (status, book, verdict) => {
    const evidence = { answer: answer(status), order: order(book), wrongOrder: false, isKept: false };

    expect(judge(evidence)).toBe(verdict);
  });

  test('is a refusal that is right when there is no such order', () => {
    expect(judge({ answer: answer(404), order: undefined, wrongOrder: false, isKept: false })).toBe('right');
  });

  test('counts as kept when a dead letter has it, unless what was said is untrue', () => {
    const [open, canceled] = [order('ACCEPTED'), order('CANCELLED')];
    const kept = { wrongOrder: false, isKept: true };

    expect(judge({ answer: answer(429), order: open, ...kept })).toBe('kept');
    expect(judge({ answer: answer(504), order: canceled, ...kept })).toBe('kept');
    expect(judge({ answer: answer(429), order: canceled, ...kept })).toBe('false-failure');
  });

  test('counts for nothing when another order was canceled', () => {
    const evidence = { answer: answer(200), order: order('CANCELLED'), wrongOrder: true, isKept: false };

    expect(judge(evidence)).toBe('wrong-order');
  });

  test('is no answer when the invocation failed', () => {
    expect(judge({ answer: undefined, order: order('CANCELLED'), wrongOrder: false, isKept: false })).toBe(
      'no-answer',
    );
  });
});
