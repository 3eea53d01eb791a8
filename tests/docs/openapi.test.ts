import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { bundle, createConfig, lint } from '@redocly/openapi-core';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { isJsonObject } from '../../lib/json.ts';
import { type CallMatch, type Fault, faults } from '../../local/exchange.ts';
import { type HttpRequestParts, httpEvent } from '../../local/http-event.ts';
import { lambdaContext, loadHandler } from '../../local/lambda.ts';
import { type ApiAnswer, type Stage, startStage } from '../helpers/stage.ts';

const ref = 'docs/openapi.yaml';
const SYMBOL = 'BTC-200730-9000-C';

/** A method and a path. */
type Door = readonly [method: 'DELETE' | 'POST' | 'GET', path: string];

const ORDER: Door = ['DELETE', '/eapi/v1/order'];
const BATCH: Door = ['DELETE', '/eapi/v1/batchOrders'];
const ALL_OF_SYMBOL: Door = ['DELETE', '/eapi/v1/allOpenOrders'];
const ALL_OF_UNDERLYING: Door = ['DELETE', '/eapi/v1/allOpenOrdersByUnderlying'];
const KILLS: Door = ['POST', '/kills'];

type Call = (door: Door, request: HttpRequestParts, timeoutMs?: number) => Promise<ApiAnswer>;

let stage: Stage;
let description: Description;
beforeAll(async () => {
  stage = await startStage();
  description = await readDescription();
});
afterAll(() => stage.stop());
beforeEach(() => {
  stage.exchange.clearScripts();
  stage.exchange.behaviour.acceptedForMs = undefined;
});

const fill = (orderId: string) => stage.exchange.fill(orderId);
const script = (fault: Fault, on?: CallMatch) => stage.exchange.script(fault, on);
const acceptOnly = () => {
  stage.exchange.behaviour.acceptedForMs = 60_000;
};
const rejectKey = () => script(faults.code(401, -2015, 'Invalid API-key.'), { times: 99 });

test('the description and its examples pass a strict linter', async () => {
  const config = await createConfig({ extends: ['recommended-strict'] });

  const problems = await lint({ ref, config });

  expect(problems.map(({ ruleId, message }) => `${ruleId}: ${message}`)).toEqual([]);
});

describe('real answers to a cancel match the description', () => {
  let call: Call;
  beforeAll(async () => {
    call = await loadApi({ BINANCE_MAX_ATTEMPTS: '1' });
  });

  test.each([
    [200, 'a canceled order', () => undefined, ''],
    [202, 'a cancel that is accepted only', acceptOnly, '&confirm=false'],
    [400, 'a wrong field', () => undefined, '&orderID=1'],
    [409, 'a filled order', fill, ''],
    [410, 'an expired request', () => undefined, '&expiresAt=1'],
    [502, 'a rejected key', rejectKey, ''],
    [503, 'an unavailable exchange', () => script(faults.unavailable503()), ''],
    [504, 'an unknown outcome', () => script(faults.unknown503(), { times: 99 }), ''],
    [429, 'a throttle', () => script(faults.tooMany(1)), ''],
  ])('%i: %s', async (status, _, arrange, more) => {
    const order = stage.exchange.place();
    arrange(order.orderId);

    const answer = await call(
      ORDER,
      { query: `symbol=${order.symbol}&orderId=${order.orderId}${more}` },
      2600,
    );

    expectDescribed(ORDER, status, answer);
  });

  test('404: an order that does not exist', async () => {
    const fresh = await loadApi();

    const answer = await fresh(ORDER, { query: `symbol=${SYMBOL}&orderId=42` });

    expectDescribed(ORDER, 404, answer);
    expect(JSON.parse(answer.body)).toEqual({
      ...Object(description.example(ORDER, 404)),
      instance: expect.any(String),
    });
  });

  test('200: a batch, with an order and an error', async () => {
    const fresh = await loadApi();
    const { orderId } = stage.exchange.place();

    const answer = await fresh(BATCH, { query: `symbol=${SYMBOL}&orderIds=[${orderId},42]` });

    expectDescribed(BATCH, 200, answer);
    expect(answer.headers['x-cancel-outcome']).toBe('canceled,not-found');
  });

  test('400: a batch of nothing', async () => {
    const answer = await call(BATCH, { query: `symbol=${SYMBOL}&orderIds=[]` });

    expectDescribed(BATCH, 400, answer);
  });
});

