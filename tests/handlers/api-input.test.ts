import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { HttpRequestParts } from '../../local/http-event.ts';
import { type ApiCall, type Stage, startStage } from '../helpers/stage.ts';

const SYMBOL = 'BTC-200730-9000-C';
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' };

let stage: Stage;
let call: ApiCall;

beforeAll(async () => {
  stage = await startStage();
  call = await stage.loadApi();
});

afterAll(() => stage.stop());

beforeEach(() => stage.exchange.resetCalls());

/** What the exchange was sent, up to the timestamp. */
const sent = () => {
  const cancel = stage.exchange.calls.find(({ method }) => method === 'DELETE');
  return cancel?.rawQuery.replace(/&timestamp=\d{13}&signature=[0-9a-f]{64}$/, '');
};

const base64 = (text: string) => ({ body: Buffer.from(text).toString('base64'), isBase64Encoded: true });

describe('a request', () => {
  const forms: readonly (readonly [string, (id: string) => HttpRequestParts])[] = [
    ['the query', (id) => ({ query: `symbol=${SYMBOL}&orderId=${id}` })],
    ['a form', (id) => ({ headers: FORM, body: `symbol=${SYMBOL}&orderId=${id}` })],
    ['a form in base64', (id) => ({ headers: FORM, ...base64(`symbol=${SYMBOL}&orderId=${id}`) })],
    ['a form without a content type', (id) => ({ body: `symbol=${SYMBOL}&orderId=${id}` })],
    [
      'JSON, the id a number',
      (id) => ({ headers: JSON_TYPE, body: `{"symbol":"${SYMBOL}","orderId":${id}}` }),
    ],
    ['JSON, the id text', (id) => ({ headers: JSON_TYPE, body: `{"symbol":"${SYMBOL}","orderId":"${id}"}` })],
    ['JSON in base64', (id) => ({ headers: JSON_TYPE, ...base64(`{"symbol":"${SYMBOL}","orderId":${id}}`) })],
    ['JSON without a content type', (id) => ({ body: ` {"symbol":"${SYMBOL}","orderId":${id}}` })],
    ['query and form', (id) => ({ query: `symbol=${SYMBOL}`, headers: FORM, body: `orderId=${id}` })],
    [
      'query and JSON, the same',
      (id) => ({ query: `symbol=${SYMBOL}&orderId=${id}`, body: `{"orderId":${id}}` }),
    ],
  ];

  test.each(forms)('in %s reaches the exchange digit for digit', async (_, parts) => {
    const { orderId } = stage.exchange.place();

    const { statusCode } = await call(parts(orderId));

    expect([statusCode, sent()]).toEqual([200, `symbol=${SYMBOL}&orderId=${orderId}&recvWindow=5000`]);
  });

  test('as an existing Binance client sends it is signed anew: its own key, timestamp and signature are ignored', async () => {
    const { orderId } = stage.exchange.place();
    const headers = { 'x-mbx-apikey': 'mine', ...FORM };
    const query = `symbol=${SYMBOL}&orderId=${orderId}&recvWindow=60&timestamp=1&signature=abc`;

    const { statusCode } = await call({ query, headers });

    expect([statusCode, sent()]).toEqual([200, `symbol=${SYMBOL}&orderId=${orderId}&recvWindow=60`]);
    const cancel = stage.exchange.calls.find(({ method }) => method === 'DELETE');
    expect(cancel?.headers['x-mbx-apikey']).not.toBe('mine');
  });

  test('may name the order by origClientOrderId, as other Binance APIs do', async () => {
    stage.exchange.place({ clientOrderId: 'my/order+1' });

    const { statusCode } = await call({ query: `symbol=${SYMBOL}&origClientOrderId=my%2Forder%2B1` });

    expect([statusCode, sent()]).toEqual([
      200,
      `symbol=${SYMBOL}&clientOrderId=my%2Forder%2B1&recvWindow=5000`,
    ]);
  });

  test.each([
    ['', 'symbol is missing: send it'],
    [`symbol=${SYMBOL}`, 'orderId or clientOrderId is missing: send at least one'],
    [`symbol=${SYMBOL}&orderId=1&orderId=1`, 'orderId is given more than once: send it once'],
    [`symbol=${SYMBOL}&orderId=1&side=BUY`, 'side is not a field of a cancel request: remove it'],
    [
      `symbol=${SYMBOL}&clientOrderId=a&origClientOrderId=b`,
      'clientOrderId and origClientOrderId differ: send one of them',
    ],
    [
      `symbol=${SYMBOL}&orderId=9223372036854775808`,
      'orderId must be a whole number from 1 to 9223372036854775807, digits only',
    ],
  ])('with the fault in %j is refused with the field and the fix', async (query, detail) => {
    const { statusCode, headers, body } = await call({ query, requestId: 'Jabc=' });

    expect(statusCode).toBe(400);
    expect(headers).toEqual({
      'content-type': 'application/problem+json',
      'x-cancel-outcome': 'invalid-request',
      'x-request-id': 'Jabc=',
    });
    expect(JSON.parse(body)).toEqual({
      type: 'urn:cancel:invalid-request',
      title: 'The request is not valid',
      status: 400,
      detail,
      instance: 'Jabc=',
      outcome: 'invalid-request',
      code: -1130,
      msg: detail,
    });
    expect(sent()).toBeUndefined();
  });

  test.each<[string, HttpRequestParts, string]>([
    ['that is no JSON', { headers: JSON_TYPE, body: '{"symbol":' }, 'the body must be one JSON object'],
    [
      'of another content type',
      { headers: { 'content-type': 'text/plain' }, body: 'x' },
      'content-type must be',
    ],
    ['with a key twice', { body: '{"orderId":1,"orderId":2}' }, 'the body must be one JSON object'],
    [
      'that differs from the query',
      { query: 'orderId=1', body: '{"orderId":2}' },
      'orderId differs between query and body',
    ],
  ])('with a body %s is refused', async (_, parts, detail) => {
    const { statusCode, body } = await call(parts);

    expect([statusCode, sent()]).toEqual([400, undefined]);
    expect(JSON.parse(body)).toMatchObject({ detail: expect.stringContaining(detail) });
  });
});

