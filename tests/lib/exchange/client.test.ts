import { describe, expect, test } from '@jest/globals';
import { cancelOrder, exchangeInfo, queryOrder, serverTime } from '../../../lib/exchange/endpoints.ts';
import { readKeys } from '../../../lib/keys/keys.ts';
import { faults, startExchange } from '../../../local/exchange.ts';
import { freshEd25519Key, freshHmacKey } from '../../../local/keys.ts';
import { defaultKeys, exchangeClient, type TestClient } from '../../helpers/exchange-client.ts';
import { manualEffects } from '../../helpers/manual-effects.ts';
import { httpAnswer, startRawServer } from '../../helpers/raw-server.ts';

const ref = { symbol: 'BTC-200730-9000-C', orderId: '4611875134427365377' };

/** Sends one signed call about the documented order. */
const send = (
  { exchange, effects }: TestClient,
  endpoint = cancelOrder,
  keys = defaultKeys,
  deadlineAt = effects.monotonic() + 10_000,
) => exchange.call({ endpoint, parameters: ref, recvWindow: 5000, deadlineAt }, keys);

/** An embedded exchange and a client, both on one clock that only the test moves. */
async function start(timeoutMs = 10_000) {
  const effects = manualEffects();
  const embedded = await startExchange({ now: effects.now, weightLimit: 2400 });
  embedded.place();
  const client = exchangeClient(embedded.url, { effects, timeoutMs });
  return { embedded, client, effects, [Symbol.asyncDispose]: () => embedded.stop() };
}

describe('a signed call', () => {
  test('cancels the order, and gives the exchange’s answer as it is', async () => {
    await using stage = await start();

    const sent = await send(stage.client);

    expect(sent).toMatchObject({ result: { kind: 'ok', value: { state: 'canceled' } }, usedWeight: 1 });
    expect(sent).toHaveProperty(
      'result.value.text',
      expect.stringContaining('"orderId":4611875134427365377,'),
    );
    expect(stage.embedded.order(ref.orderId)?.status).toBe('CANCELLED');
    expect(stage.client.answers).toEqual([[0, 1]]);
  });

  test('gets a fresh timestamp and signature each time', async () => {
    await using stage = await start();

    await send(stage.client, queryOrder);
    stage.effects.advance(1);
    await send(stage.client, queryOrder);

    const queries = stage.embedded.calls.map(({ rawQuery }) => new URLSearchParams(rawQuery));
    expect(queries.map((query) => query.get('timestamp'))).toEqual(['1769860800000', '1769860800001']);
    expect(new Set(queries.map((query) => query.get('signature'))).size).toBe(2);
  });

  test('is not sent when no time is left for it', async () => {
    await using stage = await start();

    const { result } = await send(stage.client, cancelOrder, defaultKeys, stage.effects.monotonic());

    expect(result).toEqual({ kind: 'not-executed', reason: { detail: 'no time was left for the call' } });
    expect(stage.embedded.calls).toEqual([]);
  });

  test.each([
    ['the time for one call', 400, 10_000],
    ['the time that is left', 10_000, 400],
  ])('lasts no longer than %s', async (_what, timeoutMs, leftMs) => {
    await using stage = await start(timeoutMs);
    stage.embedded.script(faults.hang());
    stage.effects.advance(60_000);
    const deadlineAt = stage.effects.monotonic() + leftMs;

    const { result } = await send(stage.client, cancelOrder, defaultKeys, deadlineAt);

    expect(result).toMatchObject({
      kind: 'unknown',
      reason: { detail: 'no answer from the exchange: no answer within 400 ms' },
    });
    expect(stage.client.answers).toEqual([]);
  });
});

describe('an answer that echoes the request', () => {
  test.each([
    ['HMAC', freshHmacKey()],
    ['Ed25519', freshEd25519Key()],
  ])('holds neither key nor signature any more (%s)', async (_kind, { secret, exchangeKey }) => {
    await using stage = await start();
    stage.embedded.setKeys([exchangeKey]);
    const keys = readKeys(JSON.stringify(secret), 'v1');
    const payload = `symbol=${ref.symbol}&orderId=${ref.orderId}&recvWindow=5000&timestamp=${stage.effects.now()}`;
    const signature = keys.sign(payload); // the same bytes give the same signature, with each kind of key
    const echo = [signature, decodeURIComponent(signature), keys.apiKey, signature].join(' ');
    stage.embedded.script(faults.code(400, -1022, `Signature for this request is not valid: ${echo}`));

    const sent = await send(stage.client, cancelOrder, keys);

    const clean = Array(4).fill('[redacted]').join(' ');
    expect(sent.result).toMatchObject({
      kind: 'keys',
      reason: { code: -1022, msg: `Signature for this request is not valid: ${clean}` },
    });
    expect(stage.embedded.calls[0]?.rawQuery).toBe(`${payload}&signature=${signature}`);
  });
});

