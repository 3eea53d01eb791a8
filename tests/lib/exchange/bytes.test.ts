import { createHmac, createPublicKey, verify } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { cancelOrder } from '../../../lib/exchange/endpoints.ts';
import { type Keys, readKeys } from '../../../lib/keys/keys.ts';
import type { OrderRef } from '../../../lib/order.ts';
import { type EmbeddedExchange, type ReceivedCall, startExchange } from '../../../local/exchange.ts';
import { freshEd25519Key, freshHmacKey, freshRsaKey } from '../../../local/keys.ts';
import { orderRef } from '../../helpers/arbitraries.ts';
import { exchangeClient, type TestClient } from '../../helpers/exchange-client.ts';
import { manualEffects } from '../../helpers/manual-effects.ts';

const hmac = freshHmacKey();
const rsa = freshRsaKey();
const ed25519 = freshEd25519Key();
const effects = manualEffects();
const recvWindow = fc.integer({ min: 1, max: 59_999 });

let embedded: EmbeddedExchange;
let client: TestClient;

beforeAll(async () => {
  embedded = await startExchange({
    keys: [hmac.exchangeKey, rsa.exchangeKey, ed25519.exchangeKey],
    now: effects.now,
    weightLimit: 1_000_000,
  });
  client = exchangeClient(embedded.url, { effects, weightLimit: 1_000_000 });
});

afterAll(() => embedded.stop());

/** Sends one cancel; gives what the exchange received and what it answered. */
async function cancel(ref: OrderRef, window: number, keys: Keys) {
  embedded.resetCalls();
  const deadlineAt = effects.monotonic() + 10_000;
  const { symbol, orderId, clientOrderId } = ref;
  const parameters = { symbol, orderId, clientOrderId };
  const signed = { endpoint: cancelOrder, parameters, recvWindow: window, deadlineAt };
  const { result } = await client.exchange.call(signed, keys);
  const [call, ...more] = embedded.calls;
  if (call === undefined || more.length > 0) throw new Error(`${embedded.calls.length} calls instead of one`);
  return { call, result };
}

/** What was signed and the signature, told apart in the raw query as it was received. */
function split({ rawQuery }: ReceivedCall): { payload: string; signature: string } {
  const at = rawQuery.lastIndexOf('&signature=');
  return { payload: rawQuery.slice(0, at), signature: rawQuery.slice(at + '&signature='.length) };
}

const NOT_THERE = {
  kind: 'no-open-order',
  reason: { status: 400, code: -2011, msg: 'Unknown order sent.' },
};

test('any order reaches the exchange digit for digit and byte for byte, in the documented order', async () => {
  const keys = readKeys(JSON.stringify(hmac.secret), 'v1');
  const sent = fc.asyncProperty(orderRef, recvWindow, async (ref, window) => {
    const { call, result } = await cancel(ref, window, keys);
    const { payload, signature } = split(call);

    const { symbol, orderId, clientOrderId } = ref;
    expect([...new URLSearchParams(call.rawQuery)]).toEqual([
      ['symbol', symbol],
      ...(orderId === undefined ? [] : [['orderId', orderId]]),
      ...(clientOrderId === undefined ? [] : [['clientOrderId', clientOrderId]]),
      ['recvWindow', String(window)],
      ['timestamp', String(effects.now())],
      ['signature', signature],
    ]);
    expect(call).toMatchObject({ method: 'DELETE', path: '/eapi/v1/order', body: '' });
    expect(call.headers['x-mbx-apikey']).toBe(hmac.secret.apiKey);
    expect(signature).toBe(createHmac('sha256', hmac.secret.apiSecret).update(payload).digest('hex'));
    expect(result).toMatchObject(NOT_THERE); // no complaint of key, signature or parameters
  });

  await fc.assert(sent, { numRuns: 300 });
});

describe.each([
  ['RSA', 'sha256', rsa],
  ['Ed25519', null, ed25519],
] as const)('with a key of the kind %s', (_kind, digest, { secret, exchangeKey }) => {
  const keys = readKeys(JSON.stringify(secret), 'v1');
  const publicKey = createPublicKey(exchangeKey.publicKey);

  test('the signature fits exactly the bytes before it, for any order', async () => {
    const signed = fc.asyncProperty(orderRef, recvWindow, async (ref, window) => {
      const { call, result } = await cancel(ref, window, keys);
      const { payload, signature } = split(call);

      const bytes = Buffer.from(decodeURIComponent(signature), 'base64');
      expect(verify(digest, Buffer.from(payload, 'latin1'), publicKey, bytes)).toBe(true);
      expect(signature).toMatch(/^[\w%]+$/);
      expect(result).toMatchObject(NOT_THERE);
    });

    await fc.assert(signed, { numRuns: 50 });
  });
});

test('the documented cancel is, byte for byte, this request', async () => {
  const keys = {
    apiKey: hmac.secret.apiKey,
    sign: (payload: string) => `of-${payload.length}`,
    version: 'v1',
  };
  const symbol = 'BTC-200730-9000-C';

  const byId = await cancel({ symbol, orderId: '4611875134427365377' }, 5000, keys);
  const byName = await cancel({ symbol, clientOrderId: 'a+b&c=d%/' }, 5000, keys);

  expect([byId.call.rawQuery, byName.call.rawQuery]).toEqual([
    'symbol=BTC-200730-9000-C&orderId=4611875134427365377' +
      '&recvWindow=5000&timestamp=1769860800000&signature=of-92',
    'symbol=BTC-200730-9000-C&clientOrderId=a%2Bb%26c%3Dd%25%2F' +
      '&recvWindow=5000&timestamp=1769860800000&signature=of-98',
  ]);
});
