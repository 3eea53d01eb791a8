import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { loadConfig } from '../../lib/config.ts';
import type { DrillJob } from '../../lib/drills.ts';
import { Service } from '../../lib/service.ts';
import { faults } from '../../local/exchange.ts';
import { defaultKey, deskKey, freshHmacKey } from '../../local/keys.ts';
import { type LocalStack, SECRET_ID, startLocalStack } from '../../local/stack.ts';
import { callsTo } from '../helpers/kill-stage.ts';
import { type ManualEffects, manualEffects } from '../helpers/manual-effects.ts';
import { type CapturedOutput, captureOutput } from '../helpers/output.ts';

const DAY_MS = 24 * 60 * 60_000;
const LIST = 'GET exchangeInfo';
const CANCEL = 'DELETE order';
const INFO = { method: 'GET', path: '/eapi/v1/exchangeInfo' };

let time: ManualEffects;
let stack: LocalStack;
let output: CapturedOutput;
let service: Service;

beforeAll(async () => {
  // a list of few options, which is quick to read
  stack = await startLocalStack({ exchange: { now: () => time.now(), underlyings: [] } });
  Object.assign(process.env, stack.env);
});

afterAll(() => stack.stop());

beforeEach(() => {
  output = captureOutput();
  time = manualEffects();
  stack.secrets.put(SECRET_ID, defaultKey);
  stack.exchange.setKeys([defaultKey, deskKey]);
  stack.exchange.clockSkewMs = 0;
  stack.exchange.resetCalls();
  service = load();
});

afterEach(() => output[Symbol.dispose]());

const load = (env: Readonly<Record<string, string>> = {}) =>
  new Service(loadConfig({ ...stack.env, ...env }), 'api', time);

function drill(more: Partial<DrillJob> = {}, from = service) {
  const parsed = { ok: true, value: { drill: true } } as const;
  return from.drill({ parsed, requestId: 'r', lambdaRequestId: 'l', remainingMs: 20_000, ...more });
}

const named = (account: string): Pick<DrillJob, 'parsed'> => ({
  parsed: { ok: true, value: { drill: true, account } },
});

const calls = () => callsTo(stack);

describe('a drill', () => {
  test('cancels order 1 of the listed option that expires last, and touches no order', async () => {
    const { orderId } = stack.exchange.place({ symbol: 'ETH-261225-4000-P' });

    const result = await drill();

    const detail = 'accepted: the exchange looked for order 1 of ETH-261225-4000-P';
    expect(result).toEqual({ drill: 'ok', symbol: 'ETH-261225-4000-P', detail });
    expect(calls()).toEqual([LIST, CANCEL]);
    expect(stack.exchange.calls.at(-1)?.rawQuery).toMatch(/^symbol=ETH-261225-4000-P&orderId=1&recvWindow=/);
    expect(stack.exchange.order(orderId)?.status).toBe('ACCEPTED');
  });

  test('reads the listed options once a day', async () => {
    await drill();
    time.advance(DAY_MS - 1);
    await drill();
    expect(calls()).toEqual([LIST, CANCEL, CANCEL]);

    time.advance(1);
    await drill();
    expect(calls()).toEqual([LIST, CANCEL, CANCEL, LIST, CANCEL]);
  });

  test.each([
    ['an option that is not valid', faults.code(400, -1121, 'Invalid symbol.')],
    ['the call with a code that no list has', faults.code(400, -4021, 'Invalid operation.')],
  ])('after the exchange has refused %s reads the listed options again', async (_, fault) => {
    stack.exchange.script(fault, { method: 'DELETE' });

    expect(await drill()).toMatchObject({ drill: 'failed', fix: expect.stringContaining('listed options') });
    expect(await drill()).toMatchObject({ drill: 'ok' });
    expect(calls()).toEqual([LIST, CANCEL, LIST, CANCEL]);
  });

  test('after a list that could not be read reads it again', async () => {
    stack.exchange.script(faults.unreadable200(), INFO);

    expect(await drill()).toMatchObject({ drill: 'failed', fix: expect.stringMatching(/^run it again/) });
    expect(await drill()).toMatchObject({ drill: 'ok' });
  });

  test('is ok when the exchange’s clock has been set and when the key has been rotated', async () => {
    await drill();
    stack.exchange.clockSkewMs = 60_000;
    expect(await drill()).toMatchObject({ drill: 'ok' });

    const { exchangeKey, secret } = freshHmacKey();
    stack.secrets.put(SECRET_ID, secret);
    stack.exchange.setKeys([exchangeKey]);
    expect(await drill()).toMatchObject({ drill: 'ok' });
  });

  test('of a named account is signed with its own key', async () => {
    stack.exchange.setKeys([deskKey]);

    expect(await drill()).toMatchObject({ drill: 'failed', account: undefined });
    expect(await drill(named('desk-a'))).toMatchObject({ drill: 'ok', account: 'desk-a' });
  });

  test('takes 5 s at most, and leaves the invocation time to answer', async () => {
    const slow = load({ BINANCE_TIMEOUT_MS: '60000' });
    await drill({}, slow);
    stack.exchange.beforeCall = (_, { path }) => path === INFO.path && time.advance(4900);
    stack.exchange.script(faults.hang(), { method: 'DELETE', times: 2 });
    time.advance(DAY_MS);

    const ofFiveSeconds = await drill({}, slow);
    time.advance(DAY_MS);
    const ofThree = await drill({ remainingMs: 6450 }, slow);
    stack.exchange.beforeCall = undefined;

    expect(ofFiveSeconds.detail).toBe('no answer from the exchange: no answer within 100 ms');
    expect(ofThree.detail).toBe('no answer from the exchange: no answer within 50 ms');
  });
});

