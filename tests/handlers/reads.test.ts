import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { faults } from '../../local/exchange.ts';
import { freshHmacKey } from '../../local/keys.ts';
import { type ApiCall, SECRET_ID, type Stage, startStage } from '../helpers/stage.ts';
import { SYMBOL } from '../helpers/workbench.ts';

const LISTS = '/eapi/v1/openOrders';
const get = (query: string, path = '/eapi/v1/order') => ({ method: 'GET', path, query });
const weighing = (weight: number) => ({ headers: { 'X-MBX-USED-WEIGHT-1M': String(weight) } });

let stage: Stage;
let call: ApiCall;

beforeAll(async () => {
  stage = await startStage();
});

afterAll(() => stage.stop());

beforeEach(async () => {
  stage.exchange.clearScripts();
  call = await stage.loadApi();
  stage.exchange.resetCalls();
});

const signedCalls = () => stage.exchange.calls.filter(({ headers }) => 'x-mbx-apikey' in headers);

describe('a read', () => {
  test.each([
    ['of an order', '/eapi/v1/order', `symbol=${SYMBOL}&orderId=4611875134427365377`],
    ['of the open orders', LISTS, ''],
  ])('%s is the exchange’s own answer, byte for byte', async (_what, path, query) => {
    const text = ` [{"orderId" : 4611875134427365377,"new":1.50,"名":"\\u00e9 \\/ é","big":1e400}]\n`;
    stage.exchange.script(faults.answer(200, text, weighing(17)));

    expect(await call({ ...get(query, path), requestId: 'Jabc=' })).toEqual({
      statusCode: 200,
      headers: {
        'content-type': expect.stringMatching(/^application\/json/),
        'x-request-id': 'Jabc=',
        'x-mbx-used-weight-1m': '17',
      },
      body: text,
    });
  });

  test('that the exchange refuses has its status and bytes', async () => {
    const { statusCode, body } = await call(get(`symbol=${SYMBOL}&orderId=1`));

    expect([statusCode, body]).toEqual([400, '{"code":-2013,"msg":"Order does not exist."}']);
  });

  test('that the exchange throttles has its Retry-After, and stops the calls that follow', async () => {
    stage.exchange.script(faults.tooMany(7));

    const throttled = await call(get(`symbol=${SYMBOL}&orderId=1`));
    const held = await call(get(`symbol=${SYMBOL}&orderId=1`));

    expect([throttled.statusCode, throttled.headers['retry-after']]).toEqual([429, '7']);
    expect(JSON.parse(throttled.body)).toMatchObject({ code: -1003 });
    expect([held.statusCode, JSON.parse(held.body).type]).toEqual([429, 'urn:cancel:throttled']);
    expect(signedCalls()).toHaveLength(1);
  });

  test('sends the exchange’s own parameters, and never those of the caller’s signature', async () => {
    const { orderId } = stage.exchange.place({ clientOrderId: 'mm1-a' });
    await call(get(`symbol=${SYMBOL}&origClientOrderId=mm1-a&timestamp=1&signature=ab`));
    await call(get(`symbol=${SYMBOL}&orderId=${orderId}&startTime=1&endTime=2&recvWindow=9000`, LISTS));

    const queries = signedCalls().map(({ rawQuery }) => rawQuery.replace(/&timestamp=.*/, ''));
    expect(queries).toEqual([
      `symbol=${SYMBOL}&clientOrderId=mm1-a&recvWindow=5000`,
      `symbol=${SYMBOL}&orderId=${orderId}&startTime=1&endTime=2&recvWindow=9000`,
    ]);
  });

  test('is signed again when the exchange refuses the key and the secret has another', async () => {
    const { orderId } = stage.exchange.place();
    await call(get(`symbol=${SYMBOL}&orderId=${orderId}`));
    const { exchangeKey, secret } = freshHmacKey();
    stage.exchange.setKeys([exchangeKey]);
    stage.secrets.put(SECRET_ID, secret);

    const { statusCode, body } = await call(get(`symbol=${SYMBOL}&orderId=${orderId}`));

    expect([statusCode, JSON.parse(body).status]).toEqual([200, 'ACCEPTED']);
  });

  test.each([
    ['symbol=X&orderId=1', 'symbol must be an option symbol such as BTC-200730-9000-C'],
    [`symbol=${SYMBOL}`, 'orderId or clientOrderId is missing: send at least one'],
    [
      `symbol=${SYMBOL}&orderId=1&clientOrderId=a`,
      'orderId and clientOrderId are both given: send one of them',
    ],
    [`symbol=${SYMBOL}&orderId=1&limit=5`, 'limit is not a field of a query of an order: remove it'],
  ])('%s is refused without a call', async (query, detail) => {
    const { statusCode, body } = await call(get(query));

    expect(statusCode).toBe(400);
    expect(JSON.parse(body)).toMatchObject({ type: 'urn:cancel:invalid-request', detail, code: -1130 });
    expect(signedCalls()).toEqual([]);
  });

  test('of open orders refuses a time that is none', async () => {
    const { statusCode, body } = await call(get('startTime=noon', LISTS));

    expect(statusCode).toBe(400);
    expect(JSON.parse(body).detail).toBe('startTime must be milliseconds since the epoch');
  });
});

