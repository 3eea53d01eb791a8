import { describe, expect, test } from '@jest/globals';
import {
  isKill,
  type KillRequest,
  killToJson,
  parseCancelAll,
  parseKill,
} from '../../../lib/cancel/kill-request.ts';
import { parseJson } from '../../../lib/json.ts';

const SYMBOL = 'BTC-261225-90000-C';
const ONE_SCOPE = 'kill must hold exactly one of {"symbol"}, {"underlying"} and {"everything": true}';
const SYMBOL_HINT = 'must be an option symbol such as BTC-200730-9000-C';
const UNDERLYING_HINT = 'must be an underlying such as BTCUSDT';
const NARROWS =
  'only must hold at least one of side, optionSide and clientOrderIdPrefix; leave it out to cancel all';
const TIME_HINT = 'must be ISO 8601 with a time zone (2026-01-31T12:00:00Z) or milliseconds since the epoch';
const KILL_ID = 'killId must be 1 to 128 visible ASCII characters';
const PREFIX = 'only.clientOrderIdPrefix must be 1 to 64 visible ASCII characters';

const everything = { kill: { everything: true } };

/** Returns the errors of a kill, none for a valid one. */
function errorsOf(fields: unknown): readonly string[] {
  const parsed = parseKill(fields);
  return parsed.ok ? [] : parsed.errors;
}

describe('the scope of a kill', () => {
  test.each([
    [{ symbol: SYMBOL }],
    [{ underlying: 'BTCUSDT' }],
    [{ underlying: '1000PEPEUSDT' }],
    [{ everything: true }],
  ])('may be %j', (kill) => {
    expect(parseKill({ kill })).toEqual({ ok: true, value: { kill, dryRun: false } });
  });

  test.each<[unknown, string]>([
    [{}, ONE_SCOPE],
    [null, ONE_SCOPE],
    [[], ONE_SCOPE],
    ['everything', ONE_SCOPE],
    [true, ONE_SCOPE],
    [{ symbol: SYMBOL, underlying: 'BTCUSDT' }, ONE_SCOPE],
    [{ symbol: SYMBOL, everything: true }, ONE_SCOPE],
    [{ underlying: 'BTCUSDT', everything: true }, ONE_SCOPE],
    [{ simbol: SYMBOL }, 'kill.simbol is not a field of a kill: remove it'],
    [{ Everything: true }, 'kill.Everything is not a field of a kill: remove it'],
    [{ everything: false }, 'kill.everything must be true'],
    [{ everything: 'true' }, 'kill.everything must be true'],
    [{ everything: null }, 'kill.everything must be true'],
    [{ symbol: 'BTCUSDT' }, `kill.symbol ${SYMBOL_HINT}`],
    [{ symbol: '' }, `kill.symbol ${SYMBOL_HINT}`],
    [{ symbol: null }, `kill.symbol ${SYMBOL_HINT}`],
    [{ symbol: [SYMBOL] }, `kill.symbol ${SYMBOL_HINT}`],
    [{ underlying: 'BTC' }, `kill.underlying ${UNDERLYING_HINT}`],
    [{ underlying: 'btcusdt' }, `kill.underlying ${UNDERLYING_HINT}`],
    [{ underlying: '.BTCUSDT' }, `kill.underlying ${UNDERLYING_HINT}`],
    [{ underlying: 'BTCUSDT-261225' }, `kill.underlying ${UNDERLYING_HINT}`],
    [{ underlying: '*' }, `kill.underlying ${UNDERLYING_HINT}`],
    [{ underlying: '' }, `kill.underlying ${UNDERLYING_HINT}`],
  ])('may not be %j', (kill, error) => {
    expect(errorsOf({ kill })).toEqual([error]);
  });

  test.each(['symbol', 'underlying', 'everything'])(
    'that is %s without a value is never everything',
    (field) => {
      expect(errorsOf({ kill: { [field]: undefined } })).toEqual([ONE_SCOPE]);
    },
  );

  test('is missing without kill', () => {
    expect(errorsOf({})).toEqual(['kill is missing: send it']);
  });
});

