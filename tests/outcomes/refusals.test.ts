import { describe, expect, test } from '@jest/globals';
import { type Fault, faults } from '../../local/exchange.ts';
import { cancelThrough } from '../helpers/cancel-through.ts';

const CANCEL = 'DELETE orderId';
const QUERY = 'GET orderId';
const TIME = 'TIME';

describe('a throttle', () => {
  const text = `Way too many requests; IP banned until ${Date.UTC(2026, 0, 31, 12, 2)}.`;
  const tooMany = 'Too many requests.';

  test.each<[string, number, Fault]>([
    ['429 with Retry-After', 7000, faults.tooMany(7)],
    ['429 without', 60_000, faults.answer(429, '')],
    ['429 as HTML', 60_000, faults.answer(429, '<html>slow down</html>', { contentType: 'text/html' })],
    ['418 with Retry-After', 180_000, faults.answer(418, '', { headers: { 'Retry-After': '180' } })],
    ['418 with the ban in its text', 120_000, faults.code(418, -1003, text)],
    ['-1003', 60_000, faults.code(400, -1003, tooMany)],
    ['-1003 with the ban in its text', 120_000, faults.code(400, -1003, text)],
    ['-1008', 60_000, faults.code(503, -1008, tooMany)],
    ['-1015', 60_000, faults.code(400, -1015, 'Too many new orders.')],
  ])('by %s holds every call for %i ms', async (_, ms, fault) => {
    const told = await cancelThrough({ faults: [fault] });

    expect(told).toMatchObject({ outcome: { kind: 'throttled' }, calls: [CANCEL], throttledForMs: ms });
  });
});

describe('a refusal', () => {
  test('-1021 has the clock read, and is signed again once', async () => {
    const fault = faults.code(400, -1021, 'Timestamp for this request is outside of the recvWindow.');
    const once = await cancelThrough({ faults: [fault] });
    const twice = await cancelThrough({ faults: [fault, fault] });

    expect([once.outcome.kind, once.calls]).toEqual(['canceled', [CANCEL, TIME, CANCEL]]);
    expect(twice.outcome).toMatchObject({ kind: 'unavailable', reason: { code: -1021 } });
    expect(twice.calls).toEqual([CANCEL, TIME, CANCEL]);
  });

  test.each([
    [400, -1022],
    [401, -2014],
    [401, -2015],
    [400, -2015],
    [401, -1002],
    [400, -2017],
    [400, -5002],
    [400, -6062],
  ])('%i %i while the secret is the same is credentials', async (status, code) => {
    const { outcome, calls } = await cancelThrough({ faults: [faults.code(status, code, 'No.')] });

    expect(outcome).toMatchObject({ kind: 'credentials', reason: { code, msg: 'No.' } });
    expect(calls).toEqual([CANCEL]);
  });

  test.each([
    ['403 of the firewall', faults.firewall()],
    ['403 with a code', faults.code(403, -1121, 'Invalid symbol.')],
    ['451 with code 0', faults.restrictedRegion()],
    ['451 without a body', faults.answer(451, '')],
    ['-5005', faults.code(400, -5005, 'Country restricted.')],
    ['-5009', faults.code(400, -5009, 'Address restricted.')],
  ])('%s is forbidden', async (_, fault) => {
    const { outcome, calls } = await cancelThrough({ faults: [fault] });

    expect([outcome.kind, calls]).toEqual(['forbidden', [CANCEL]]);
  });

  test.each([
    -1100, -1101, -1102, -1103, -1104, -1105, -1106, -1119, -1121, -1128, -1130, -1131, -6003, -6004, -6011,
    -6029,
  ])('400 %i is invalid-request, with the code and the text', async (code) => {
    const { outcome, calls } = await cancelThrough({ faults: [faults.code(400, code, 'Not like this.')] });

    expect(outcome).toMatchObject({ kind: 'invalid-request', reason: { code, msg: 'Not like this.' } });
    expect(calls).toEqual([CANCEL]);
  });

  test.each([-6063, -6055, -6059, -6049, -4021, -6073, -1020, -9999])(
    '400 %i says nothing about the order: it is queried, and canceled again while it is open',
    async (code) => {
      const once = await cancelThrough({ faults: [faults.code(400, code, 'Not now.')] });
      const always = await cancelThrough({ cancels: faults.code(400, code, 'Not now.') });

      expect([once.outcome.kind, once.calls]).toEqual(['canceled', [CANCEL, QUERY, CANCEL]]);
      expect(always.outcome).toMatchObject({ kind: 'unavailable', reason: { code, msg: 'Not now.' } });
      expect([always.attempts, always.status]).toEqual([3, 'ACCEPTED']);
    },
  );

  test('-6028 says that the order is final: a query says which state', async () => {
    const told = await cancelThrough({
      status: 'FILLED',
      faults: [faults.code(400, -6028, 'Order is final.')],
    });

    expect([told.outcome.kind, told.calls]).toEqual(['filled', [CANCEL, QUERY]]);
  });

  test('-4078 leaves the outcome unknown, whether the cancel was carried out or not', async () => {
    const stale = { queries: faults.staleRead(), maxAttempts: 1 };
    const done = await cancelThrough({
      ...stale,
      faults: [faults.code(400, -4078, 'E.', { executed: true })],
    });
    const lost = await cancelThrough({ ...stale, faults: [faults.code(400, -4078, 'E.')] });

    expect([done.outcome.kind, done.status]).toEqual(['unknown', 'CANCELLED']);
    expect([lost.outcome.kind, lost.status]).toEqual(['unknown', 'ACCEPTED']);
  });
});
