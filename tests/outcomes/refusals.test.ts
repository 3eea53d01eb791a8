import { describe, expect, test } from '@jest/globals';
import { type Fault, faults } from '../../local/exchange.ts';
import { cancelThrough } from '../helpers/cancel-through.ts';

const CANCEL = 'DELETE orderId';
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
  ])('%i %i while the secret is the same is for want of credentials', async (status, code) => {
    const { outcome, calls } = await cancelThrough({ faults: [faults.code(status, code, 'No.')] });

    expect(outcome).toMatchObject({ kind: 'credentials', reason: { code, msg: 'No.' } });
    expect(calls).toEqual([CANCEL]);
  });

  test.each([
    ['403 of the firewall', faults.firewall()],
    ['403 with a code', faults.code(403, -1121, 'Invalid symbol.')],
    ['451 with code 0', faults.restrictedRegion()],
    ['451 without a body', faults.answer(451, '')],
  ])('%s is forbidden', async (_, fault) => {
    const { outcome, calls } = await cancelThrough({ faults: [fault] });

    expect([outcome.kind, calls]).toEqual(['forbidden', [CANCEL]]);
  });

  test.each([-1100, -1101, -1102, -1103, -1104, -1105, -1106, -1121, -1128, -1130, -1131, -1020, -4028])(
    '400 %i is invalid-request, with the code and the text',
    async (code) => {
      const { outcome, calls } = await cancelThrough({ faults: [faults.code(400, code, 'Not like this.')] });

      expect(outcome).toMatchObject({ kind: 'invalid-request', reason: { code, msg: 'Not like this.' } });
      expect(calls).toEqual([CANCEL]);
    },
  );
});
