import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type Fault, faults, type ReceivedCall } from '../../local/exchange.ts';
import type { HttpRequestParts } from '../../local/http-event.ts';
import { refuseDeadLetters } from '../../local/queues.ts';
import {
  AMPLE_WEIGHT,
  CALL,
  callsTo,
  clear,
  ENOUGH_MS,
  openIn,
  PUT,
  takeKills,
} from '../helpers/kill-stage.ts';
import { delayedKill } from '../helpers/queue-probe.ts';
import { type ApiAnswer, type ApiCall, loadApiIn, type Stage, startStage } from '../helpers/stage.ts';

const ALWAYS = { times: Number.POSITIVE_INFINITY };
const NEVER_MS = Number.POSITIVE_INFINITY;
const LIST = 'GET openOrders';
const MASS = 'DELETE allOpenOrdersByUnderlying';
const BTC = { underlying: 'BTCUSDT' };

let stage: Stage;
let call: ApiCall;

beforeAll(async () => {
  stage = await startStage({ weightLimit: 100_000 });
});

afterAll(() => stage.stop());

beforeEach(async () => {
  clear(stage);
  call = await stage.loadApi(AMPLE_WEIGHT);
  stage.exchange.resetCalls();
});

/** A request that the gateway received now. */
const now = (parts: HttpRequestParts): HttpRequestParts => ({ timeEpoch: Date.now(), ...parts });
const post = (fields: object, more: HttpRequestParts = {}) =>
  now({ method: 'POST', path: '/kills', body: JSON.stringify(fields), ...more });
const cancelAll = (query: string, path = 'allOpenOrders', more: HttpRequestParts = {}) =>
  now({ path: `/eapi/v1/${path}`, query, ...more });

const read = ({ body }: ApiAnswer): Record<string, unknown> => JSON.parse(body);
const count = (wanted: string) => callsTo(stage).filter((made) => made === wanted).length;

/** Has every mass call wait until the first list is answered, so that the list shows what is open. */
function listFirst(): void {
  stage.exchange.beforeCall = async (_, { method }: ReceivedCall) => {
    if (method !== 'DELETE') return;
    while (!stage.exchange.calls.some(({ path, status }) => path.endsWith('/openOrders') && status === 200))
      await new Promise(setImmediate);
  };
}

/** The number of lists that a kill says it has made. */
function listsOf({ body }: ApiAnswer): number {
  const { calls }: { readonly calls: { readonly lists: number } } = JSON.parse(body);
  return calls.lists;
}

/** An execution environment of the API handler without `KILL_QUEUE_URL`. */
function loadApiWithoutKills(): Promise<ApiCall> {
  const { KILL_QUEUE_URL: _, ...env } = stage.env;
  return loadApiIn(env);
}

/** An order that no cancel ends. */
const immortal = () => stage.exchange.place({ symbol: CALL, acceptedForMs: NEVER_MS });

