import { describe, expect, test } from '@jest/globals';
import { coverageOf, type Epoch, underlyingOf } from '../../../lib/cancel/coverage.ts';
import type { KillRequest, Only, Scope } from '../../../lib/cancel/kill-request.ts';
import type { ListedOrder } from '../../../lib/order.ts';
import { listedOrder } from '../../helpers/listed-order.ts';

const ASKED_AT = Date.UTC(2026, 0, 31, 12);
const fresh: Epoch = { askedAt: ASKED_AT, isLate: false };
const late: Epoch = { askedAt: ASKED_AT, isLate: true };

const kill = (scope: Scope, only?: Only): KillRequest => ({
  kill: scope,
  dryRun: false,
  ...(only !== undefined && { only }),
});
const ofAll = (only?: Only) => kill({ everything: true }, only);
const createdAt = (ms: number | undefined): ListedOrder => listedOrder({ createdAt: ms });

describe('an order', () => {
  test.each<[string, Scope, string]>([
    ['BTC-261225-90000-C', { symbol: 'BTC-261225-90000-C' }, 'covered'],
    ['BTC-261225-90000-P', { symbol: 'BTC-261225-90000-C' }, 'outside'],
    ['BTC-261225-90000-C', { underlying: 'BTCUSDT' }, 'covered'],
    ['BTCDOM-261225-900-C', { underlying: 'BTCUSDT' }, 'outside'],
    ['ETH-261225-4000-P', { underlying: 'BTCUSDT' }, 'outside'],
    ['ETH-261225-4000-P', { everything: true }, 'covered'],
  ])('of %s in %j is %s', (symbol, scope, kind) => {
    expect(coverageOf(listedOrder({ symbol }), kill(scope), fresh)).toEqual({ kind, isNewer: false });
  });

  test.each<[Only, Partial<ListedOrder>, string]>([
    [{ side: 'SELL' }, { side: 'SELL' }, 'covered'],
    [{ side: 'SELL' }, { side: 'BUY' }, 'outside'],
    [{ optionSide: 'PUT' }, { optionSide: 'PUT' }, 'covered'],
    [{ optionSide: 'PUT' }, { optionSide: 'CALL' }, 'outside'],
    [{ clientOrderIdPrefix: 'mm1-' }, { clientOrderId: 'mm1-' }, 'covered'],
    [{ clientOrderIdPrefix: 'mm1-' }, { clientOrderId: 'mm10-7' }, 'outside'],
    [{ clientOrderIdPrefix: 'mm1-' }, { clientOrderId: '' }, 'outside'],
    [{ side: 'SELL', clientOrderIdPrefix: 'a' }, { side: 'BUY', clientOrderId: 'a' }, 'outside'],
    [{ side: 'SELL', optionSide: 'PUT' }, { side: 'SELL', optionSide: 'PUT' }, 'covered'],
  ])('is narrowed by only: %j, %j is %s', (only, fields, kind) => {
    expect(coverageOf(listedOrder(fields), ofAll(only), fresh)).toEqual({ kind, isNewer: false });
  });

  test.each<[Only, string]>([
    [{ side: 'SELL' }, 'side'],
    [{ optionSide: 'CALL' }, 'optionSide'],
    [{ clientOrderIdPrefix: 'mm1-' }, 'clientOrderId'],
  ])('that does not show what %j needs is undecided, never a match', (only, field) => {
    const order = listedOrder({ side: undefined, optionSide: undefined, clientOrderId: undefined });

    expect(coverageOf(order, ofAll(only), fresh)).toEqual({ kind: 'undecided', isNewer: false, field });
  });

  test('outside of the scope is outside whatever it does not show', () => {
    const order = listedOrder({ symbol: 'ETH-261225-4000-P', side: undefined, createdAt: undefined });

    const coverage = coverageOf(order, kill({ underlying: 'BTCUSDT' }, { side: 'SELL' }), late);

    expect(coverage.kind).toBe('outside');
  });
});

describe('an order created', () => {
  test.each([
    [5000, false, 'covered', false],
    [5001, false, 'covered', true],
    [5000, true, 'covered', false],
    [5001, true, 'newer', true],
  ])('%i ms after the kill was asked for (late: %s) is %s', (afterMs, isLate, kind, isNewer) => {
    const coverage = coverageOf(createdAt(ASKED_AT + afterMs), ofAll(), { askedAt: ASKED_AT, isLate });

    expect(coverage).toEqual({ kind, isNewer });
  });

  test('at a time that it does not show is covered by a fresh kill, and undecided for a late one', () => {
    expect(coverageOf(createdAt(undefined), ofAll(), fresh)).toEqual({ kind: 'covered', isNewer: false });
    expect(coverageOf(createdAt(undefined), ofAll(), late)).toEqual({
      kind: 'undecided',
      isNewer: false,
      field: 'createTime',
    });
  });
});

test('the underlying of a symbol is its first part in USDT', () => {
  expect(underlyingOf('BTC-200730-9000-C')).toBe('BTCUSDT');
  expect(underlyingOf('1000PEPE-261225-0.01-P')).toBe('1000PEPEUSDT');
});
