import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { sqsEvent } from '../helpers/events.ts';
import { captureOutput } from '../helpers/output.ts';
import { takeRecords } from '../helpers/queue-probe.ts';
import { type ApiAnswer, type ApiRequest, loadApiIn, type Stage, startStage } from '../helpers/stage.ts';
import { SYMBOL } from '../helpers/workbench.ts';

const CALLER = 'arn:aws:iam::123456789012:user/desk-bot';
const ASYNC = { prefer: 'respond-async' };

type Api = (parts: ApiRequest, caller?: string) => Promise<ApiAnswer>;

let stage: Stage;
let call: Api;

beforeAll(async () => {
  stage = await startStage();
});

afterAll(() => stage.stop());

beforeEach(async () => {
  call = await loadApi(stage.env);
  stage.queues.fault = undefined;
  stage.exchange.resetCalls();
});

/** Loads the API handler with exactly this environment; its caller has signed with IAM. */
async function loadApi(env: Stage['env']): Promise<Api> {
  const invoke = await loadApiIn(env);
  return (parts, userArn = CALLER) => invoke({ timeEpoch: Date.now(), headers: ASYNC, userArn, ...parts });
}

const cancels = () => takeRecords(stage.queues.cancelQueueUrl, stage.queues.cancelQueueArn);
const kills = () => takeRecords(stage.queues.killQueueUrl, stage.queues.killQueueArn);

describe('a request whose caller does not wait', () => {
  test('is 202 with its id and that of its message, before anything is asked of the exchange', async () => {
    const { orderId } = stage.exchange.place();
    const timeEpoch = Date.now();

    const answer = await call({ query: `symbol=${SYMBOL}&orderId=${orderId}`, requestId: 'J=', timeEpoch });
    const [message] = await cancels();

    expect(answer).toEqual({
      statusCode: 202,
      headers: {
        'content-type': 'application/json',
        'x-request-id': 'J=',
        'preference-applied': 'respond-async',
      },
      body: JSON.stringify({ requestId: 'J=', queueMessageId: message?.messageId }),
    });
    expect(JSON.parse(message?.body ?? '')).toEqual({ symbol: SYMBOL, orderId, askedAt: timeEpoch });
    expect(stage.exchange.calls.filter(({ path }) => path !== '/eapi/v1/time')).toEqual([]);
  });

  test('is carried out from the queue, for its account', async () => {
    const { orderId } = stage.exchange.place();
    await call({ query: `symbol=${SYMBOL}&orderId=${orderId}` });
    const queue = await stage.loadQueue();

    const result = await queue(sqsEvent(await cancels()));

    expect(result.batchItemFailures).toEqual([]);
    expect(stage.exchange.order(orderId)?.status).toBe('CANCELLED');
  });

  test('keeps its account in its message', async () => {
    const api = await loadApi({ ...stage.env, BINANCE_ACCOUNT_SECRETS: 'test/accounts/' });

    await api({ path: '/accounts/desk-a/eapi/v1/order', query: `symbol=${SYMBOL}&orderId=1` });
    const [message] = await cancels();

    expect(JSON.parse(message?.body ?? '')).toMatchObject({ account: 'desk-a', orderId: '1' });
  });

  test.each([
    ['POST', '/kills', '', JSON.stringify({ kill: { underlying: 'BTCUSDT' }, reason: 'vol' })],
    ['DELETE', '/eapi/v1/allOpenOrdersByUnderlying', 'underlying=BTCUSDT&reason=vol', undefined],
  ])('is for a kill (%s %s) a message of the kill queue, with its id', async (method, path, query, body) => {
    const timeEpoch = Date.now();

    const { statusCode } = await call({
      method,
      path,
      query,
      requestId: 'K=',
      timeEpoch,
      ...(body && { body }),
    });
    const [message] = await kills();

    expect(statusCode).toBe(202);
    expect(JSON.parse(message?.body ?? '')).toMatchObject({
      killId: 'K=',
      kill: { underlying: 'BTCUSDT' },
      reason: 'vol',
      askedAt: timeEpoch,
    });
  });

  test('is logged, with the id of its message; the line of its outcome says on whose behalf it was', async () => {
    using output = captureOutput();
    const api = await loadApi({ ...stage.env, POWERTOOLS_LOG_LEVEL: 'INFO' });
    const { body } = await api({ query: `symbol=${SYMBOL}&orderId=1`, requestId: 'J=' });
    const queue = await stage.loadQueue({ POWERTOOLS_LOG_LEVEL: 'INFO', MAX_RECEIVE_COUNT: '1' });
    await queue(sqsEvent(await cancels()));
    const [letter] = await stage.takeDeadLetters();

    const { queueMessageId } = JSON.parse(body);
    const lines = output.records().filter(({ message }) => /request sent|cancel/.test(String(message)));
    expect(lines).toMatchObject([
      { message: 'request sent to its queue', requestId: 'J=', caller: CALLER, queueMessageId },
      { outcome: 'not-found', requestId: queueMessageId, onBehalfOf: CALLER, next: 'dead-letter' },
    ]);
    expect(letter?.attributes.caller).toMatch(new RegExp(` on behalf of ${CALLER}$`));
  });
});