describe('a read without an answer is a problem', () => {
  const query = `symbol=${SYMBOL}&orderId=1`;

  test.each([
    ['a reset connection', faults.reset()],
    ['a body that is cut off', faults.truncate()],
  ])('503 after %s', async (_what, fault) => {
    stage.exchange.script(fault);

    const { statusCode, headers, body } = await call(get(query));

    expect([statusCode, headers['content-type']]).toEqual([503, 'application/problem+json']);
    expect(JSON.parse(body)).toMatchObject({ type: 'urn:cancel:unavailable', code: -1001 });
  });

  test('503 for a list of more than 4 MiB, which Lambda could not pass on', async () => {
    stage.exchange.script({ padMiB: 5 });

    const { statusCode, body } = await call(get('', LISTS));

    expect([statusCode, JSON.parse(body).type]).toEqual([503, 'urn:cancel:unavailable']);
  });

  test('502 when its account’s secret cannot be used', async () => {
    const api = await stage.loadApi({ BINANCE_SECRET_ID: 'absent' });

    const { statusCode, body } = await api(get(query));

    expect(statusCode).toBe(502);
    expect(JSON.parse(body)).toMatchObject({ type: 'urn:cancel:credentials', code: -2015 });
  });
});

describe('the weight that is kept for cancels', () => {
  const order = get(`symbol=${SYMBOL}&orderId=1`);
  const list = get('', LISTS);

  /** Makes a cancel that is told of so much used weight, and then the read; again if the minute turned in between. */
  async function afterSpending(weight: number, request: ReturnType<typeof get>) {
    for (;;) {
      const began = minuteNow();
      const { orderId } = stage.exchange.place();
      stage.exchange.script(weighing(weight), { method: 'DELETE' });
      await call({ query: `symbol=${SYMBOL}&orderId=${orderId}` });
      const answer = await call(request);
      if (minuteNow() === began) return answer;
    }
  }

  const minuteNow = () => Math.floor(Date.now() / 60_000);

  test.each([
    ['an order', 'a quarter', order, 299],
    ['open orders', 'half', list, 199],
  ])('is not used by a read of %s, which leaves %s of the limit', async (_what, _share, request, weight) => {
    const { statusCode: below } = await afterSpending(weight, request);
    stage.exchange.resetCalls();
    const { statusCode, headers, body } = await afterSpending(weight + 1, request);

    expect([below === 429, statusCode]).toEqual([false, 429]);
    expect(Number(headers['retry-after'])).toBeGreaterThan(0);
    expect(Number(headers['retry-after'])).toBeLessThanOrEqual(60);
    expect(JSON.parse(body)).toMatchObject({ type: 'urn:cancel:throttled', code: -1003 });
    expect(signedCalls().filter(({ method }) => method === 'GET')).toEqual([]);
  });
});
