import { beforeEach, describe, expect, test } from '@jest/globals';
import { Throttle } from '../../../lib/exchange/throttle.ts';
import type { Answer } from '../../../lib/exchange/transport.ts';
import { type ManualEffects, manualEffects } from '../../helpers/manual-effects.ts';

const MINUTE_MS = 60_000;
const THREE_DAYS_MS = 3 * 24 * 60 * MINUTE_MS;
/** Ten seconds into a minute. */
const START = Date.UTC(2026, 0, 31, 12, 0, 10);

let effects: ManualEffects;
let clockOffset: number;
let throttle: Throttle;

beforeEach(() => {
  effects = manualEffects(START);
  clockOffset = 0;
  throttle = new Throttle({ weightLimit: 2400, effects, clockOffset: () => clockOffset });
});

function refusal(retryAfter: string | undefined, text = ''): Answer {
  const times = { sentAt: START, receivedAt: START };
  return {
    kind: 'answer',
    status: 429,
    text,
    contentType: undefined,
    retryAfter,
    usedWeight: undefined,
    ...times,
  };
}

const banText = (until: number) => `{"code":-1003,"msg":"Way too many requests; IP banned until ${until}."}`;
const httpDate = (ms: number) => new Date(ms).toUTCString();

describe('a throttle lasts', () => {
  test.each<[string, string | undefined, string, number]>([
    ['for as many seconds as Retry-After says', '17', '', 17_000],
    ['until the date that Retry-After says', httpDate(START + 90_000), '', 90_000],
    ['until the time in the text of a ban', undefined, banText(START + 150_000), 150_000],
    ['until the later of the two when it is in the text', '17', banText(START + 150_000), 150_000],
    ['until the later of the two when it is in the header', '170', banText(START + 150_000), 170_000],
    ['for 60 s when nothing says how long', undefined, '{"code":-1003,"msg":"Too many."}', 60_000],
    ['for a second at least', '0', '', 1000],
    ['for a second at least after a date gone by', httpDate(START - 90_000), '', 1000],
    ['for three days at most', '9999999999', '', THREE_DAYS_MS],
    ['for three days at most by a ban', undefined, banText(9_999_999_999_999), THREE_DAYS_MS],
  ])('%s', (_what, retryAfter, text, ms) => {
    throttle.noteThrottle(refusal(retryAfter, text));

    expect(throttle.heldUntil('cancel')).toBe(START + ms);
    expect(throttle.remainingMs()).toBe(ms);
  });

  test.each(['', 'soon', '-5', '1.5', '60s', '17, 18'])('for 60 s when Retry-After is %j', (value) => {
    throttle.noteThrottle(refusal(value));

    expect(throttle.remainingMs()).toBe(60_000);
  });

  test('until a time on the exchange’s own clock, where its text or a date says so', () => {
    clockOffset = 3_600_000;

    throttle.noteThrottle(refusal(undefined, banText(START + 3_600_000 + 20_000)));
    const byText = throttle.heldUntil('cancel');
    throttle.noteThrottle(refusal(httpDate(START + 3_600_000 + 30_000)));
    const byDate = throttle.heldUntil('cancel');

    expect([byText, byDate]).toEqual([START + 20_000, START + 30_000]);
  });

  test.each([
    ['14 digits', 'banned until 17698608500001.'],
    ['no digits', 'banned until tomorrow noon.'],
    ['another word before it', 'called until 1769860850000.'],
  ])('for 60 s when the time in its text has %s', (_, text) => {
    throttle.noteThrottle(refusal(undefined, text));

    expect(throttle.remainingMs()).toBe(60_000);
  });

  test('no shorter than an earlier answer said', () => {
    throttle.noteThrottle(refusal('120'));

    throttle.noteThrottle(refusal('10'));

    expect(throttle.heldUntil('cancel')).toBe(START + 120_000);
    expect(throttle.remainingMs()).toBe(120_000);
  });
});

test('a throttle holds every call until it is over, and none after', () => {
  throttle.noteThrottle(refusal('17'));

  effects.advance(16_999);
  const before = [throttle.heldUntil('cancel'), throttle.heldUntil('query'), throttle.remainingMs()];
  effects.advance(1);
  const after = [throttle.heldUntil('cancel'), throttle.heldUntil('query'), throttle.remainingMs()];

  expect(before).toEqual([START + 17_000, START + 17_000, 1]);
  expect(after).toEqual([undefined, undefined, 0]);
});