describe('a drill fails, with the fix,', () => {
  test('when the secret is absent', async () => {
    expect(await drill(named('desk-b'))).toMatchObject({
      drill: 'failed',
      account: 'desk-b',
      detail: expect.stringContaining('there is no secret binance/accounts/desk-b'),
      fix: expect.stringContaining('BINANCE_ACCOUNT_SECRETS'),
    });
    expect(calls()).toEqual([]);
  });

  test('when no further accounts are set up', async () => {
    const { BINANCE_ACCOUNT_SECRETS: _, ...env } = stack.env;

    const result = await drill(named('desk-a'), new Service(loadConfig(env), 'api', time));

    const detail = 'BINANCE_ACCOUNT_SECRETS is not set';
    expect(result).toMatchObject({ drill: 'failed', account: 'desk-a', detail, fix: expect.any(String) });
    expect(calls()).toEqual([]);
  });

  test.each([
    ['the exchange does not know the key', faults.code(401, -2015, 'Invalid API-key.'), 'list of addresses'],
    ['the region is restricted', faults.restrictedRegion(), 'region'],
    ['the connection breaks', faults.reset(), 'run it again'],
  ])('when %s', async (_, fault, fix) => {
    stack.exchange.script(fault, { method: 'DELETE' });

    expect(await drill()).toMatchObject({ drill: 'failed', fix: expect.stringContaining(fix) });
  });

  test('when the exchange cannot be reached', async () => {
    await stack.exchange.down();
    const result = await drill();
    await stack.exchange.up();

    expect(result).toMatchObject({
      drill: 'failed',
      detail: expect.stringContaining('ECONNREFUSED'),
      fix: expect.stringContaining('security group'),
    });
  });

  test('when a field of it is wrong', async () => {
    const parsed = { ok: false, errors: ['account must be text'] } as const;

    expect(await drill({ parsed })).toEqual({
      drill: 'failed',
      detail: 'account must be text',
      fix: 'send {"drill":true}, with "account" or without',
    });
  });
});

test('an unexpected error is a failed drill, and an error line without its message', async () => {
  const defect = new RangeError('S3CR3T');
  const message = {
    ...{ queueUrl: 'http://127.0.0.1/q', receiptHandle: 'h', receives: 1, isLastReceive: false },
    get sentAt(): number {
      throw defect;
    },
  };

  expect(await drill({ message })).toMatchObject({ drill: 'failed', detail: 'internal error' });
  expect(output.records()).toContainEqual(
    expect.objectContaining({ level: 'ERROR', requestId: 'r', cause: 'RangeError' }),
  );
  expect(output.lines().join()).not.toContain('S3CR3T');
});

describe('a drill is skipped', () => {
  test.each([
    ['list of options', INFO],
    ['cancel', { method: 'DELETE' }],
  ])('when its %s is throttled, and no call is made until the throttle ends', async (_, match) => {
    stack.exchange.script(faults.tooMany(60), match);

    const throttled = await drill();
    const made = calls().length;
    const held = await drill();

    expect([throttled.drill, held.drill]).toEqual(['skipped', 'skipped']);
    expect(held.detail).toBe('no call before 2026-01-31T12:01:00.000Z');
    expect(calls()).toHaveLength(made);
    time.advance(60_000);
    expect(await drill()).toMatchObject({ drill: 'ok' });
  });

  test('when the weight that is left in this minute is kept for cancels', async () => {
    stack.exchange.script(faults.headers({ 'X-MBX-USED-WEIGHT-1M': '360' }), { method: 'DELETE' });

    expect(await drill()).toMatchObject({ drill: 'ok' });
    expect(await drill()).toMatchObject({ drill: 'skipped' });
    expect(calls()).toEqual([LIST, CANCEL]);
  });
});
