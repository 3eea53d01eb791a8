import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { bundle, createConfig, lint } from '@redocly/openapi-core';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { isJsonObject } from '../../lib/json.ts';
import { type CallMatch, type Fault, faults } from '../../local/exchange.ts';
import { type ApiCall, type Stage, startStage } from '../helpers/stage.ts';

const ref = 'docs/openapi.yaml';
const PROBLEM = 'application/problem+json';

test('the description and its examples pass a strict linter', async () => {
  const config = await createConfig({ extends: ['recommended-strict'] });

  const problems = await lint({ ref, config });

  expect(problems.map(({ ruleId, message }) => `${ruleId}: ${message}`)).toEqual([]);
});

describe('real answers match the description', () => {
  let stage: Stage;
  let call: ApiCall;
  let description: Description;
  beforeAll(async () => {
    stage = await startStage();
    call = await stage.loadApi({ BINANCE_MAX_ATTEMPTS: '1' });
    description = await readDescription();
  });
  afterAll(() => stage.stop());

  const fill = (orderId: string) => stage.exchange.fill(orderId);
  const script = (fault: Fault, on?: CallMatch) => stage.exchange.script(fault, on);

  test.each([
    [200, 'a canceled order', () => undefined, ''],
    [400, 'a wrong field', () => undefined, '&orderID=1'],
    [409, 'a filled order', fill, ''],
    [410, 'an expired request', () => undefined, '&expiresAt=1'],
    [502, 'a rejected key', () => script(faults.code(401, -2015, 'Invalid API-key.')), ''],
    [503, 'an unavailable exchange', () => script(faults.unavailable503()), ''],
    [504, 'an unknown outcome', () => script(faults.unknown503(), { times: 99 }), ''],
    [429, 'a throttle', () => script(faults.tooMany(1)), ''],
  ])('%i: %s', async (status, _, arrange, more) => {
    stage.exchange.clearScripts();
    const order = stage.exchange.place();
    arrange(order.orderId);

    const answer = await call({ query: `symbol=${order.symbol}&orderId=${order.orderId}${more}` }, 2600);

    expect(answer.statusCode).toBe(status);
    expect(description.check(status, answer.body)).toBe('valid');
    if (status !== 200) expect(kindOf(JSON.parse(answer.body))).toEqual(kindOf(description.example(status)));
  });

  test('404: an order that does not exist', async () => {
    stage.exchange.clearScripts();
    const fresh = await stage.loadApi();

    const answer = await fresh({ query: 'symbol=BTC-200730-9000-C&orderId=42' });

    expect(answer.statusCode).toBe(404);
    expect(description.check(404, answer.body)).toBe('valid');
    expect(JSON.parse(answer.body)).toEqual({
      ...Object(description.example(404)),
      instance: expect.any(String),
    });
  });
});

const kindOf = (problem: unknown) =>
  ['type', 'title', 'status', 'outcome'].map((field) => at(problem, field));

interface Description {
  /** Returns `valid` or the schema errors of a body with this status. */
  check(status: number, body: string): string;
  example(status: number): unknown;
}

async function readDescription(): Promise<Description> {
  const { parsed } = (await bundle({ ref, config: await createConfig({}), dereference: true })).bundle;
  const ajv = new Ajv2020({ strict: false });
  const contentOf = (status: number, type: string) =>
    at(parsed, 'paths', '/eapi/v1/order', 'delete', 'responses', String(status), 'content', type);
  return {
    check: (status, body) => {
      const schema = at(contentOf(status, status === 200 ? 'application/json' : PROBLEM), 'schema');
      if (!isJsonObject(schema)) return 'not described';
      return ajv.validate(schema, JSON.parse(body)) ? 'valid' : ajv.errorsText();
    },
    example: (status) => at(contentOf(status, PROBLEM), 'example'),
  };
}

/** Returns the value at a path of keys in nested objects. */
const at = (value: unknown, ...keys: readonly string[]): unknown =>
  keys.reduce<unknown>((inner, key) => (isJsonObject(inner) ? inner[key] : undefined), value);
