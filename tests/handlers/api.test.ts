import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type Fault, faults } from '../../local/exchange.ts';
import { type ApiCall, type Stage, startStage } from '../helpers/stage.ts';
import { SYMBOL } from '../helpers/workbench.ts';

const ALWAYS = { times: Number.POSITIVE_INFINITY };

let stage: Stage;
let call: ApiCall;

beforeAll(async () => {
  stage = await startStage();
});

afterAll(() => stage.stop());

beforeEach(async () => {
  stage.exchange.clearScripts();
  call = await stage.loadApi();
});

const queryFor = (orderId: string) => `symbol=${SYMBOL}&orderId=${orderId}`;

describe('a success', () => {
  test.each([
    ['CANCELLED', 'canceled', 200],
    ['ACCEPTED', 'accepted', 202],
  ])("(%s) is the exchange's own body, byte for byte", async (status, outcome, statusCode) => {
    const text = ` {"orderId" : 4611875134427365377,"status":"${status}","new":1.50,"名":"\\u00e9 \\/ é","big":1e400}\n`;
    stage.exchange.script(faults.answer(200, text, { headers: { 'X-MBX-USED-WEIGHT-1M': '17' } }));

    const query = `${queryFor('4611875134427365377')}&confirm=false`;
    const answer = await call({ query, requestId: 'Jabc=' });

    expect(answer).toEqual({
      statusCode,
      headers: {
        'content-type': 'application/json',
        'x-cancel-outcome': outcome,
        'x-request-id': 'Jabc=',
        'x-mbx-used-weight-1m': '17',
      },
      body: text,
    });
    expect(await stage.takeDeadLetters()).toEqual([]);
  });

  test('that a query has proven is the body of the query', async () => {
    const { orderId } = stage.exchange.place();
    stage.exchange.script(faults.reset({ executed: true }));

    const { statusCode, headers, body } = await call({ query: queryFor(orderId) });

    expect([statusCode, headers['x-cancel-outcome']]).toEqual([200, 'canceled']);
    expect(body).toMatch(new RegExp(`^{"orderId":${orderId},.*"status":"CANCELLED"`));
  });

  test.each(['', '&confirm=true'])('waits for the proof, with %j in its query', async (confirm) => {
    const { orderId } = stage.exchange.place({ acceptedForMs: 0 });

    const { statusCode, headers } = await call({ query: `${queryFor(orderId)}${confirm}` });

    expect([statusCode, headers['x-cancel-outcome']]).toEqual([200, 'canceled']);
  });
});

test('an accepted cancel that no query proves is accepted, and is a dead letter', async () => {
  const { orderId } = stage.exchange.place({ acceptedForMs: Number.POSITIVE_INFINITY });

  const answer = await call({ query: queryFor(orderId) });

  const letters = await stage.takeDeadLetters();
  expect([answer.statusCode, answer.headers['x-cancel-outcome']]).toEqual([202, 'accepted']);
  expect(answer.body).toMatch(new RegExp(`^{"orderId":${orderId},.*"status":"ACCEPTED"`));
  expect(letters.map(({ attributes }) => attributes)).toMatchObject([{ outcome: 'accepted', orderId }]);
});

describe('an order that could not be canceled', () => {
  test.each([
    ['FILLED', 'filled', 'The order was filled before it could be canceled'],
    ['EXPIRED', 'closed', 'The order was closed before it could be canceled'],
  ] as const)('(%s) is a conflict, with the order digit for digit', async (status, outcome, title) => {
    const { orderId } = stage.exchange.place({ status });

    const answer = await call({ query: queryFor(orderId), requestId: 'Jabc=' });

    const detail = `the order is ${status}`;
    const problem = { type: `urn:cancel:${outcome}`, title, status: 409, detail, instance: 'Jabc=', outcome };
    const start = JSON.stringify({ ...problem, code: -2011, msg: detail }).slice(0, -1);
    expect(answer.statusCode).toBe(409);
    expect(answer.headers).toMatchObject({
      'content-type': 'application/problem+json',
      'x-cancel-outcome': outcome,
    });
    expect(answer.body.startsWith(`${start},"order":{"orderId":${orderId},"symbol":"${SYMBOL}",`)).toBe(true);
    expect(JSON.parse(answer.body)).toMatchObject({ order: { status } });
    expect(await stage.takeDeadLetters()).toEqual([]);
  });

  test('(because the exchange knows none) is not found', async () => {
    const answer = await call({ query: queryFor('7'), requestId: 'Jabc=' });

    expect(answer.statusCode).toBe(404);
    expect(JSON.parse(answer.body)).toEqual({
      type: 'urn:cancel:not-found',
      title: 'The exchange knows no such order',
      status: 404,
      detail: 'the exchange answered 400: Order does not exist.',
      instance: 'Jabc=',
      outcome: 'not-found',
      code: -2013,
      msg: 'Order does not exist.',
    });
    expect(await stage.takeDeadLetters()).toEqual([]);
  });

  test('(because the request had expired) is gone', async () => {
    const answer = await call({ query: `${queryFor('7')}&expiresAt=1769860800000`, requestId: 'Jabc=' });

    expect(answer.statusCode).toBe(410);
    expect(JSON.parse(answer.body)).toEqual({
      type: 'urn:cancel:expired',
      title: 'The request expired before it was sent',
      status: 410,
      detail: 'not sent: expiresAt was 2026-01-31T12:00:00.000Z',
      instance: 'Jabc=',
      outcome: 'expired',
      code: -1130,
      msg: 'not sent: expiresAt was 2026-01-31T12:00:00.000Z',
    });
    expect(await stage.takeDeadLetters()).toEqual([]);
  });
});