describe('the preference', () => {
  test.each(['respond-async', 'Respond-Async', 'wait=5, respond-async', 'respond-async; x=1'])(
    '%j is followed',
    async (prefer) => {
      const { statusCode } = await call({ query: `symbol=${SYMBOL}&orderId=1`, headers: { prefer } });

      expect(statusCode).toBe(202);
      expect(await cancels()).toHaveLength(1);
    },
  );

  test.each(['', 'respond-asynchronously', 'return=minimal'])('%j is another one', async (prefer) => {
    const { statusCode } = await call({ query: `symbol=${SYMBOL}&orderId=1`, headers: { prefer } });

    expect(statusCode).toBe(404);
  });

  test('is not followed by a batch, whose answer is its orders', async () => {
    const { orderId } = stage.exchange.place();

    const query = `symbol=${SYMBOL}&orderIds=[${orderId}]`;
    const { statusCode, headers } = await call({ path: '/eapi/v1/batchOrders', query });

    expect(statusCode).toBe(200);
    expect(headers).not.toHaveProperty('preference-applied');
    expect(stage.exchange.order(orderId)?.status).toBe('CANCELLED');
  });
});

describe('a request that is not on its queue', () => {
  test('is 400 when it is not valid', async () => {
    const { statusCode, body } = await call({ query: `symbol=${SYMBOL}` });

    expect([statusCode, JSON.parse(body).outcome]).toEqual([400, 'invalid-request']);
    expect(await cancels()).toEqual([]);
  });

  test('is 503 when the queue does not confirm it, and not a lost cancel', async () => {
    stage.queues.fault = () => ({ status: 503, name: 'ServiceUnavailable', message: 'Refused by a test.' });

    const { statusCode, headers, body } = await call({ query: `symbol=${SYMBOL}&orderId=1` });

    expect(statusCode).toBe(503);
    expect(headers).not.toHaveProperty('preference-applied');
    expect(JSON.parse(body)).toMatchObject({
      code: -1001,
      detail: 'the queue did not confirm the request, so it may not be carried out: send it again',
    });
  });

  test.each([
    ['CANCEL_QUEUE_URL', {}],
    ['KILL_QUEUE_URL', { method: 'POST', path: '/kills' }],
  ])('is 501 without %s', async (variable, parts) => {
    const env = Object.fromEntries(Object.entries(stage.env).filter(([name]) => name !== variable));
    const api = await loadApi(env);

    const { statusCode, body } = await api({
      query: `symbol=${SYMBOL}&orderId=1`,
      ...parts,
    });

    expect(statusCode).toBe(501);
    expect(JSON.parse(body).detail).toContain(variable);
  });
});