describe('the start of a client', () => {
  test('reads the clock, and is over when that has succeeded', async () => {
    await using stage = await start();
    stage.embedded.clockSkewMs = 70;

    stage.client.exchange.start();
    const isReady = await stage.client.exchange.ready();

    expect([isReady, stage.client.offsets]).toEqual([true, [70]]);
  });

  test('is over after a second at most, without the clock', async () => {
    await using stage = await start();
    stage.embedded.script(faults.hang(), { path: '/eapi/v1/time' });
    const startedAt = performance.now();

    stage.client.exchange.start();
    const isReady = await stage.client.exchange.ready();

    expect([isReady, stage.client.offsets]).toEqual([false, []]);
    expect(performance.now() - startedAt).toBeGreaterThan(900);
  });

  test('is nothing to wait for where there was none', async () => {
    await using stage = await start();

    expect(await stage.client.exchange.ready()).toBe(true);
    expect(stage.embedded.calls).toEqual([]);
  });
});

describe('an unsigned call', () => {
  test('has neither query nor key', async () => {
    await using stage = await start();
    const deadlineAt = stage.effects.monotonic() + 1000;

    const result = await stage.client.exchange.callUnsigned(serverTime, deadlineAt);

    expect(result).toEqual({ kind: 'ok', value: stage.effects.now() });
    expect(stage.embedded.calls).toMatchObject([{ path: '/eapi/v1/time', rawQuery: '' }]);
    expect(stage.embedded.calls[0]?.headers).not.toHaveProperty('x-mbx-apikey');
  });

  test('reads a list of more than 1 MiB, which a cancel does not', async () => {
    const list = JSON.stringify({ optionSymbols: [{ symbol: ref.symbol }], filler: 'x'.repeat(2 ** 20) });
    await using server = await startRawServer((socket) => socket.write(httpAnswer(200, list)));
    const client = exchangeClient(server.origin);

    const info = await client.exchange.callUnsigned(exchangeInfo, 10_000);
    const cancel = await send(client);

    expect(info).toMatchObject({ kind: 'ok', value: { symbols: [ref.symbol] } });
    expect(cancel).toMatchObject({ result: { kind: 'unknown' }, usedWeight: undefined });
  });
});

test('the observer gets the time that an answer took', async () => {
  const effects = manualEffects();
  await using server = await startRawServer((socket) => {
    effects.advance(30);
    socket.write(httpAnswer(400, '{"code":-2011,"msg":"Unknown order sent."}'));
  });
  const client = exchangeClient(server.origin, { effects });
  effects.advance(60_000);

  await send(client);

  expect(client.answers).toEqual([[30, undefined]]);
});

test('the weight that an answer reported counts on after an answer that reports none', async () => {
  const weight = { 'X-MBX-USED-WEIGHT-1M': '2160' };
  await using server = await startRawServer((socket, number) =>
    socket.write(httpAnswer(500, '', number === 1 ? weight : {})),
  );
  const client = exchangeClient(server.origin);

  await send(client);
  await send(client);
  const query = await send(client, queryOrder);

  expect(query.result.kind).toBe('reserved');
});

test('a 429 that says nothing about its length throttles, and another refusal does not', async () => {
  await using stage = await start();
  stage.embedded.script(faults.code(400, -2011, 'Unknown order sent.'));
  await send(stage.client);
  const after400 = stage.client.exchange.throttle.remainingMs();
  stage.embedded.script(faults.answer(429, ''));
  await send(stage.client);

  expect([after400, stage.client.exchange.throttle.remainingMs()]).toEqual([0, 60_000]);
});

const HELD_UNTIL_THE_NEXT_MINUTE = 'no call before 2026-01-31T12:01:00.000Z';

describe('a throttle', () => {
  test('keeps every call away from the exchange until it is over', async () => {
    await using stage = await start();
    stage.embedded.throttle(17);
    await send(stage.client);
    const until = stage.effects.now() + 17_000;

    stage.effects.advance(16_999);
    const held = [await send(stage.client), await send(stage.client, queryOrder)];
    const clockRead = await stage.client.exchange.readClock(stage.effects.monotonic() + 1000);
    stage.effects.advance(1);
    const reply = await send(stage.client);

    const detail = `no call before ${new Date(until).toISOString()}`;
    expect(held.map(({ result }) => result)).toEqual(Array(2).fill({ kind: 'held', reason: { detail } }));
    expect(clockRead).toBe(false);
    expect(reply.result).toMatchObject({ kind: 'ok' });
    expect(stage.embedded.calls.map(({ status, madeWhile }) => [status, madeWhile])).toEqual([
      [429, 'throttled'],
      [200, undefined],
    ]);
  });

  test('begins with the text of a ban whatever its status, on the exchange’s own clock', async () => {
    await using stage = await start();
    stage.embedded.clockSkewMs = 600_000;
    await stage.client.exchange.readClock(stage.effects.monotonic() + 1000);
    const bannedUntil = stage.effects.now() + 600_000 + 90_000;
    stage.embedded.script(faults.code(400, -1003, `IP banned until ${bannedUntil}.`));

    await send(stage.client);

    expect(stage.client.exchange.throttle.remainingMs()).toBe(90_000);
  });

  test('leaves the last tenth of the weight to cancels', async () => {
    await using stage = await start();
    stage.embedded.useWeight(2159);
    await send(stage.client, queryOrder);

    const query = await send(stage.client, queryOrder);
    const cancel = await send(stage.client);

    expect(query.result).toMatchObject({ kind: 'reserved', reason: { detail: HELD_UNTIL_THE_NEXT_MINUTE } });
    expect(cancel).toMatchObject({ result: { kind: 'ok' }, usedWeight: 2161 });
  });
});