test('a request that the exchange refuses is invalid, with its code and text, and no dead letter', async () => {
  stage.exchange.script(faults.code(400, -1121, 'Invalid symbol.'));

  const answer = await call({ query: queryFor('7') });

  expect(answer.statusCode).toBe(400);
  expect(JSON.parse(answer.body)).toMatchObject({
    detail: 'the exchange answered 400: Invalid symbol.',
    outcome: 'invalid-request',
    code: -1121,
    msg: 'Invalid symbol.',
  });
  expect(await stage.takeDeadLetters()).toEqual([]);
});

describe('what could not be settled', () => {
  const rows: readonly (readonly [string, number, Fault, object])[] = [
    [
      'credentials',
      502,
      faults.code(401, -2015, 'Invalid API-key.'),
      { code: -2015, msg: 'Invalid API-key.' },
    ],
    [
      'forbidden',
      502,
      faults.firewall(),
      { detail: 'the exchange answered 403 with a body that cannot be read' },
    ],
    ['unavailable', 503, faults.internal503(), { code: -1001 }],
    ['unknown', 504, faults.unknown503(), { code: -1007 }],
    ['throttled', 429, faults.tooMany(77), { code: -1003, retryAfterSeconds: 77 }],
  ];

  test.each(rows)(
    '(%s) answers %i and says where its dead letter is',
    async (outcome, status, fault, more) => {
      stage.exchange.script(fault, ALWAYS);
      const request = { query: `${queryFor('7')}&confirm=true`, requestId: 'Jabc=' };

      const answer = await call(request, 2000);

      const [letter, ...others] = await stage.takeDeadLetters();
      const problem = { type: `urn:cancel:${outcome}`, status, instance: 'Jabc=', outcome };
      expect(answer.statusCode).toBe(status);
      expect(answer.headers['x-cancel-outcome']).toBe(outcome);
      expect(answer.headers['retry-after']).toBe(outcome === 'throttled' ? '77' : undefined);
      expect(JSON.parse(answer.body)).toMatchObject({
        ...problem,
        ...more,
        deadLetterMessageId: letter?.messageId,
      });
      expect(letter?.body).toBe(
        `{"symbol":"${SYMBOL}","orderId":"7","confirm":true,"askedAt":1769860800000}`,
      );
      expect(others).toEqual([]);
    },
  );

  test('has a dead letter with both identifiers where the request has both', async () => {
    stage.exchange.script(faults.firewall());

    await call({ query: `${queryFor('7')}&clientOrderId=a%26b` });

    const [letter] = await stage.takeDeadLetters();
    expect(JSON.parse(letter?.body ?? '')).toMatchObject({ orderId: '7', clientOrderId: 'a&b' });
  });

  test('has a dead letter with the orderId that a query found, and askedAt', async () => {
    const { orderId } = stage.exchange.place({ clientOrderId: 'found' });
    const askedAt = Date.now() + 2000;
    stage.exchange.script(faults.internal503(), { method: 'DELETE', ...ALWAYS });

    const answer = await call({ query: `symbol=${SYMBOL}&clientOrderId=found&askedAt=${askedAt}` });

    const [letter] = await stage.takeDeadLetters();
    expect(answer.headers['x-cancel-outcome']).toBe('unavailable');
    expect(letter?.body).toBe(
      `{"symbol":"${SYMBOL}","clientOrderId":"found","orderId":"${orderId}","askedAt":${askedAt}}`,
    );
    expect(letter?.attributes).toMatchObject({ orderId, askedAt: new Date(askedAt).toISOString() });
  });

  test('has a dead letter with every attribute', async () => {
    stage.exchange.script(faults.internal503(), ALWAYS);

    await call({ query: queryFor('7'), requestId: 'Jabc=' });

    const [letter] = await stage.takeDeadLetters();
    expect(letter?.attributes).toEqual({
      outcome: 'unavailable',
      code: '-1001',
      detail: expect.stringMatching(
        /^the exchange answered 503: Internal error; unable to process your request/,
      ),
      trigger: 'api',
      requestId: 'Jabc=',
      attempts: '3',
      orderId: '7',
      askedAt: '2026-01-31T12:00:00.000Z',
      failedAt: expect.stringMatching(/^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    });
  });

  test('while the exchange throttles is refused without a call, for the time that remains', async () => {
    stage.exchange.script(faults.tooMany(1000));
    await call({ query: queryFor('7') });
    stage.exchange.resetCalls();

    const answer = await call({ query: queryFor('8') });

    expect([answer.statusCode, stage.exchange.calls.length]).toEqual([429, 0]);
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(900);
    expect(await stage.takeDeadLetters()).toHaveLength(2);
  });
});

test('a cancel by name that says when it was asked for looks first, and leaves a newer order alone', async () => {
  const call = await stage.loadApi();
  const { orderId } = stage.exchange.place({ symbol: SYMBOL, clientOrderId: 'given-anew' });

  const answer = await call({
    query: `symbol=${SYMBOL}&clientOrderId=given-anew&askedAt=${Date.now() - 3_600_000}`,
  });

  expect(answer).toMatchObject({ statusCode: 504, headers: { 'x-cancel-outcome': 'unknown' } });
  expect(stage.exchange.order(orderId)?.status).toBe('ACCEPTED');
});
