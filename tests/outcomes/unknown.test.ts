import { describe, expect, test } from '@jest/globals';
import { type Executed, type Fault, faults, type OrderStatus } from '../../local/exchange.ts';
import { cancelThrough, NAME, ORDER_ID, orderAnswer } from '../helpers/cancel-through.ts';

const CANCEL = 'DELETE orderId';
const QUERY = 'GET orderId';

/** Where a call has to time out; the exchange's other answers must come within it. */
const timeoutMs = 600;

type Row = readonly [name: string, fault: (how: Executed) => Fault];

const rows: readonly Row[] = [
  ['503 "Unknown error…"', faults.unknown503],
  ['503 "Unknown error…" without a code', (how) => faults.answer(503, unknownError, how)],
  ['500', (how) => faults.answer(500, '', how)],
  [
    '502 as HTML',
    (how) => faults.answer(502, '<html>Bad Gateway</html>', { ...how, contentType: 'text/html' }),
  ],
  ['503 as HTML', (how) => faults.answer(503, '<html>Service Unavailable</html>', how)],
  ['504 with a code', (how) => faults.code(504, -1121, 'Invalid symbol.', how)],
  ['500 with a code about the clock', (how) => faults.code(500, -1021, 'Outside of the recvWindow.', how)],
  ['502 with a code about keys', (how) => faults.code(502, -2015, 'Invalid API-key.', how)],
  ['-1000', (how) => faults.code(400, -1000, 'An unknown error occurred.', how)],
  ['-1006', (how) => faults.code(400, -1006, 'An unexpected response was received.', how)],
  ['-1007', faults.timeout],
  ['a timeout', faults.hang],
  ['a reset', faults.reset],
  ['an unreadable 200', faults.unreadable200],
  ['an empty 200', (how) => faults.answer(200, '', how)],
  ['a code that nobody knows', (how) => faults.code(400, 7, 'Lucky.', how)],
];

const unknownError = 'Unknown error, please check your request or try again later.';

describe('an answer that leaves the outcome open', () => {
  test.each(rows)('%s: a cancel that was carried out is found canceled by a query', async (_, fault) => {
    const told = await cancelThrough({ timeoutMs, faults: [fault({ executed: true })] });

    expect({ ...told, kind: told.outcome.kind }).toMatchObject({
      kind: 'canceled',
      calls: [CANCEL, QUERY],
      attempts: 1,
    });
  });

  test.each(rows)('%s: a cancel that was lost is sent again once a query says so', async (_, fault) => {
    const told = await cancelThrough({ timeoutMs, faults: [fault({ executed: false })] });

    expect(told).toMatchObject({ outcome: { kind: 'canceled' }, attempts: 2, status: 'CANCELLED' });
    expect(told.calls).toEqual([CANCEL, QUERY, CANCEL]);
  });

  test.each<[OrderStatus, string]>([
    ['FILLED', 'filled'],
    ['EXPIRED', 'closed'],
  ])('is settled by a query that says %s', async (status, kind) => {
    const told = await cancelThrough({ status, faults: [faults.unknown503()] });

    expect([told.outcome.kind, told.calls]).toEqual([kind, [CANCEL, QUERY]]);
  });

  test('stays unknown when no query finds the order: reads lag', async () => {
    const told = await cancelThrough({ status: 'none', faults: [faults.unknown503()] });

    expect(told.outcome).toMatchObject({ kind: 'unknown', reason: { code: -1000 } });
    expect(told.calls).toEqual([CANCEL, QUERY, QUERY, QUERY, QUERY]);
    expect(told.waitedMs).toBe(1300);
  });

  test('is queried again when the query finds no order, though one before had found it: reads lag', async () => {
    const lost = faults.unknown503();
    const missing = faults.staleRead('missing');
    const told = await cancelThrough({ faults: [lost, {}, { ...lost, executed: true }, missing] });
    const never = await cancelThrough({ faults: [lost, {}, lost], queries: missing });

    expect(told.calls).toEqual([CANCEL, QUERY, CANCEL, QUERY, QUERY]);
    expect([told.outcome.kind, never.outcome.kind]).toEqual(['canceled', 'unknown']);
  });

  test('is queried again while queries fail, then unknown, with what was said to the cancel', async () => {
    const told = await cancelThrough({ cancels: faults.timeout(), queries: faults.answer(502, '') });

    expect(told.outcome).toMatchObject({ kind: 'unknown', reason: { code: -1007 } });
    expect(told.calls.slice(0, 4)).toEqual([CANCEL, QUERY, QUERY, QUERY]);
    expect(told.attempts).toBe(1);
    expect(told.waitedMs).toBeLessThanOrEqual(8000);
  });

  test.each([
    ['throttled', faults.tooMany(5)],
    ['forbidden', faults.firewall()],
    ['invalid', faults.code(400, -1102, 'Mandatory parameter was not sent.')],
  ])('stays unknown when the query is %s', async (_, fault) => {
    const told = await cancelThrough({ faults: [faults.unknown503({ executed: true }), fault] });

    expect([told.outcome.kind, told.calls]).toEqual(['unknown', [CANCEL, QUERY]]);
  });

  test('is unknown when it was the last cancel and the order is still open', async () => {
    const told = await cancelThrough({ cancels: faults.unknown503(), maxAttempts: 2 });

    expect(told).toMatchObject({ outcome: { kind: 'unknown' }, attempts: 2, status: 'ACCEPTED' });
    expect(told.calls).toEqual([CANCEL, QUERY, CANCEL, QUERY]);
  });
});

describe('a cancel that was carried out behind an open answer, while the query still sees the order open', () => {
  const doubt = [faults.unknown503({ executed: true }), faults.staleRead()];
  const clock = faults.code(400, -1021, 'Timestamp for this request is outside of the recvWindow.');

  test.each<[string, readonly Fault[]]>([
    ['a failure to be tried again', Array<Fault>(2).fill(faults.internal503())],
    ['a throttle', [faults.tooMany(5)]],
    ['a ban', [faults.banned(120)]],
    ['rejected credentials', [faults.code(401, -2015, 'Invalid API-key, IP, or permissions for action.')]],
    ['a refused region', [faults.restrictedRegion()]],
    ['a refused request', [faults.code(400, -1121, 'Invalid symbol.')]],
    ['a clock that stays wrong', [clock, clock]],
  ])('is never said not to have been: %s leaves it unknown', async (_, then) => {
    const told = await cancelThrough({ faults: [...doubt, ...then] });

    expect(told).toMatchObject({ outcome: { kind: 'unknown' }, status: 'CANCELLED' });
  });

  test('is found by the query that follows the next cancel', async () => {
    const told = await cancelThrough({ faults: doubt });

    expect([told.outcome.kind, told.calls]).toEqual(['canceled', [CANCEL, QUERY, CANCEL, QUERY]]);
  });
});

test('an answer about another order proves nothing', async () => {
  const other = '4611875134427365378';
  const told = await cancelThrough({
    beforeCall: (number, exchange) => number === 1 && exchange.place({ clientOrderId: 'other' }),
    faults: [orderAnswer({ status: 'CANCELLED', clientOrderId: NAME }, other)],
    queries: orderAnswer({ status: 'CANCELLED' }, other),
  });

  expect(told).toMatchObject({ outcome: { kind: 'unknown' }, status: 'ACCEPTED' });
  expect(told.exchange.calls.every(({ rawQuery }) => rawQuery.includes(`orderId=${ORDER_ID}`))).toBe(true);
});