describe('only', () => {
  test.each([
    [{ side: 'BUY' }],
    [{ side: 'SELL', optionSide: 'PUT' }],
    [{ optionSide: 'CALL', clientOrderIdPrefix: 'mm1-' }],
    [{ clientOrderIdPrefix: '~'.repeat(64) }],
  ])('may be %j', (only) => {
    expect(parseKill({ ...everything, only })).toEqual({
      ok: true,
      value: { ...everything, only, dryRun: false },
    });
  });

  test.each<[unknown, string]>([
    [{}, NARROWS],
    [null, NARROWS],
    [[], NARROWS],
    ['SELL', NARROWS],
    [{ side: undefined }, NARROWS],
    [{ side: 'sell' }, 'only.side must be BUY or SELL'],
    [{ side: '' }, 'only.side must be BUY or SELL'],
    [{ optionSide: 'C' }, 'only.optionSide must be CALL or PUT'],
    [{ clientOrderIdPrefix: '' }, PREFIX],
    [{ clientOrderIdPrefix: 'a b' }, PREFIX],
    [{ clientOrderIdPrefix: 'é' }, PREFIX],
    [{ clientOrderIdPrefix: 'a'.repeat(65) }, PREFIX],
    [{ side: 'SELL', symbol: SYMBOL }, 'only.symbol is not a field of a kill: remove it'],
  ])('may not be %j', (only, error) => {
    expect(errorsOf({ ...everything, only })).toEqual([error]);
  });
});

describe('a kill', () => {
  test('has each of its fields', () => {
    const fields = {
      kill: { symbol: SYMBOL },
      only: { side: 'SELL' },
      dryRun: true,
      reason: 'vol limit',
      killId: 'risk/7',
      askedAt: '2026-01-31T12:00:00Z',
      expiresAt: 1769860860000,
      recvWindow: '7000',
    };

    expect(parseKill(fields)).toEqual({
      ok: true,
      value: { ...fields, askedAt: 1769860800999, recvWindow: 7000 },
    });
  });

  test.each([
    ['orderId', '1'],
    ['symbol', SYMBOL],
    ['clientOrderId', 'desk-7'],
    ['everything', true],
    ['Only', { side: 'SELL' }],
    ['dryrun', true],
    ['confirm', false],
  ])('beside %s is refused: it may be meant to narrow the kill', (field, value) => {
    expect(errorsOf({ ...everything, [field]: value })).toEqual([
      `${field} is not a field of a kill: remove it`,
    ]);
  });

  test.each<[string, unknown, string]>([
    ['dryRun', 'true', 'dryRun must be true or false'],
    ['dryRun', 1, 'dryRun must be true or false'],
    ['reason', 7, 'reason must be text'],
    ['killId', '', KILL_ID],
    ['killId', 'a\nb', KILL_ID],
    ['killId', 'a'.repeat(129), KILL_ID],
    ['askedAt', 'now', `askedAt ${TIME_HINT}`],
    ['askedAt', '2026-01-31T12:00:00', `askedAt ${TIME_HINT}`],
    ['expiresAt', -1, `expiresAt ${TIME_HINT}`],
    ['expiresAt', null, `expiresAt ${TIME_HINT}`],
    ['recvWindow', 60_000, 'recvWindow must be a whole number of milliseconds from 1 to 59999'],
  ])('whose %s is %j is refused with the field and the fix', (field, value, error) => {
    expect(errorsOf({ ...everything, [field]: value })).toEqual([error]);
  });

  test('names every wrong field at once', () => {
    expect(errorsOf({ kill: { underlying: 'BTC' }, dryRun: 'yes', orderId: 1 })).toEqual([
      `kill.underlying ${UNDERLYING_HINT}`,
      'dryRun must be true or false',
      'orderId is not a field of a kill: remove it',
    ]);
  });

  test('names ten wrong fields at most', () => {
    const kill = { symbol: 1, underlying: 1, everything: 1, x: 1 };
    const only = { side: 1, optionSide: 1, clientOrderIdPrefix: 1, x: 1 };

    expect(errorsOf({ kill, only, dryRun: 1, reason: 1, killId: '', askedAt: 'now' })).toHaveLength(10);
  });

  test('has no field that was given without a value', () => {
    const fields = { kill: { symbol: SYMBOL, underlying: undefined }, reason: undefined };
    const only = { side: 'SELL', optionSide: undefined };

    expect(parseKill({ ...fields, only })).toStrictEqual({
      ok: true,
      value: { kill: { symbol: SYMBOL }, only: { side: 'SELL' }, dryRun: false },
    });
  });

  test('has its reason without the characters that no queue message can hold', () => {
    expect(parseKill({ ...everything, reason: 'vol\uffff\u0001 limit\n' })).toMatchObject({
      ok: true,
      value: { reason: 'vol?? limit\n' },
    });
  });

  test.each([
    [200, 200],
    [201, 200],
    [5000, 200],
  ])('with a reason of %i characters keeps %i', (given, kept) => {
    expect(parseKill({ ...everything, reason: 'x'.repeat(given) })).toMatchObject({
      ok: true,
      value: { reason: 'x'.repeat(kept) },
    });
  });

  test('as JSON parses to itself, its times to the millisecond', () => {
    const kill: KillRequest = {
      kill: { underlying: 'BTCUSDT' },
      only: { side: 'SELL', optionSide: 'CALL', clientOrderIdPrefix: 'mm1-' },
      dryRun: false,
      reason: 'vol "limit"',
      killId: 'risk/7',
      askedAt: 1769860800001,
      expiresAt: 1769860860000,
      recvWindow: 7000,
    };

    expect(parseKill(parseJson(killToJson(kill)))).toEqual({ ok: true, value: kill });
  });
});