describe('a request that is no cancel', () => {
  /** Calls the handler with another method or path. */
  let open: ReturnType<Stage['exchange']['place']>;

  beforeEach(() => {
    open = stage.exchange.place();
    stage.exchange.resetCalls();
  });

  const callWith = (method: string, path: string) =>
    call({ method, path, query: `symbol=${SYMBOL}&orderId=${open.orderId}` });

  const PATHS =
    '/eapi/v1/order, /eapi/v1/openOrders, /eapi/v1/batchOrders, /eapi/v1/allOpenOrders,' +
    ' /eapi/v1/allOpenOrdersByUnderlying, /kills';

  const signedCalls = () => stage.exchange.calls.filter(({ path }) => path !== '/eapi/v1/time');

  test.each([
    ['DELETE', '/'],
    ['DELETE', '/eapi/v1/allOpenOrders/'],
    ['POST', '/eapi/v1/kills'],
    ['DELETE', '/eapi/v1/order/'],
    ['DELETE', '/dev/eapi/v1/order'],
    ['DELETE', '/eapi/v1/ORDER'],
    ['GET', '/eapi/v1/openOrders/'],
  ])('(%s %s) is 404: the service has no such path', async (method, path) => {
    const answer = await callWith(method, path);

    expect(answer).toMatchObject({
      statusCode: 404,
      headers: { 'content-type': 'application/problem+json' },
    });
    expect(JSON.parse(answer.body)).toMatchObject({
      type: 'about:blank',
      title: 'No such path',
      status: 404,
      detail: `no such path: ${path}; the paths are ${PATHS}`,
    });
    expect(signedCalls()).toEqual([]);
    expect(await stage.takeDeadLetters()).toEqual([]);
  });

  test.each([
    ...['HEAD', 'POST', 'PUT', 'PATCH', 'OPTIONS', 'delete'].map(
      (method) => [method, '/eapi/v1/order', 'DELETE, GET'] as const,
    ),
    ['DELETE', '/eapi/v1/openOrders', 'GET'],
    ['GET', '/eapi/v1/batchOrders', 'DELETE'],
    ['POST', '/eapi/v1/allOpenOrders', 'DELETE'],
    ['GET', '/eapi/v1/allOpenOrdersByUnderlying', 'DELETE'],
    ['DELETE', '/kills', 'POST'],
    ['GET', '/kills', 'POST'],
  ] as const)('(%s %s) is 405, and names the method that is', async (method, path, allowed) => {
    const answer = await callWith(method, path);

    expect(answer).toMatchObject({ statusCode: 405, headers: { allow: allowed } });
    expect(JSON.parse(answer.body)).toMatchObject({
      title: 'Method not allowed',
      status: 405,
      detail: `${method} does nothing here: send ${allowed}`,
    });
    expect(signedCalls()).toEqual([]);
    expect(await stage.takeDeadLetters()).toEqual([]);
  });

  test.each(['/eapi/v1/order', '/eapi/v1/openOrders'])(
    '(GET %s) is a read, which cancels nothing',
    async (path) => {
      const answer = await callWith('GET', path);

      expect(answer.statusCode).toBe(200);
      expect(signedCalls().map(({ method }) => method)).toEqual(['GET']);
      expect(stage.exchange.order(open.orderId)?.status).toBe('ACCEPTED');
    },
  );
});

describe('a handler that is loaded', () => {
  test.each([
    ['BINANCE_SECRET_ID', '', 'BINANCE_SECRET_ID must be'],
    ['BINANCE_BASE_URL', 'http://eapi.binance.com', 'BINANCE_BASE_URL must be an https origin'],
    ['BINANCE_MAX_ATTEMPTS', 'three', 'BINANCE_MAX_ATTEMPTS must be a whole number from 1 to 20'],
    ['DEAD_LETTER_QUEUE_URL', 'dead', 'DEAD_LETTER_QUEUE_URL must be the URL of the dead-letter queue'],
  ])('with %s=%j fails at once and names it', async (name, value, message) => {
    await expect(stage.loadApi({ [name]: value })).rejects.toMatchObject({
      name: 'ConfigError',
      message: expect.stringContaining(message),
    });
  });

  test('for the queue without the kill queue fails at once and names it', async () => {
    await expect(stage.loadQueue({ KILL_QUEUE_URL: '' })).rejects.toThrow(/^KILL_QUEUE_URL must be/);
  });

  test('for the queue without the queue it reads fails at once and names it', async () => {
    await expect(stage.loadQueue({ CANCEL_QUEUE_URL: '' })).rejects.toThrow(/^CANCEL_QUEUE_URL must be/);
  });
});