describe('POST /kills', () => {
  test('of a scope that is proven empty is 200 with the whole result', async () => {
    const { orderId } = stage.exchange.place({ symbol: CALL, clientOrderId: 'mm1-a' });
    const timeEpoch = Date.now();
    listFirst();

    const answer = await call(post({ kill: BTC, reason: 'vol limit' }, { requestId: 'Jabc=', timeEpoch }));

    expect(answer).toMatchObject({
      statusCode: 200,
      headers: {
        'content-type': 'application/json',
        'x-cancel-outcome': 'emptied',
        'x-mbx-used-weight-1m': expect.stringMatching(/^\d+$/),
        'x-request-id': 'Jabc=',
      },
    });
    expect(read(answer)).toEqual({
      killId: 'Jabc=',
      scope: BTC,
      outcome: 'emptied',
      reason: 'vol limit',
      askedAt: new Date(timeEpoch).toISOString(),
      asOf: expect.stringMatching(/^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      late: false,
      orders: { seen: 1, canceled: 1, filled: 0, closed: 0, unexamined: 0, left: 0, newer: 0 },
      results: [{ orderId, symbol: CALL, clientOrderId: 'mm1-a', outcome: 'canceled', executedQty: '0' }],
      calls: { mass: 1, lists: 3, cancels: 0, queries: 1 },
    });
    expect(openIn(stage)).toEqual([]);
    expect([await takeKills(stage), await stage.takeDeadLetters()]).toEqual([[], []]);
  });

  test('keeps to its scope and to only', async () => {
    const [sell, buy, put] = [
      stage.exchange.place({ symbol: CALL, side: 'SELL' }),
      stage.exchange.place({ symbol: CALL, side: 'BUY' }),
      stage.exchange.place({ symbol: PUT, side: 'SELL' }),
    ];

    const answer = await call(post({ kill: { symbol: CALL }, only: { side: 'SELL' } }));

    expect(read(answer)).toMatchObject({ outcome: 'emptied', only: { side: 'SELL' } });
    expect(stage.exchange.order(sell.orderId)?.status).toBe('CANCELLED');
    expect(openIn(stage)).toEqual([buy.orderId, put.orderId]);
  });

  test('with dryRun is not handed over when it fails', async () => {
    const fresh = await stage.loadApi();
    stage.exchange.script(faults.tooMany(1), { path: '/eapi/v1/openOrders' });

    const answer = await fresh(post({ kill: BTC, dryRun: true }));

    expect([answer.statusCode, read(answer)]).toMatchObject([429, { outcome: 'throttled' }]);
    expect(read(answer)).not.toHaveProperty('queueMessageId');
    expect([await takeKills(stage), await stage.takeDeadLetters()]).toEqual([[], []]);
  });

  test('with dryRun lists what it would cancel, and cancels nothing', async () => {
    const { orderId } = stage.exchange.place({ symbol: CALL });

    const answer = await call(post({ kill: BTC, dryRun: true }));

    expect([answer.statusCode, read(answer)]).toMatchObject([
      200,
      { outcome: 'dry-run', orders: { left: 1 }, results: [{ orderId, outcome: 'left' }] },
    ]);
    expect(new Set(callsTo(stage))).toEqual(new Set([LIST]));
    expect(openIn(stage)).toEqual([orderId]);
  });

  test('asked for more than 120 s ago is late: it leaves newer orders alone', async () => {
    const askedAt = Date.now() - 121_000;
    const old = stage.exchange.place({ symbol: CALL, createTime: askedAt });
    const newer = stage.exchange.place({ symbol: CALL, createTime: askedAt + 60_000 });

    const answer = await call(post({ kill: BTC, askedAt }));

    expect(read(answer)).toMatchObject({ outcome: 'emptied', late: true, orders: { newer: 1 } });
    expect(stage.exchange.order(old.orderId)?.status).toBe('CANCELLED');
    expect(openIn(stage)).toEqual([newer.orderId]);
    expect(count(MASS)).toBe(0);
  });

  test.each<[string, string]>([
    ['{}', 'kill is missing: send it'],
    ['{"kill":{}}', 'kill must hold exactly one of'],
    ['{"kill":null}', 'kill must hold exactly one of'],
    ['{"kill":"everything"}', 'kill must hold exactly one of'],
    ['{"kill":{"everything":false}}', 'kill.everything must be true'],
    ['{"kill":{"everythin":true}}', 'kill.everythin is not a field of a kill'],
    [`{"kill":{"symbol":"${CALL}","everything":true}}`, 'kill must hold exactly one of'],
    ['{"kill":{"underlying":"BTC"}}', 'kill.underlying must be an underlying such as BTCUSDT'],
    ['{"kill":{"everything":true},"only":{}}', 'only must hold at least one of'],
    ['{"kill":{"everything":true},"orderId":"1"}', 'orderId is not a field of a kill'],
    ['{"kill":{"everything":true},"kill":{"symbol":"X"}}', 'the body must be one JSON object'],
    ['[{"kill":{"everything":true}}]', 'the body must be one JSON object'],
    ['{"kill":', 'the body must be one JSON object'],
    ['', 'kill is missing: send it'],
  ])('with %s is 400, and nothing is called', async (body, detail) => {
    const { orderId } = stage.exchange.place({ symbol: CALL });

    const answer = await call(
      now({ method: 'POST', path: '/kills', body, headers: { 'content-type': 'application/json' } }),
    );

    expect(answer).toMatchObject({
      statusCode: 400,
      headers: { 'content-type': 'application/problem+json', 'x-cancel-outcome': 'invalid-request' },
    });
    expect(read(answer)).toMatchObject({
      type: 'urn:cancel:invalid-request',
      detail: expect.stringContaining(detail),
      code: -1130,
      msg: expect.stringContaining(detail),
    });
    expect([callsTo(stage), openIn(stage)]).toEqual([[], [orderId]]);
    expect([await takeKills(stage), await stage.takeDeadLetters()]).toEqual([[], []]);
  });

  test('of everything in its query is 400: a scope comes in JSON only', async () => {
    stage.exchange.place({ symbol: CALL });

    const answer = await call(now({ method: 'POST', path: '/kills', query: 'kill=everything' }));

    expect([answer.statusCode, callsTo(stage)]).toEqual([400, []]);
  });

  test('past its expiresAt is 410, and nothing is called', async () => {
    const answer = await call(post({ kill: BTC, expiresAt: 1 }));

    expect([answer.statusCode, read(answer)]).toMatchObject([410, { outcome: 'expired', code: -1130 }]);
    expect(callsTo(stage)).toEqual([]);
    expect([await takeKills(stage), await stage.takeDeadLetters()]).toEqual([[], []]);
  });

  test('that is not proven empty is 409, and goes on in the kill queue with askedAt and killId', async () => {
    const { orderId } = immortal();
    const timeEpoch = Date.now();
    const fields = { kill: BTC, only: { side: 'BUY' }, reason: 'vol limit' };

    const answer = await call(post(fields, { requestId: 'Jabc=', timeEpoch }), ENOUGH_MS);

    const [message, ...more] = await takeKills(stage);
    expect(answer).toMatchObject({
      statusCode: 409,
      headers: { 'content-type': 'application/problem+json', 'x-cancel-outcome': 'not-emptied' },
    });
    expect(read(answer)).toMatchObject({
      type: 'urn:cancel:not-emptied',
      title: 'The scope is not proven empty',
      status: 409,
      instance: 'Jabc=',
      outcome: 'not-emptied',
      code: expect.any(Number),
      msg: expect.any(String),
      orders: { left: 1 },
      results: [{ orderId, outcome: 'left' }],
      queueMessageId: message?.messageId,
    });
    expect(read(answer)).not.toHaveProperty('asOf');
    expect(JSON.parse(message?.body ?? '')).toEqual({
      ...fields,
      killId: 'Jabc=',
      dryRun: false,
      askedAt: timeEpoch,
    });
    expect([more, await stage.takeDeadLetters()]).toEqual([[], []]);
  });

  test('that is throttled is 429 with Retry-After, and goes on once the throttle is over', async () => {
    stage.exchange.script(faults.tooMany(600));

    const answer = await call(post({ kill: BTC, killId: 'risk/7' }));

    const { queueMessageId } = read(answer);
    const message = await delayedKill(stage.queues, String(queueMessageId));
    expect([answer.statusCode, read(answer)]).toMatchObject([429, { outcome: 'throttled', code: -1003 }]);
    expect(Number(answer.headers['retry-after'])).toBe(read(answer).retryAfterSeconds);
    for (const seconds of [Number(answer.headers['retry-after']), message?.seconds]) {
      expect(seconds).toBeGreaterThan(500);
      expect(seconds).toBeLessThanOrEqual(600);
    }
    expect(JSON.parse(message?.body ?? '')).toMatchObject({ kill: BTC, killId: 'risk/7' });
    expect([await takeKills(stage), await stage.takeDeadLetters()]).toEqual([[], []]);
  });

  test('that is banned for days goes on after 15 minutes, the longest delay of SQS', async () => {
    stage.exchange.script(faults.banned(2 * 24 * 3600));

    const answer = await call(post({ kill: BTC }));

    const message = await delayedKill(stage.queues, String(read(answer).queueMessageId));
    expect([answer.statusCode, message?.seconds]).toEqual([429, 900]);
  });

  test.each<[string, number, Fault, object]>([
    ['forbidden', 502, faults.firewall(), {}],
    ['credentials', 502, faults.code(401, -2015, 'Invalid API-key.'), {}],
    ['unavailable', 503, faults.unknown503(), { only: { side: 'SELL' } }],
    ['unknown', 504, faults.unknown503(), {}],
  ])('that is %s is %i, and handed over', async (outcome, status, fault, more) => {
    stage.exchange.script(fault, ALWAYS);

    const answer = await call(post({ kill: BTC, ...more }), ENOUGH_MS);

    const [message] = await takeKills(stage);
    expect([answer.statusCode, read(answer)]).toMatchObject([
      status,
      { type: `urn:cancel:${outcome}`, outcome, queueMessageId: message?.messageId },
    ]);
    expect(message?.messageId).toEqual(expect.any(String));
    expect(await stage.takeDeadLetters()).toEqual([]);
  });

  test('that the kill queue refuses becomes a dead letter, which says when it was asked for', async () => {
    stage.exchange.script(faults.firewall(), ALWAYS);
    stage.queues.fault = (action, body) =>
      action === 'SendMessage' && JSON.stringify(body).includes(stage.queues.killQueueUrl)
        ? { status: 403, name: 'AccessDenied', message: 'Refused by a test.' }
        : undefined;
    const timeEpoch = Date.now();

    const answer = await call(post({ kill: BTC }, { requestId: 'Jabc=', timeEpoch }));

    const [letter, ...more] = await stage.takeDeadLetters();
    expect([answer.statusCode, read(answer)]).toMatchObject([
      502,
      { deadLetterMessageId: letter?.messageId },
    ]);
    expect(read(answer)).not.toHaveProperty('queueMessageId');
    expect(JSON.parse(letter?.body ?? '')).toEqual({
      kill: BTC,
      killId: 'Jabc=',
      dryRun: false,
      askedAt: timeEpoch,
    });
    expect(letter?.attributes).toMatchObject({
      outcome: 'forbidden',
      trigger: 'api',
      requestId: 'Jabc=',
      askedAt: new Date(timeEpoch).toISOString(),
    });
    expect([more, await takeKills(stage)]).toEqual([[], []]);
  });

  test('that neither queue takes is answered all the same, without an id', async () => {
    stage.exchange.script(faults.firewall(), ALWAYS);
    stage.queues.fault = (action, body) =>
      refuseDeadLetters(action, body) ?? { status: 403, name: 'AccessDenied', message: 'Refused.' };

    const answer = await call(post({ kill: BTC }));

    expect(answer.statusCode).toBe(502);
    expect(answer.body).not.toMatch(/deadLetterMessageId|queueMessageId/);
  });
});

describe('without KILL_QUEUE_URL', () => {
  test.each<[string, HttpRequestParts]>([
    ['POST /kills', post({ kill: { everything: true } })],
    ['DELETE allOpenOrders', cancelAll(`symbol=${CALL}`)],
    ['DELETE allOpenOrdersByUnderlying', cancelAll('underlying=BTCUSDT', 'allOpenOrdersByUnderlying')],
  ])('%s is 501, and nothing is called', async (_, request) => {
    stage.exchange.place({ symbol: CALL });
    const withoutKills = await loadApiWithoutKills();
    stage.exchange.resetCalls();

    const answer = await withoutKills(request);

    expect([answer.statusCode, read(answer)]).toMatchObject([
      501,
      { status: 501, detail: expect.stringContaining('KILL_QUEUE_URL') },
    ]);
    expect(callsTo(stage)).toEqual([]);
  });
});

describe('a cancel-all of the exchange', () => {
  test.each([
    ['allOpenOrders', `symbol=${CALL}`, '{"code":"0","msg":"success"}'],
    ['allOpenOrdersByUnderlying', 'underlying=BTCUSDT', '{"code":0,"msg":"success"}'],
  ])('%s is the exchange’s success once its scope is proven empty', async (path, query, body) => {
    stage.exchange.place({ symbol: CALL });
    const other = stage.exchange.place({ symbol: path === 'allOpenOrders' ? PUT : 'ETH-261225-4000-P' });
    stage.exchange.behaviour.massSurvivors = ({ symbol }) => symbol === CALL;

    const answer = await call(cancelAll(`${query}&timestamp=1&signature=abc`, path, { requestId: 'Jabc=' }));

    expect(answer).toEqual({
      statusCode: 200,
      headers: {
        'content-type': 'application/json',
        'x-cancel-outcome': 'emptied',
        'x-mbx-used-weight-1m': expect.stringMatching(/^\d+$/),
        'x-request-id': 'Jabc=',
      },
      body,
    });
    expect(openIn(stage)).toEqual([other.orderId]);
  });

  test.each([
    ['allOpenOrders', `symbol=${CALL}`],
    ['allOpenOrdersByUnderlying', 'underlying=BTCUSDT'],
  ])(
    '%s that proves nothing is 409 and handed over, though the exchange said success',
    async (path, query) => {
      immortal();

      const answer = await call(cancelAll(query, path), ENOUGH_MS);

      const [message] = await takeKills(stage);
      expect(
        stage.exchange.calls.some(({ path: called, status }) => called.endsWith(path) && status === 200),
      ).toBe(true);
      expect([answer.statusCode, read(answer)]).toMatchObject([
        409,
        { outcome: 'not-emptied', queueMessageId: message?.messageId },
      ]);
    },
  );

  test.each<[string, HttpRequestParts, string]>([
    ['no symbol', cancelAll(''), 'symbol is missing: send it'],
    ['no underlying', cancelAll('', 'allOpenOrdersByUnderlying'), 'underlying is missing: send it'],
    ['an empty symbol', cancelAll('symbol='), 'symbol must be an option symbol'],
    ['an underlying for a symbol', cancelAll('symbol=BTCUSDT'), 'symbol must be an option symbol'],
    ['underlying beside symbol', cancelAll(`symbol=${CALL}&underlying=BTCUSDT`), 'underlying is not a field'],
    ['only underlying where symbol is due', cancelAll('underlying=BTCUSDT'), 'symbol is missing'],
    [
      'symbol beside underlying',
      cancelAll(`underlying=BTCUSDT&symbol=${CALL}`, 'allOpenOrdersByUnderlying'),
      'symbol is not a field',
    ],
    ['kill', cancelAll(`symbol=${CALL}&kill=everything`), 'kill is not a field'],
    ['only', cancelAll(`symbol=${CALL}&only=side`), 'only is not a field'],
    ['orderId', cancelAll(`symbol=${CALL}&orderId=1`), 'orderId is not a field'],
    [
      'kill in JSON',
      cancelAll('', 'allOpenOrders', { body: `{"symbol":"${CALL}","kill":{"everything":true}}` }),
      'kill is not a field',
    ],
    [
      'only in JSON',
      cancelAll('', 'allOpenOrders', { body: `{"symbol":"${CALL}","only":{"side":"SELL"}}` }),
      'only is not a field',
    ],
    [
      'dryRun in JSON',
      cancelAll('', 'allOpenOrders', { body: `{"symbol":"${CALL}","dryRun":true}` }),
      'dryRun is not a field',
    ],
  ])('with %s is 400, and nothing is called', async (_, request, detail) => {
    const { orderId } = stage.exchange.place({ symbol: CALL });

    const answer = await call(request);

    expect([answer.statusCode, read(answer)]).toMatchObject([
      400,
      { outcome: 'invalid-request', detail: expect.stringContaining(detail) },
    ]);
    expect([callsTo(stage), openIn(stage)]).toEqual([[], [orderId]]);
  });
});

describe('kills at once', () => {
  test('that are equal and fresh share one run, each with its own id', async () => {
    stage.exchange.place({ symbol: CALL });
    const timeEpoch = Date.now();
    const one = post({ kill: BTC, killId: 'a', reason: 'r' }, { timeEpoch });
    const two = post({ kill: BTC, killId: 'b' }, { timeEpoch: timeEpoch - 1000 });

    const answers = await Promise.all([call(one), call(two)]);

    expect(answers.map((answer) => [answer.statusCode, read(answer).killId])).toEqual([
      [200, 'a'],
      [200, 'b'],
    ]);
    expect([count(MASS), count(LIST)]).toEqual([1, 3]);
  });

  test.each<[string, object]>([
    ['scope', { kill: { underlying: 'ETHUSDT' } }],
    ['only', { kill: BTC, only: { side: 'SELL' } }],
    ['dryRun', { kill: BTC, dryRun: true }],
    ['expiresAt', { kill: BTC, expiresAt: '2199-01-31T12:00:00Z' }],
  ])('that differ in %s do not', async (_, other) => {
    stage.exchange.place({ symbol: CALL });

    const [first, second] = await Promise.all([call(post({ kill: BTC })), call(post(other))]);

    const [one, two] = [first, second].map(listsOf);
    expect(count(LIST)).toBe((one ?? 0) + (two ?? 0));
  });

  test('that are late and asked for at different times do not: they cover different orders', async () => {
    const [first, second] = [Date.now() - 400_000, Date.now() - 200_000];
    stage.exchange.place({ symbol: CALL, createTime: first + 100_000 });

    const answers = await Promise.all([
      call(post({ kill: BTC, askedAt: first })),
      call(post({ kill: BTC, askedAt: second })),
    ]);

    expect(answers.map((answer) => read(answer).orders)).toMatchObject([{ seen: 0 }, { seen: 1 }]);
  });

  test('do not share a run whose proof has begun: an order placed since would be missed', async () => {
    const first = call(post({ kill: BTC }));
    while (callsTo(stage).lastIndexOf(LIST) < 2) await new Promise(setImmediate);
    const { orderId } = stage.exchange.place({ symbol: CALL });
    const second = await call(post({ kill: BTC }));

    expect([read(await first).outcome, read(second).outcome]).toEqual(['emptied', 'emptied']);
    expect([count(MASS) >= 2, stage.exchange.order(orderId)?.status]).toEqual([true, 'CANCELLED']);
  });
});

describe('DELETE batchOrders', () => {
  const batch = (query: string) => now({ path: '/eapi/v1/batchOrders', query, requestId: 'Jabc=' });
  const ids = (...orderIds: string[]) =>
    batch(`symbol=${CALL}&orderIds=${encodeURIComponent(`[${orderIds.join(',')}]`)}`);

  test('answers an order or an error for each, in the order asked, the exchange’s bytes with every digit', async () => {
    const [open, filled] = [
      stage.exchange.place({ symbol: CALL }),
      stage.exchange.place({ symbol: CALL, status: 'FILLED' }),
    ];
    const text = ` {"orderId" : ${open.orderId},"symbol":"${CALL}","status":"CANCELLED","big":1e400,"price":1.50} `;
    stage.exchange.script(faults.answer(200, text), { orderId: open.orderId });

    const answer = await call(ids(filled.orderId, '9007199254740993', open.orderId));

    expect(answer).toEqual({
      statusCode: 200,
      headers: {
        'content-type': 'application/json',
        'x-request-id': 'Jabc=',
        'x-cancel-outcome': 'filled,not-found,canceled',
        'x-mbx-used-weight-1m': expect.stringMatching(/^\d+$/),
      },
      body:
        '[{"code":-2011,"msg":"the order is FILLED"},' +
        `{"code":-2013,"msg":"Order does not exist."},${text}]`,
    });
    const sent = stage.exchange.calls.map(({ rawQuery }) => new URLSearchParams(rawQuery).get('orderId'));
    expect(sent).toContain('9007199254740993');
  });

  test('by clientOrderIds cancels each of them', async () => {
    const orders = ['a,1', 'b"2'].map((clientOrderId) =>
      stage.exchange.place({ symbol: CALL, clientOrderId }),
    );
    const names = encodeURIComponent(JSON.stringify(['a,1', 'b"2']));

    const answer = await call({
      ...batch(`symbol=${CALL}&clientOrderIds=${names}`),
      timeEpoch: Date.now() + 2000, // so that the orders were placed before it
    });

    expect([answer.statusCode, answer.headers['x-cancel-outcome']]).toEqual([200, 'canceled,canceled']);
    expect(orders.map(({ orderId }) => stage.exchange.order(orderId)?.status)).toEqual([
      'CANCELLED',
      'CANCELLED',
    ]);
  });

  test('of which one is not settled has its dead letter alone', async () => {
    const [one, two] = [stage.exchange.place({ symbol: CALL }), stage.exchange.place({ symbol: CALL })];
    stage.exchange.script(faults.internal503(), { orderId: two.orderId, ...ALWAYS });

    const answer = await call(ids(one.orderId, two.orderId));

    const letters = await stage.takeDeadLetters();
    expect(JSON.parse(answer.body)).toMatchObject([{ status: 'CANCELLED' }, { code: -1001 }]);
    expect(letters.map(({ attributes }) => attributes)).toMatchObject([
      { orderId: two.orderId, requestId: 'Jabc=/1', outcome: 'unavailable' },
    ]);
  });

  test.each([
    ['neither list', `symbol=${CALL}`, 'orderIds or clientOrderIds is missing'],
    ['both lists', `symbol=${CALL}&orderIds=[1]&clientOrderIds=["a"]`, 'send exactly one'],
    [
      'eleven orders',
      `symbol=${CALL}&orderIds=[1,2,3,4,5,6,7,8,9,10,11]`,
      'orderIds must be a JSON array of 1 to 10',
    ],
    ['no order', `symbol=${CALL}&orderIds=[]`, 'orderIds must be a JSON array of 1 to 10'],
    ['a wrong one among them', `symbol=${CALL}&orderIds=[1,0]`, 'orderId must be a whole number'],
    ['no symbol', 'orderIds=[1]', 'symbol is missing: send it'],
    ['a single orderId beside them', `symbol=${CALL}&orderIds=[1]&orderId=2`, 'orderId is not a field'],
  ])('with %s is 400, and nothing is called', async (_, query, detail) => {
    const answer = await call(batch(query));

    expect([answer.statusCode, read(answer)]).toMatchObject([
      400,
      { outcome: 'invalid-request', code: -1130, detail: expect.stringContaining(detail) },
    ]);
    expect(callsTo(stage)).toEqual([]);
  });
});
