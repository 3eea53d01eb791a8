import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { loadExchangeConfig } from '../../lib/config.ts';
import { type Check, preflight } from '../../lib/preflight.ts';
import { faults } from '../../local/exchange.ts';
import { deskKey, freshHmacKey } from '../../local/keys.ts';
import { type LocalStack, SECRET_ID, startLocalStack } from '../../local/stack.ts';

const UNDERLYINGS = 'BTCUSDT,ETHUSDT,BNBUSDT,SOLUSDT,XRPUSDT,DOGEUSDT,XAUUSDT,XAGUSDT';

let stack: LocalStack;
beforeEach(async () => {
  stack = await startLocalStack();
  Object.assign(process.env, stack.env);
});
afterEach(() => stack.stop());

async function check(
  env: Readonly<Record<string, string>> = {},
  account?: string,
): Promise<Map<string, Check>> {
  const config = loadExchangeConfig({ ...stack.env, BINANCE_TIMEOUT_MS: '10000', ...env });
  const checks = await preflight(config, {
    symbol: undefined,
    account,
    budgetMs: 30_000,
    region: undefined,
  });
  return new Map(checks.map((one) => [one.name, one]));
}

test('all is well when the exchange looks for an order that cannot exist, and no order is touched', async () => {
  const bystander = stack.exchange.place();

  const checks = await check();

  expect([...checks].map(([name, { ok }]) => [name, ok])).toEqual([
    ['secret', true],
    ['clock', true],
    ['address', true],
    ['rules', true],
    ['key', true],
  ]);
  expect(stack.exchange.order(bystander.orderId)?.status).toBe('ACCEPTED');
});

test('a named account is checked with its own key', async () => {
  stack.exchange.setKeys([deskKey]);

  const [main, desk] = [await check(), await check({}, 'desk-a')];

  expect([main.get('key')?.ok, desk.get('key')?.ok]).toEqual([false, true]);
});

describe('a failure says what to do', () => {
  test('about an account where no further accounts are set up', async () => {
    const { BINANCE_ACCOUNT_SECRETS: _, ...env } = stack.env;
    const config = loadExchangeConfig(env);
    const options = { symbol: undefined, account: 'desk-a', budgetMs: 30_000, region: undefined };

    const [secret] = await preflight(config, options);

    expect(secret).toMatchObject({ ok: false, detail: 'BINANCE_ACCOUNT_SECRETS is not set' });
    expect(stack.secrets.calls).toBe(0);
  });

  test('about a secret that does not exist, and the key is not tried', async () => {
    const checks = await check({ BINANCE_SECRET_ID: 'another' });

    expect(checks.get('secret')).toMatchObject({
      ok: false,
      detail: expect.stringContaining('there is no secret another; create it'),
    });
    expect(checks.get('secret')?.fix).toContain('BINANCE_SECRET_ID');
    expect(checks.get('key')).toMatchObject({ ok: false, detail: 'not tried' });
  });

  test('about a secret of the wrong form, without its content', async () => {
    stack.secrets.put(SECRET_ID, '{"apiKey":"visible"}');

    const checks = await check();

    expect(checks.get('secret')?.detail).toBe(
      'apiSecret (HMAC) or privateKey (PEM) must be given, and not both',
    );
  });

  test('about a key that the exchange does not know', async () => {
    stack.secrets.put(SECRET_ID, freshHmacKey().secret);

    const checks = await check();

    expect(checks.get('key')).toMatchObject({ ok: false });
    expect(checks.get('key')?.detail).toContain('401');
    expect(checks.get('key')?.fix).toContain('list of addresses');
  });

  test.each([
    ['a restricted region', faults.restrictedRegion(), 'region'],
    ['a ban', faults.banned(120), 'wait'],
    ['a symbol that is not listed', faults.code(400, -1121, 'Invalid symbol.'), '--symbol'],
    ['an answer that cannot be read', faults.unreadable200(), 'run it again'],
  ])('about %s', async (_, fault, fix) => {
    stack.exchange.script(fault, { method: 'DELETE' });

    const checks = await check();

    expect(checks.get('key')?.ok).toBe(false);
    expect(checks.get('key')?.fix).toContain(fix);
  });

  test('about a clock that is more than a second off', async () => {
    stack.exchange.clockSkewMs = -60_000;

    const checks = await check();

    expect(checks.get('clock')?.ok).toBe(false);
    expect(checks.get('clock')?.detail).toMatch(/^the exchange is (5999\d|6000\d|6001\d) ms behind$/);
    expect(checks.get('key')?.ok).toBe(true);
  });

  test('about an exchange that cannot be reached', async () => {
    await stack.exchange.down();

    const checks = await check();

    expect(checks.get('clock')?.fix).toContain('BINANCE_BASE_URL');
    expect(checks.get('rules')?.detail).toContain('ECONNREFUSED');
    expect(checks.get('key')).toMatchObject({ ok: false, detail: 'not tried: no listed symbol is known' });
  });

  test.each([
    [
      { BINANCE_WEIGHT_LIMIT: '2400' },
      'the weight limit is 400 a minute: set BINANCE_WEIGHT_LIMIT, now 2400',
    ],
    [{ BINANCE_UNDERLYINGS: 'BTCUSDT' }, 'ETHUSDT is listed: add it to BINANCE_UNDERLYINGS'],
    [
      { BINANCE_UNDERLYINGS: `${UNDERLYINGS},ABCUSDT` },
      'ABCUSDT is not listed: remove it from BINANCE_UNDERLYINGS',
    ],
  ])('about settings that differ from the exchange’s own rules: %j', async (env, fix) => {
    const checks = await check(env);

    expect(checks.get('rules')).toMatchObject({ ok: false, fix: expect.stringContaining(fix) });
    expect(checks.get('key')?.ok).toBe(true);
  });
});
