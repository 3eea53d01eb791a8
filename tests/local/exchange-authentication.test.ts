import { createHmac, createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { verifierOf } from '../../local/exchange/keys.ts';
import { startExchange } from '../../local/exchange.ts';
import { defaultKey, freshEd25519Key, freshHmacKey, freshRsaKey } from '../../local/keys.ts';
import { http, SYMBOL, signedCall, withHmac, withSignature } from './signed-call.ts';

const NOW = 1_611_825_601_400;
const BY_ID = `${SYMBOL}&orderId=4611875134427365377`;
const INVALID_SIGNATURE = '{"code":-1022,"msg":"Signature for this request is not valid."}';

test.each([
  [
    // Today's page prints quantity=1 beside this signature, which belongs to quantity=0.01.
    'options',
    'YtP1BudNOWZE1ag5uzCkh4hIC7qSmQOu797r5EJBFGhxBYivjj8HIX0iiiPof5yG',
    'symbol=BTC-210129-40000-C&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01&price=2000&recvWindow=5000&timestamp=1611825601400',
    '7c12045972f6140e765e0f2b67d28099718df805732676494238f50be830a7d7',
  ],
  [
    'spot',
    'NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j',
    'symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559',
    'c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71',
  ],
  [
    'futures',
    '2b5eb11e18796d12d88f13dc27dbbd02c2cc51ff7059765ed9821957d82bb4d9',
    'symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=9000&timeInForce=GTC&recvWindow=5000&timestamp=1591702613943',
    '3c661234138461fcc7a7d8746c6558c9842d4e10870d2ecbedf7777cad694af9',
  ],
])('the published HMAC vector of the exchange’s %s page verifies', (_page, apiSecret, payload, signature) => {
  const verifies = verifierOf({ apiKey: 'k', apiSecret });

  expect(verifies(payload, signature)).toBe(true);
  expect(verifies(`${payload}0`, signature)).toBe(false);
});

describe('a private key', () => {
  const ellipticCurveKey = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    .publicKey.export({ type: 'spki', format: 'pem' })
    .toString();

  test.each([
    ['RSA', 'sha256', freshRsaKey()],
    ['RSA, encrypted', 'sha256', freshRsaKey('a passphrase')],
    ['Ed25519', null, freshEd25519Key()],
    ['Ed25519, encrypted', null, freshEd25519Key('a passphrase')],
  ] as const)('signs (%s)', async (_kind, algorithm, { exchangeKey, secret }) => {
    await using exchange = await startExchange({ keys: [exchangeKey], now: () => NOW });
    const passphrase = secret.privateKeyPassphrase ?? '';
    const privateKey = createPrivateKey({ key: secret.privateKey, passphrase });
    const url = `${exchange.url}/eapi/v1/order?`;
    const headers = { 'X-MBX-APIKEY': secret.apiKey };
    const signed = withSignature(`${BY_ID}&timestamp=${NOW}`, algorithm, privateKey);

    const right = await http('GET', url + signed, { headers });
    const wrong = await http('GET', url + signed.replace('C&orderId', 'P&orderId'), { headers });

    expect(JSON.parse(right.body).code).toBe(-2013);
    expect(wrong.body).toBe(INVALID_SIGNATURE);
  });

  test.each([
    ['is neither RSA nor Ed25519', ellipticCurveKey, /neither RSA nor Ed25519/],
    ['is no PEM', 'not a key', /./],
  ])('that %s is refused by startExchange', async (_what, publicKey, message) => {
    await expect(startExchange({ keys: [{ apiKey: 'k', publicKey }] })).rejects.toThrow(message);
  });
});

describe('the API key', () => {
  test.each([
    ['is missing', undefined, -2014, 'API-key format invalid.'],
    ['has other characters', 'not a key', -2014, 'API-key format invalid.'],
    ['is unknown', 'unknown', -2015, 'Invalid API-key, IP, or permissions for action.'],
  ])('is refused when it %s', async (_what, apiKey, code, msg) => {
    await using exchange = await startExchange();

    const query = withHmac(`${BY_ID}&timestamp=${Date.now()}`);
    const headers = apiKey === undefined ? {} : { 'X-MBX-APIKEY': apiKey };
    const answer = await http('DELETE', `${exchange.url}/eapi/v1/order?${query}`, { headers });

    expect(answer).toMatchObject({ status: 401, body: JSON.stringify({ code, msg }) });
  });

  test('is unknown after a rotation, and the new key is known', async () => {
    await using exchange = await startExchange();
    const next = freshHmacKey().exchangeKey;

    exchange.setKeys([next]);
    const old = await signedCall(exchange, 'GET', BY_ID);
    const rotated = await signedCall(exchange, 'GET', BY_ID, { key: next });

    expect(JSON.parse(old.body).code).toBe(-2015);
    expect(JSON.parse(rotated.body).code).toBe(-2013);
  });
});

describe('the signature', () => {
  const headers = { 'X-MBX-APIKEY': defaultKey.apiKey };
  const hmac = (payload: string) => createHmac('sha256', defaultKey.apiSecret).update(payload).digest('hex');
  const payload = `${BY_ID}&timestamp=${NOW}`;

  test.each([
    ['as it is', `?${payload}&signature=${hmac(payload)}`, '', -2013],
    ['in capitals', `?${payload}&signature=${hmac(payload).toUpperCase()}`, '', -2013],
    ['before another parameter', `?${payload}&signature=${hmac(payload)}&recvWindow=5000`, '', -1022],
    ['first', `?signature=${hmac(payload)}&${payload}`, '', -1022],
    [
      'over the other order of the bytes',
      `?${payload}&signature=${hmac(`timestamp=${NOW}&${BY_ID}`)}`,
      '',
      -1022,
    ],
    ['in the query before a body', `?${payload}&signature=${hmac(payload)}`, 'recvWindow=5000', -1022],
    [
      'over query and body without an & between',
      `?${BY_ID}`,
      `timestamp=${NOW}&signature=${hmac(`${BY_ID}timestamp=${NOW}`)}`,
      -2013,
    ],
    [
      'over query and body with an & between',
      `?${BY_ID}`,
      `timestamp=${NOW}&signature=${hmac(`${BY_ID}&timestamp=${NOW}`)}`,
      -1022,
    ],
    ['alone in the body', `?${payload}`, `signature=${hmac(payload)}`, -2013],
  ])('%s', async (_what, query, body, code) => {
    await using exchange = await startExchange({ now: () => NOW });

    const answer = await http('GET', `${exchange.url}/eapi/v1/order${query}`, { headers, body });

    expect(JSON.parse(answer.body).code).toBe(code);
  });

  test('covers the percent-encoded bytes as sent', async () => {
    await using exchange = await startExchange({ now: () => NOW });
    const lower = `${SYMBOL}&clientOrderId=a%2fb&timestamp=${NOW}`;
    const upper = `${SYMBOL}&clientOrderId=a%2Fb&timestamp=${NOW}`;
    const url = `${exchange.url}/eapi/v1/order?`;

    const right = await http('GET', `${url}${lower}&signature=${hmac(lower)}`, { headers });
    const wrong = await http('GET', `${url}${upper}&signature=${hmac(lower)}`, { headers });

    expect(JSON.parse(right.body).code).toBe(-2013);
    expect(wrong.body).toBe(INVALID_SIGNATURE);
  });

  test('with a raw plus instead of a percent-encoded one is not valid', async () => {
    const { exchangeKey, secret } = freshEd25519Key();
    await using exchange = await startExchange({ keys: [exchangeKey], now: () => NOW });
    const privateKey = createPrivateKey(secret.privateKey);
    const url = `${exchange.url}/eapi/v1/order?`;
    const withPlus = Array.from({ length: 200 }, (_, index) => `${SYMBOL}&orderId=${index}&timestamp=${NOW}`)
      .map((text) => withSignature(text, null, privateKey))
      .find((text) => text.includes('%2B'));

    const keyHeader = { 'X-MBX-APIKEY': secret.apiKey };
    const right = await http('GET', url + withPlus, { headers: keyHeader });
    const wrong = await http('GET', url + withPlus?.replaceAll('%2B', '+'), { headers: keyHeader });

    expect(JSON.parse(right.body).code).toBe(-2013);
    expect(wrong.body).toBe(INVALID_SIGNATURE);
  });
});

describe('the timestamp', () => {
  const late = 'Timestamp for this request is outside of the recvWindow.';
  const ahead = "Timestamp for this request was 1000ms ahead of the server's time.";

  test.each([
    ['exactly as old as the default window', -5000, '', undefined],
    ['older than the default window', -5001, '', late],
    ['exactly as old as the window sent', -100, '&recvWindow=100', undefined],
    ['older than the window sent', -101, '&recvWindow=100', late],
    ['within the longest window', -59_999, '&recvWindow=59999', undefined],
    ['999 ms ahead', 999, '', undefined],
    ['1000 ms ahead', 1000, '', ahead],
    ['1000 ms ahead of a wide window', 1000, '&recvWindow=59999', ahead],
  ])('%s', async (_what, offset, window, msg) => {
    await using exchange = await startExchange({ now: () => NOW });
    exchange.place();

    const answer = await signedCall(exchange, 'GET', BY_ID + window, { timestamp: NOW + offset });

    expect(JSON.parse(answer.body).msg).toBe(msg);
    expect(answer.status).toBe(msg === undefined ? 200 : 400);
  });

  test('is measured by the exchange’s own clock, which /time returns', async () => {
    await using exchange = await startExchange({ now: () => NOW });
    exchange.place();
    exchange.clockSkewMs = 60_000;

    const time = await http('GET', `${exchange.url}/eapi/v1/time`);
    const ours = await signedCall(exchange, 'GET', BY_ID, { timestamp: NOW });
    const theirs = await signedCall(exchange, 'GET', BY_ID, { timestamp: NOW + 60_000 });

    expect(time).toMatchObject({ status: 200, body: '{"serverTime":1611825661400}' });
    expect(JSON.parse(ours.body)).toEqual({ code: -1021, msg: late });
    expect(theirs.status).toBe(200);
  });
});
