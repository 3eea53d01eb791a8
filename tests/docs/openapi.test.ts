import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { bundle, createConfig, lint } from '@redocly/openapi-core';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { isJsonObject } from '../../lib/json.ts';
import { type CallMatch, type Fault, faults } from '../../local/exchange.ts';
import { type HttpRequestParts, httpEvent } from '../../local/http-event.ts';
import { deskKey } from '../../local/keys.ts';
import { type ApiAnswer, loadFunction, type Stage, startStage } from '../helpers/stage.ts';

const ref = 'docs/openapi.yaml';
const SYMBOL = 'BTC-200730-9000-C';
/** So much that no test is held up by those before it. */
const WEIGHT_LIMIT = 1_000_000;

/** A method and a path. */
type Door = readonly [method: 'DELETE' | 'POST' | 'GET' | 'PUT', path: string];

const JSON_TYPE = 'application/json';
const PROBLEM = 'application/problem+json';

const ORDER: Door = ['DELETE', '/eapi/v1/order'];
const BATCH: Door = ['DELETE', '/eapi/v1/batchOrders'];
const ALL_OF_SYMBOL: Door = ['DELETE', '/eapi/v1/allOpenOrders'];
const ALL_OF_UNDERLYING: Door = ['DELETE', '/eapi/v1/allOpenOrdersByUnderlying'];
const KILLS: Door = ['POST', '/kills'];
const LOOK: Door = ['GET', '/eapi/v1/order'];
const LIST: Door = ['GET', '/eapi/v1/openOrders'];
const DOORS = [ORDER, BATCH, ALL_OF_SYMBOL, ALL_OF_UNDERLYING, KILLS, LOOK, LIST];

type Call = (door: Door, request: HttpRequestParts, timeoutMs?: number) => Promise<ApiAnswer>;