describe('the last tenth of the weight', () => {
  test('is for cancels and the clock alone, until the minute is over', () => {
    throttle.noteWeight(2160, effects.now());
    expect(throttle.heldUntil('cancel')).toBeUndefined();
    expect(throttle.heldUntil('query')).toBe(START + 50_000);

    effects.advance(49_999);
    expect(throttle.heldUntil('query')).toBe(START + 50_000);

    effects.advance(1);
    expect(throttle.heldUntil('query')).toBeUndefined();
  });

  test('begins at nine tenths', () => {
    throttle.noteWeight(2159, effects.now());

    expect(throttle.heldUntil('query')).toBeUndefined();
  });

  test('begins when a later answer of the same minute reports it', () => {
    throttle.noteWeight(5, effects.now());
    throttle.noteWeight(2160, effects.now());

    expect(throttle.heldUntil('query')).toBe(START + 50_000);
  });

  test('stays kept when an older answer reports less weight', () => {
    throttle.noteWeight(2160, effects.now());
    throttle.noteWeight(5, effects.now());

    expect(throttle.heldUntil('query')).toBe(START + 50_000);
  });

  test('is free again with the weight of a new minute', () => {
    throttle.noteWeight(2400, effects.now());

    effects.advance(MINUTE_MS);
    throttle.noteWeight(1, effects.now());

    expect(throttle.heldUntil('query')).toBeUndefined();
  });

  test('goes by the minutes of the exchange’s clock', () => {
    clockOffset = 30_000;
    throttle.noteWeight(2160, effects.now());

    effects.advance(19_999);
    const before = throttle.heldUntil('query');
    effects.advance(1);

    expect(before).toBe(START + 20_000);
    expect(throttle.heldUntil('query')).toBeUndefined();
  });

  test('gives no way around a throttle', () => {
    throttle.noteWeight(2400, effects.now());
    throttle.noteThrottle(refusal('17'));

    expect(throttle.heldUntil('cancel')).toBe(START + 17_000);
    expect(throttle.heldUntil('query')).toBe(START + 17_000);
  });
});

describe('a call for', () => {
  test.each([
    ['cancel', 1_000_000, false],
    ['clock', 1_000_000, false],
    ['query', 2159, false],
    ['query', 2160, true],
    ['proof', 2279, false],
    ['proof', 2280, true],
  ] as const)('%s at a used weight of %d of 2400 waits for the next minute: %s', (purpose, weight, waits) => {
    throttle.noteWeight(weight, effects.now());

    expect(throttle.heldUntil(purpose)).toBe(waits ? START + 50_000 : undefined);
  });
});

describe('a weight counts for the minute in which its call was sent', () => {
  test('so one that is reported after the minute turned does not hold the queries of the next', () => {
    const sentAt = effects.now();
    effects.advance(50_000);

    throttle.noteWeight(2400, sentAt);

    expect(throttle.heldUntil('query')).toBeUndefined();
  });

  test('so one of the minute before leaves the weight of this minute as it is', () => {
    const sentAt = effects.now();
    effects.advance(50_000);
    throttle.noteWeight(2160, effects.now());

    throttle.noteWeight(5, sentAt);
    const before = throttle.heldUntil('query');
    throttle.noteWeight(2400, sentAt);

    expect([before, throttle.heldUntil('query')]).toEqual([START + 110_000, START + 110_000]);
  });
});

describe('a wall clock that is set', () => {
  test.each([
    ['back', 3_600_000],
    ['ahead', -3_600_000],
  ])('%s neither shortens nor lengthens a throttle', (_, ms) => {
    throttle.noteThrottle(refusal('17'));

    effects.setBack(ms);
    effects.advance(16_999);
    const before = [throttle.remainingMs(), throttle.heldUntil('cancel')];
    effects.advance(1);

    expect(before).toEqual([1, effects.now()]);
    expect([throttle.remainingMs(), throttle.heldUntil('cancel')]).toEqual([0, undefined]);
  });
});