describe('real answers to a kill match the description', () => {
  const doors: readonly (readonly [Door, HttpRequestParts])[] = [
    [ALL_OF_SYMBOL, { query: `symbol=${SYMBOL}` }],
    [ALL_OF_UNDERLYING, { query: 'underlying=BTCUSDT' }],
    [KILLS, json({ kill: { symbol: SYMBOL }, only: { side: 'BUY' }, reason: 'drill', killId: 'k-1' })],
  ];

  test.each(doors)('200: %j empties its scope', async (door, request) => {
    const call = await loadApi();
    stage.exchange.place();

    const answer = await call(door, request);

    expectDescribed(door, 200, answer);
    expect(answer.headers['x-cancel-outcome']).toBe('emptied');
  });

  test.each([
    [400, 'a wrong field', () => undefined, '&symbl=1', 5000],
    [409, 'too little time to prove it', () => undefined, '', 2400],
    [410, 'an expired request', () => undefined, '&expiresAt=1', 5000],
    [502, 'a rejected key', rejectKey, '', 5000],
    [504, 'no answer', () => script(faults.unknown503(), { times: 99 }), '', 2600],
    [429, 'a throttle', () => script(faults.tooMany(1)), '', 5000],
  ])('%i: %s', async (status, _, arrange, more, timeoutMs) => {
    const call = await loadApi();
    stage.exchange.place();
    arrange();

    const answer = await call(ALL_OF_SYMBOL, { query: `symbol=${SYMBOL}${more}` }, timeoutMs);

    expectDescribed(ALL_OF_SYMBOL, status, answer);
    expectDescribed(KILLS, status, answer);
  });

  test('503: no list, and no mass call', async () => {
    const call = await loadApi();
    script(faults.unavailable503(), { times: 99 });

    const answer = await call(KILLS, json({ kill: { symbol: SYMBOL }, only: { side: 'BUY' } }), 2600);

    expectDescribed(KILLS, 503, answer);
    expectDescribed(ALL_OF_SYMBOL, 503, answer);
  });

  test('200: a dry run', async () => {
    const call = await loadApi();
    stage.exchange.place();

    const answer = await call(KILLS, json({ kill: { symbol: SYMBOL }, dryRun: true }));

    expectDescribed(KILLS, 200, answer);
    expect(JSON.parse(answer.body)).toMatchObject({ outcome: 'dry-run' });
  });

  test('501: without a kill queue', async () => {
    const { KILL_QUEUE_URL: _, ...env } = stage.env;
    const call = await loadApi({}, env);

    const answer = await call(KILLS, json({ kill: { symbol: SYMBOL } }));

    expectDescribed(KILLS, 501, answer);
  });
});

test.each([ORDER, BATCH, ALL_OF_SYMBOL, ALL_OF_UNDERLYING, KILLS])('405: GET %s %s', async (...door) => {
  const call = await loadApi();

  const answer = await call(['GET', door[1]], {});

  expectDescribed(door, 405, answer);
});

test('the example of every problem fits its schema and has its status', () => {
  for (const { status, example, valid } of description.problems()) {
    expect(valid).toBe('valid');
    expect(example).toMatchObject({ status });
  }
  expect(description.problems().length).toBeGreaterThan(30);
});

/** Expects the described status, headers and body, and of a problem the kind that the example shows. */
function expectDescribed(door: Door, status: number, { statusCode, headers, body }: ApiAnswer): void {
  expect(statusCode).toBe(status);
  expect(description.check(door, status, body)).toBe('valid');
  const named = Object.keys(headers).filter((name) => name !== 'content-type');
  expect(description.headers(door, status)).toEqual(expect.arrayContaining(named));
  if (status >= 400) expect(kindOf(JSON.parse(body))).toEqual(kindOf(description.example(door, status)));
}

const kindOf = (problem: unknown) =>
  ['type', 'title', 'status', 'outcome'].map((field) => at(problem, field));

function json(body: object): HttpRequestParts {
  return { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
}

/** Loads a fresh API handler. Its requests are made now, so that a kill is fresh. */
async function loadApi(more: Stage['env'] = {}, env: Stage['env'] = stage.env): Promise<Call> {
  const url = new URL('../../handlers/api.ts', import.meta.url);
  const handler = await loadHandler<APIGatewayProxyEventV2, ApiAnswer>(url, { ...env, ...more });
  return (door, request, timeoutMs = 10_000) =>
    handler(eventOf(door, request), lambdaContext({ functionName: 'api', timeoutMs }));
}

function eventOf([method, path]: Door, request: HttpRequestParts): APIGatewayProxyEventV2 {
  const event = httpEvent(request);
  const http = { ...event.requestContext.http, method, path };
  const requestContext = { ...event.requestContext, http, timeEpoch: Date.now() };
  return { ...event, routeKey: `${method} ${path}`, rawPath: path, requestContext };
}

interface Description {
  /** Returns `valid` or the schema errors of a body with this status. */
  check(door: Door, status: number, body: string): string;
  example(door: Door, status: number): unknown;
  /** Returns the names of the headers. */
  headers(door: Door, status: number): readonly string[];
  /** Returns every problem with an example. */
  problems(): readonly { readonly status: number; readonly example: unknown; readonly valid: string }[];
}

async function readDescription(): Promise<Description> {
  const { parsed } = (await bundle({ ref, config: await createConfig({}), dereference: true })).bundle;
  const ajv = new Ajv2020({ strict: false });
  const responseOf = ([method, path]: Door, status: number) =>
    at(parsed, 'paths', path, method.toLowerCase(), 'responses', String(status));
  const contentOf = (door: Door, status: number) =>
    at(responseOf(door, status), 'content', status < 400 ? 'application/json' : 'application/problem+json');
  const check = (door: Door, status: number, value: unknown) => {
    const schema = at(contentOf(door, status), 'schema');
    if (!isJsonObject(schema)) return 'not described';
    return ajv.validate(schema, value) ? 'valid' : ajv.errorsText();
  };
  const example = (door: Door, status: number) => at(contentOf(door, status), 'example');
  return {
    check: (door, status, body) => check(door, status, JSON.parse(body)),
    example,
    headers: (door, status) => Object.keys(Object(at(responseOf(door, status), 'headers'))),
    problems: () =>
      [ORDER, BATCH, ALL_OF_SYMBOL, ALL_OF_UNDERLYING, KILLS].flatMap((door) =>
        [400, 404, 405, 409, 410, 429, 501, 502, 503, 504].flatMap((status) => {
          const shown = example(door, status);
          return shown === undefined ? [] : [{ status, example: shown, valid: check(door, status, shown) }];
        }),
      ),
  };
}

/** Returns the value at a path of keys in nested objects. */
const at = (value: unknown, ...keys: readonly string[]): unknown =>
  keys.reduce<unknown>((inner, key) => (isJsonObject(inner) ? inner[key] : undefined), value);
