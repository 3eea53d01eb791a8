import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { orderForCaller } from '../../../lib/exchange/endpoints.ts';
import { Session } from '../../../lib/exchange/session.ts';
import { Account } from '../../../lib/keys/account.ts';
import { KeyStore, type SecretRead } from '../../../lib/keys/store.ts';
import { type EmbeddedExchange, faults, startExchange } from '../../../local/exchange.ts';
import { defaultKey } from '../../../local/keys.ts';
import { exchangeClient, type TestClient } from '../../helpers/exchange-client.ts';
import { type ManualEffects, manualEffects } from '../../helpers/manual-effects.ts';

const ref = { symbol: 'BTC-200730-9000-C', orderId: '4611875134427365377' };
const SECRET: SecretRead = { text: JSON.stringify(defaultKey), version: '1' };

let effects: ManualEffects;
let exchange: EmbeddedExchange;
let client: TestClient;

beforeEach(async () => {
  effects = manualEffects();
  exchange = await startExchange({ now: effects.now });
  exchange.place();
  client = exchangeClient(exchange.url, { effects });
});

afterEach(() => exchange.stop());

/** Starts a session of one second whose secret is read so. */
function sessionWith(read: () => Promise<SecretRead> = async () => SECRET): Session {
  const store = new KeyStore({ source: { read }, ttlMs: 300_000, effects, onStale: () => undefined });
  const parts = { client: client.exchange, account: new Account(store), effects };
  return new Session(parts, { recvWindow: 5000, deadlineAt: effects.monotonic() + 1000 });
}

/** Fails the first reads of a secret, and counts all of them. */
function failingReads(failures: number) {
  const counter = { reads: 0 };
  const read = async () => {
    counter.reads += 1;
    if (counter.reads <= failures) throw new RangeError('S3CR3T');
    return SECRET;
  };
  return { counter, read };
}

describe('a secret that cannot be read for a moment', () => {
  test('is read again until it can be', async () => {
    const { counter, read } = failingReads(3);

    const result = await sessionWith(read).cancel(ref);

    expect(result).toMatchObject({ kind: 'ok', value: { state: 'canceled' } });
    expect(counter.reads).toBe(4);
  });

  test('is read again until the deadline, and the cancel is not executed', async () => {
    const { counter, read } = failingReads(Number.POSITIVE_INFINITY);
    const session = sessionWith(read);

    const result = await session.cancel(ref);

    const detail = 'the secret could not be read: RangeError';
    expect(result).toEqual({ kind: 'not-executed', reason: { detail } });
    expect([counter.reads, session.cancelsSent, exchange.calls]).toEqual([5, 0, []]); // every 200 ms
    expect(effects.monotonic()).toBe(1000);
  });
});

test('a read of the secret that the deadline cuts off does not hide why the reads before it failed', async () => {
  const { counter, read } = failingReads(Number.POSITIVE_INFINITY);
  const hang = () => new Promise<SecretRead>(() => undefined);
  const session = sessionWith(() => (counter.reads < 4 ? read() : hang()));

  const results = [await session.cancel(ref), await session.cancel(ref)];

  const detail = 'the secret could not be read: RangeError';
  expect(results).toEqual(Array(2).fill({ kind: 'not-executed', reason: { detail } }));
});

test.each<[string, SecretRead, string]>([
  ['malformed', { text: '{"apiKey":"k","apiSecret":""}', version: '1' }, 'apiSecret is empty'],
  ['forbidden', { refused: 'AccessDeniedException' }, 'AccessDeniedException'],
])('a secret that is %s is not read again', async (_, secret, why) => {
  let reads = 0;
  const read = async () => {
    reads += 1;
    return secret;
  };

  const result = await sessionWith(read).cancel(ref);

  const detail = `the secret cannot be used: ${why}`;
  expect(result).toEqual({ kind: 'keys', reason: { detail } });
  expect([reads, exchange.calls]).toEqual([1, []]);
});

test.each(['cancel', 'query'] as const)(
  'an answer about another order to a %s is unknown, and the observer gets both ids',
  async (method) => {
    exchange.script(faults.answer(200, '{"orderId":4611875134427365378,"status":"CANCELLED"}'));

    const result = await sessionWith()[method](ref);

    const detail = 'the exchange answered with another order, 4611875134427365378';
    expect(result).toEqual({ kind: 'unknown', reason: { status: 200, detail } });
    expect(client.otherOrders).toEqual([[ref, '4611875134427365378']]);
  },
);