describe('a request', () => {
  test.each([
    [everything],
    [{ kill: {} }],
    [{ kill: null }],
    [{ kill: undefined }],
    [{ kill: 'x', orderId: '1' }],
  ])('with kill is a kill, valid or not: %j', (fields) => {
    expect(isKill(fields)).toBe(true);
  });

  test.each<[unknown]>([
    [{ symbol: SYMBOL }],
    [{ symbol: SYMBOL, orderId: '1' }],
    [{ everything: true }],
    [{ Kill: { everything: true } }],
    [{}],
    [Object.create(everything)],
    ['{"kill":{"everything":true}}'],
    [null],
    [undefined],
  ])('without kill is never one: %j', (fields) => {
    expect(isKill(fields)).toBe(false);
  });
});

describe.each([
  ['symbol', SYMBOL, `symbol ${SYMBOL_HINT}`],
  ['underlying', 'BTCUSDT', `underlying ${UNDERLYING_HINT}`],
] as const)('a cancel-all by %s', (field, value, hint) => {
  const other = field === 'symbol' ? 'underlying' : 'symbol';

  test('is a kill of that scope', () => {
    expect(parseCancelAll({ [field]: value, recvWindow: '60', askedAt: '1' }, field)).toEqual({
      ok: true,
      value: { kill: { [field]: value }, dryRun: false, recvWindow: 60, askedAt: 1 },
    });
  });

  test('without its scope is refused', () => {
    expect(parseCancelAll({}, field)).toEqual({ ok: false, errors: [`${field} is missing: send it`] });
    expect(parseCancelAll({ [field]: undefined }, field)).toEqual({ ok: false, errors: [hint] });
  });

  test.each([[''], ['everything'], [['BTC']]])('of %j is refused', (wrong) => {
    expect(parseCancelAll({ [field]: wrong }, field)).toEqual({ ok: false, errors: [hint] });
  });

  test.each([
    ['kill', { everything: true }],
    ['only', { side: 'SELL' }],
    ['dryRun', true],
    [other, 'BTCUSDT'],
    ['orderId', '1'],
  ])('beside %s is refused: its answer says that the whole scope is empty', (extra, given) => {
    expect(parseCancelAll({ [field]: value, [extra]: given }, field)).toEqual({
      ok: false,
      errors: [`${extra} is not a field of a cancel-all: remove it`],
    });
  });
});