let stage: Stage;
let description: Description;
beforeAll(async () => {
  stage = await startStage({ weightLimit: WEIGHT_LIMIT });
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
const noSuchOrder = () => script(faults.code(400, -2013, 'Order does not exist.'));
const rejectKey = () => script(faults.code(401, -2015, 'Invalid API-key.'), { times: 99 });

test('the description and its examples pass a strict linter', async () => {
  const rules = { 'no-server-example.com': 'off' } as const; // `npm start` serves on localhost
  const config = await createConfig({ extends: ['recommended-strict'], rules });

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
    const [example] = description.examples(ORDER, 404, PROBLEM);
    expect(JSON.parse(answer.body)).toEqual({ ...Object(example), instance: expect.any(String) });
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

describe('real answers to a caller that does not wait match the description', () => {
  const prefer = { prefer: 'respond-async' };
  const kill = json({ kill: { symbol: SYMBOL } });
  const doors: readonly (readonly [Door, HttpRequestParts])[] = [
    [ORDER, { query: `symbol=${SYMBOL}&orderId=42`, headers: prefer }],
    [ALL_OF_SYMBOL, { query: `symbol=${SYMBOL}`, headers: prefer }],
    [ALL_OF_UNDERLYING, { query: 'underlying=BTCUSDT', headers: prefer }],
    [KILLS, { ...kill, headers: { ...kill.headers, ...prefer } }],
  ];

  test.each(doors)('202: %j is on its queue', async (door, request) => {
    const call = await loadApi();

    const answer = await call(door, request);

    expectDescribed(door, 202, answer);
    expect(answer.headers['preference-applied']).toBe('respond-async');
  });

  test.each(doors)('503: %j whose queue does not confirm it', async (door, request) => {
    const missing = `${stage.env.KILL_QUEUE_URL}-missing`;
    const call = await loadApi({ CANCEL_QUEUE_URL: missing, KILL_QUEUE_URL: `${missing}-too` });

    const answer = await call(door, request);

    expectDescribed(door, 503, answer);
  });

  test('501: a cancel without a cancel queue', async () => {
    const { CANCEL_QUEUE_URL: _, ...env } = stage.env;
    const call = await loadApi({}, env);

    const answer = await call(ORDER, { query: `symbol=${SYMBOL}&orderId=42`, headers: prefer });

    expectDescribed(ORDER, 501, answer);
  });
});

describe('real answers to a read match the description', () => {
  type Read = readonly [
    status: number,
    type: string,
    what: string,
    arrange: () => unknown,
    Stage['env'],
    more: string,
  ];
  const reads: readonly Read[] = [
    [200, JSON_TYPE, 'the order', () => undefined, {}, ''],
    [400, JSON_TYPE, 'an order that the exchange does not know', noSuchOrder, {}, ''],
    [400, PROBLEM, 'a wrong parameter', () => undefined, {}, '&limit=1'],
    [429, JSON_TYPE, 'a throttle', () => script(faults.tooMany(1)), {}, ''],
    [502, PROBLEM, 'a secret that is missing', () => undefined, { BINANCE_SECRET_ID: 'no/such/secret' }, ''],
    [503, PROBLEM, 'no answer', () => script(faults.reset()), {}, ''],
  ];

  test.each(reads)('%i, %s: %s', async (status, type, _, arrange, env, more) => {
    const call = await loadApi(env);
    const { orderId } = stage.exchange.place();
    arrange();

    const answer = await call(LOOK, { query: `symbol=${SYMBOL}&orderId=${orderId}${more}` });

    expectDescribed(LOOK, status, answer);
    expect(typeOf(answer)).toBe(type);
  });

  test('429: a list while the exchange is not to be called', async () => {
    const call = await loadApi();
    script(faults.tooMany(1));
    await call(LIST, {});

    const answer = await call(LIST, {});

    expectDescribed(LIST, 429, answer);
    expect(typeOf(answer)).toBe(PROBLEM);
  });
});

describe('a named account', () => {
  test.each([
    [KILLS, json({ kill: { symbol: SYMBOL } })],
    [LIST, { query: `symbol=${SYMBOL}` }],
  ] as const)('%j is answered under its path as described', async (door, request) => {
    const call = await loadApi();
    const [method, path] = door;

    const answer = await call([method, `/accounts/${deskKey.account}${path}`], request);

    expectDescribed(door, 200, answer);
  });

  test('is not a field of any request body', () => {
    expect(description.fieldsOfBodies()).not.toContain('account');
    expect(description.fieldsOfBodies()).toContain('kill');
  });
});

test.each([
  [ORDER, 'symbol', 'orderId=42'],
  [BATCH, 'symbol', 'orderIds=[42]'],
  [ALL_OF_SYMBOL, 'symbol', ''],
  [ALL_OF_UNDERLYING, 'underlying', ''],
  [LOOK, 'symbol', 'orderId=42'],
] as const)('400: %j without its %s, which the description requires', async (door, name, query) => {
  const call = await loadApi();

  const answer = await call(door, { query });

  expectDescribed(door, 400, answer);
  expect(JSON.parse(answer.body).detail).toContain(`${name} is missing`);
  expect(description.required(door)).toEqual([name]);
});

test.each(DOORS)('405: PUT %s %s', async (...door) => {
  const call = await loadApi();

  const answer = await call(['PUT', door[1]], {});

  expectDescribed(door, 405, answer);
});

test('the description has the paths and methods of the handler, deployed and local, for both kinds of account', async () => {
  const call = await loadApi();
  const answer = await call(['GET', '/none'], {});

  const { detail } = JSON.parse(answer.body);
  const paths = /the paths are (.*)$/.exec(detail)?.[1]?.split(', ');
  expect(description.doors().map(String).sort()).toEqual(DOORS.map(String).sort());
  expect([...new Set(DOORS.map(([, path]) => path))].sort()).toEqual(paths?.sort());
  expect(
    description.servers().map((url) => url.replace('https://{apiId}.execute-api.{region}.', '')),
  ).toEqual([
    'amazonaws.com',
    'amazonaws.com/accounts/{account}',
    'http://localhost:3000',
    'http://localhost:3000/accounts/{account}',
  ]);
});

test('no number of the description loses digits in JSON', () => {
  const large = description.numbers().filter((number) => number > 1e15);

  expect(large.filter((number) => !Number.isSafeInteger(number))).toEqual([]);
  expect(large).toContain(4611875134427365);
});

test('the example of every problem fits its schema and has its status', () => {
  for (const { status, example, valid } of description.problems()) {
    expect(valid).toBe('valid');
    expect(example).toMatchObject({ status });
  }
  expect(description.problems().length).toBeGreaterThan(30);
});

/** Expects the described status, headers and body, and of a problem a kind that an example shows. */
function expectDescribed(door: Door, status: number, answer: ApiAnswer): void {
  const { statusCode, headers, body } = answer;
  const type = typeOf(answer);
  expect(statusCode).toBe(status);
  expect(description.check(door, status, type, body)).toBe('valid');
  const named = Object.keys(headers).filter((name) => name !== 'content-type');
  expect(description.headers(door, status)).toEqual(expect.arrayContaining(named));
  if (type === PROBLEM)
    expect(description.examples(door, status, type).map(kindOf)).toContainEqual(kindOf(JSON.parse(body)));
}

/** Returns the media type of an answer, without its parameters. */
const typeOf = ({ headers }: ApiAnswer) => headers['content-type']?.split(';')[0] ?? '';

const kindOf = (problem: unknown) =>
  ['type', 'title', 'status', 'outcome'].map((field) => at(problem, field));

function json(body: object): HttpRequestParts {
  return { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
}

/** Loads a fresh API handler. Its requests are made now, so that a kill is fresh. */
async function loadApi(more: Stage['env'] = {}, env: Stage['env'] = stage.env): Promise<Call> {
  const limit = { BINANCE_WEIGHT_LIMIT: String(WEIGHT_LIMIT) };
  const invoke = await loadFunction<ApiAnswer>('api', { ...env, ...limit, ...more });
  return (door, request, timeoutMs) => invoke(eventOf(door, request), timeoutMs);
}

function eventOf([method, path]: Door, request: HttpRequestParts): APIGatewayProxyEventV2 {
  const event = httpEvent(request);
  const http = { ...event.requestContext.http, method, path };
  const requestContext = { ...event.requestContext, http, timeEpoch: Date.now() };
  return { ...event, routeKey: `${method} ${path}`, rawPath: path, requestContext };
}

interface Description {
  /** Returns `valid` or the schema errors of a body with this status and media type. */
  check(door: Door, status: number, type: string, body: string): string;
  examples(door: Door, status: number, type: string): readonly unknown[];
  /** Returns the names of the headers. */
  headers(door: Door, status: number): readonly string[];
  /** Returns every problem with an example. */
  problems(): readonly { readonly status: number; readonly example: unknown; readonly valid: string }[];
  doors(): readonly (readonly [method: string, path: string])[];
  servers(): readonly string[];
  numbers(): readonly number[];
  /** Returns the names of the parameters that are required. */
  required(door: Door): readonly string[];
  /** Returns the names of the fields at the top of every request body. */
  fieldsOfBodies(): readonly string[];
}

async function readDescription(): Promise<Description> {
  const { parsed } = (await bundle({ ref, config: await createConfig({}), dereference: true })).bundle;
  const ajv = new Ajv2020({ strict: false });
  const operationOf = ([method, path]: readonly [method: string, path: string]) =>
    at(parsed, 'paths', path, method.toLowerCase());
  const responseOf = (door: Door, status: number) => at(operationOf(door), 'responses', String(status));
  const contentOf = (door: Door, status: number, type: string) =>
    at(responseOf(door, status), 'content', type);
  const check = (door: Door, status: number, type: string, value: unknown) => {
    const schema = at(contentOf(door, status, type), 'schema');
    if (!isJsonObject(schema)) return 'not described';
    return ajv.validate(schema, value) ? 'valid' : ajv.errorsText();
  };
  const examples = (door: Door, status: number, type: string) => {
    const content = contentOf(door, status, type);
    const named = Object.values(Object(at(content, 'examples'))).map((example) => at(example, 'value'));
    return [at(content, 'example'), ...named].filter((example) => example !== undefined);
  };
  const doors = () =>
    Object.entries(Object(at(parsed, 'paths'))).flatMap(([path, methods]) =>
      Object.keys(Object(methods)).map((method) => [method.toUpperCase(), path] as const),
    );
  return {
    check: (door, status, type, body) => check(door, status, type, JSON.parse(body)),
    examples,
    headers: (door, status) => Object.keys(Object(at(responseOf(door, status), 'headers'))),
    problems: () =>
      DOORS.flatMap((door) =>
        [400, 404, 405, 409, 410, 429, 501, 502, 503, 504].flatMap((status) =>
          examples(door, status, PROBLEM).map((example) => ({
            status,
            example,
            valid: check(door, status, PROBLEM, example),
          })),
        ),
      ),
    doors,
    servers: () => Object.values(Object(at(parsed, 'servers'))).map((server) => String(at(server, 'url'))),
    numbers: () => numbersIn(parsed),
    required: (door) =>
      Object.values(Object(at(operationOf(door), 'parameters')))
        .filter((parameter) => at(parameter, 'required') === true)
        .map((parameter) => String(at(parameter, 'name'))),
    fieldsOfBodies: () =>
      doors().flatMap((door) =>
        Object.values(Object(at(operationOf(door), 'requestBody', 'content'))).flatMap((content) =>
          Object.keys(Object(at(content, 'schema', 'properties'))),
        ),
      ),
  };
}

function numbersIn(value: unknown): readonly number[] {
  if (typeof value === 'number') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(numbersIn) : [];
}

/** Returns the value at a path of keys in nested objects. */
const at = (value: unknown, ...keys: readonly string[]): unknown =>
  keys.reduce<unknown>((inner, key) => (isJsonObject(inner) ? inner[key] : undefined), value);