test('the used weight is that of the last answer that reported one', async () => {
  const session = sessionWith();
  const before = session.usedWeight;

  await session.query(ref);
  const first = session.usedWeight;
  exchange.useWeight(40);
  await session.query(ref);
  const second = session.usedWeight;
  exchange.script(faults.reset());
  await session.query(ref);

  expect([before, first, second, session.usedWeight]).toEqual([undefined, 1, 42, 42]);
});

test('the time left and the exchange’s time are those of the session’s clocks', async () => {
  exchange.clockSkewMs = 5000;
  await client.exchange.readClock(effects.monotonic() + 1000);
  const session = sessionWith();

  effects.advance(1200);

  expect(session.remainingMs()).toBe(-200);
  expect(session.toExchangeTime(1000)).toBe(6000);
});

test('no secret is read once the time is up', async () => {
  const { counter, read } = failingReads(0);
  const session = sessionWith(read);
  effects.advance(1000);

  const result = await session.cancel(ref);

  const detail = 'the keys and the clock were not read in time';
  expect(result).toEqual({ kind: 'not-executed', reason: { detail } });
  expect([counter.reads, exchange.calls]).toEqual([0, []]);
});

test('keys that hang until the deadline leave the cancel not executed', async () => {
  const store = new KeyStore({
    source: { read: () => new Promise<SecretRead>(() => undefined) },
    ttlMs: 300_000,
    effects,
    onStale: () => undefined,
  });
  const parts = { client: client.exchange, account: new Account(store), effects };
  const session = new Session(parts, { recvWindow: 5000, deadlineAt: effects.monotonic() + 50 });

  const result = await session.cancel(ref);

  const detail = 'the keys and the clock were not read in time';
  expect(result).toEqual({ kind: 'not-executed', reason: { detail } });
});

test('cached keys do not hurry a cancel past the first read of the clock', async () => {
  const session = sessionWith();
  await session.query(ref);
  exchange.clockSkewMs = 3_600_000;
  client.exchange.start();

  const { kind } = await session.cancel(ref);

  expect([kind, client.offsets]).toEqual(['ok', [3_600_000]]);
});

describe('a refusal', () => {
  const wrongClock = faults.code(400, -1021, 'Timestamp for this request is outside of the recvWindow.');
  const wrongKey = faults.code(400, -2015, 'Invalid API-key, IP, or permissions for action.');
  const paths = () => exchange.calls.map(({ method, path }) => `${method} ${path}`);

  test('of the clock has it read, once a session, and a cancel says whether that succeeded', async () => {
    exchange.script(wrongClock, { method: 'DELETE', times: 2 });
    const session = sessionWith();

    const results = [await session.cancel(ref), await session.cancel(ref)];

    expect(results).toMatchObject([{ kind: 'clock', renewed: true }, { kind: 'clock' }]);
    expect(results[1]).not.toHaveProperty('renewed');
    expect(paths()).toEqual(['DELETE /eapi/v1/order', 'GET /eapi/v1/time', 'DELETE /eapi/v1/order']);
  });

  test('of the clock is not renewed by a clock that cannot be read', async () => {
    exchange.script(wrongClock, { method: 'DELETE' });
    exchange.script(faults.answer(500, ''), { path: '/eapi/v1/time' });

    expect(await sessionWith().cancel(ref)).toMatchObject({ kind: 'clock', renewed: false });
  });

  test('of the keys has the secret read, once a session', async () => {
    exchange.script(wrongKey, { method: 'DELETE', times: 2 });
    const { counter, read } = failingReads(0);
    const versions = async () => ({ ...(await read()), version: String(counter.reads) });
    const session = sessionWith(versions);

    const results = [await session.cancel(ref), await session.cancel(ref)];

    expect(results).toMatchObject([{ kind: 'keys', renewed: true }, { kind: 'keys' }]);
    expect(results[1]).not.toHaveProperty('renewed');
    expect(counter.reads).toBe(2);
  });

  test('of the keys is not renewed by the same version, nor by a read that hangs', async () => {
    exchange.script(wrongKey, { method: 'DELETE', times: 2 });
    let reads = 0;
    const hanging = () => {
      reads += 1;
      return reads === 1 ? Promise.resolve(SECRET) : new Promise<SecretRead>(() => undefined);
    };

    const results = [await sessionWith().cancel(ref), await sessionWith(hanging).cancel(ref)];

    expect(results).toMatchObject(Array(2).fill({ kind: 'keys', renewed: false }));
  });

  test.each([
    ['query', (session: Session) => session.query(ref), 'GET /eapi/v1/order'],
    ['list', (session: Session) => session.list(), 'GET /eapi/v1/openOrders'],
    [
      'mass cancel',
      (session: Session) => session.massCancel({ symbol: ref.symbol }),
      'DELETE /eapi/v1/allOpenOrders',
    ],
  ])('of the clock has a %s made again, and only once', async (_, call, path) => {
    exchange.script(wrongClock, { path: path.split(' ')[1] ?? '' });
    const once = await call(sessionWith());
    exchange.script(wrongClock, { path: path.split(' ')[1] ?? '', times: 2 });
    const twice = await call(sessionWith());

    expect([once.kind, twice.kind]).toEqual(['ok', 'clock']);
    expect(paths()).toEqual(Array(2).fill([path, 'GET /eapi/v1/time', path]).flat());
  });
});

test('lists and mass cancels name what they are about, and nothing else', async () => {
  const session = sessionWith();

  await session.list();
  await session.list(ref.symbol);
  await session.list(undefined, '17');
  await session.massCancel({ symbol: ref.symbol });
  await session.massCancel({ underlying: 'BTCUSDT' });

  const sent = exchange.calls.map(({ method, path, rawQuery }) => `${method} ${path} ${rawQuery}`);
  expect(sent.map((call) => call.replace(/&?recvWindow=.*/, ''))).toEqual([
    'GET /eapi/v1/openOrders ',
    `GET /eapi/v1/openOrders symbol=${ref.symbol}`,
    'GET /eapi/v1/openOrders orderId=17',
    `DELETE /eapi/v1/allOpenOrders symbol=${ref.symbol}`,
    'DELETE /eapi/v1/allOpenOrdersByUnderlying underlying=BTCUSDT',
  ]);
  expect([session.queriesSent, session.cancelsSent]).toEqual([0, 2]);
});

test('the number of queries leaves out one that is not made because its weight is kept for cancels', async () => {
  client = exchangeClient(exchange.url, { effects, weightLimit: 40 });
  exchange.useWeight(35);
  const session = sessionWith();

  const results = [await session.query(ref), await session.query(ref)];

  expect(results.map(({ kind }) => kind)).toEqual(['ok', 'reserved']);
  expect(session.queriesSent).toBe(1);
});

test('the number of queries counts queries of one order alone', async () => {
  const session = sessionWith();

  await session.query(ref);
  await session.query(ref);
  await session.cancel(ref);

  expect(session.queriesSent).toBe(2);
});

describe('the number of cancels sent', () => {
  test('counts cancels alone, answered or not', async () => {
    const session = sessionWith();
    exchange.script(faults.reset(), { method: 'DELETE' });

    await session.query(ref);
    await session.cancel(ref);
    await session.cancel(ref);

    expect(session.cancelsSent).toBe(2);
  });

  test('leaves out a cancel whose time has passed', async () => {
    const session = sessionWith();

    const result = await session.cancel(ref, effects.now() - 1);

    const detail = 'not sent after 2026-01-31T11:59:59.999Z';
    expect(result).toEqual({ kind: 'too-late', reason: { detail } });
    expect([session.cancelsSent, exchange.calls]).toEqual([0, []]);
  });

  test('counts a cancel in the very millisecond in which its time ends', async () => {
    const session = sessionWith();

    const result = await session.cancel(ref, effects.now());

    expect([result.kind, session.cancelsSent]).toEqual(['ok', 1]);
  });

  test('leaves out a cancel that a throttle holds', async () => {
    const session = sessionWith();
    exchange.script(faults.tooMany(17));
    await session.cancel(ref);

    const result = await session.cancel(ref);

    expect([result.kind, session.cancelsSent]).toEqual(['held', 1]);
  });
});

describe('a read for a caller', () => {
  test.each([
    ['an order', ref, 200, /^\{"orderId":4611875134427365377,/],
    ['a refusal', { ...ref, orderId: '1' }, 400, /^\{"code":-2013,"msg":"Order does not exist\."\}$/],
  ])('has %s in the exchange’s own words', async (_what, parameters, status, text) => {
    const result = await sessionWith().read(orderForCaller, parameters);

    expect(result).toEqual({
      kind: 'ok',
      value: {
        status,
        text: expect.stringMatching(text),
        contentType: expect.stringMatching(/json/),
        retryAfter: undefined,
      },
    });
  });

  test('has the reason why there is no answer', async () => {
    exchange.script(faults.reset());

    const result = await sessionWith().read(orderForCaller, ref);

    expect(result).toMatchObject({
      kind: 'unknown',
      reason: { detail: expect.stringMatching(/^no answer from the exchange/) },
    });
  });

  test('has no words of a body that is too long', async () => {
    exchange.script(faults.huge(2));

    const result = await sessionWith().read(orderForCaller, ref);

    const detail = 'the exchange answered 200 with a body that cannot be read';
    expect(result).toEqual({ kind: 'unknown', reason: { status: 200, detail } });
  });
});
