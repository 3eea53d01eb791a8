import { beforeAll, describe, expect, test } from '@jest/globals';
import * as v from 'valibot';
import { loadConfig, loadExchangeConfig, loadQueueConfig } from '../../lib/config.ts';
import {
  type CompiledStack,
  compileStack,
  FUNCTIONS,
  type FunctionName,
  functionId,
  logGroupId,
  PACKAGING_MS,
} from './compiled-stack.ts';

const environment = v.object({
  Environment: v.object({
    Variables: v.record(
      v.string(),
      v.union([v.string(), v.object({ Ref: v.string() }), v.object({ 'Fn::If': v.unknown() })]),
    ),
  }),
});

/** Values that CloudFormation substitutes for references. */
const REFERENCES = new Map([
  [
    'ExchangeKey',
    'arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:binance-options-cancel/dev-AbCdEf',
  ],
  ['CancelQueue', 'https://sqs.ap-northeast-1.amazonaws.com/123456789012/cancels'],
  ['KillQueue', 'https://sqs.ap-northeast-1.amazonaws.com/123456789012/kills'],
  ['DeadLetterQueue', 'https://sqs.ap-northeast-1.amazonaws.com/123456789012/dead-letters'],
]);

const COMMON = [
  'BINANCE_ACCOUNT_SECRETS',
  'BINANCE_BASE_URL',
  'BINANCE_MAX_ATTEMPTS',
  'BINANCE_RECV_WINDOW_MS',
  'BINANCE_SECRET_ID',
  'BINANCE_TIMEOUT_MS',
  'BINANCE_UNDERLYINGS',
  'BINANCE_WEIGHT_LIMIT',
  'DEAD_LETTER_QUEUE_URL',
  'POWERTOOLS_METRICS_NAMESPACE',
  'POWERTOOLS_SERVICE_NAME',
  'SECRET_TTL_SECONDS',
];

const OF_QUEUES = [
  'CANCEL_QUEUE_URL',
  'EVENT_BUS_NAME',
  'KILL_MAX_RECEIVE_COUNT',
  'KILL_QUEUE_URL',
  'MAX_RECEIVE_COUNT',
  'QUEUE_BUDGET_MS',
];

let stack: CompiledStack;
beforeAll(async () => {
  stack = await compileStack();
}, PACKAGING_MS);

function environmentOf(name: FunctionName): Record<string, string | undefined> {
  const { Variables } = v.parse(environment, stack.resource(functionId(name)).Properties).Environment;
  return Object.fromEntries(
    Object.entries(Variables).map(([variable, value]) => [variable, referred(value)]),
  );
}

/** The value of a variable after the deployment; undefined for one that a condition adds. */
function referred(value: string | { Ref: string } | { 'Fn::If': unknown }): string | undefined {
  if (typeof value === 'string') return value;
  return 'Ref' in value ? REFERENCES.get(value.Ref) : undefined;
}

describe('a function', () => {
  test.each(FUNCTIONS)('%s: runs on Node 24 and arm64 with a timeout of 20 seconds', (name) => {
    expect(stack.resource(functionId(name)).Properties).toMatchObject({
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Timeout: 20,
      Handler: `dist/handlers/${name}.handler`,
    });
  });

  test.each(FUNCTIONS)('%s: ships its bundle and the shared chunks, without source maps', (name) => {
    expect(stack.packaged[name]).toEqual(
      ['dist/handlers/chunks/shared.mjs', `dist/handlers/${name}.mjs`].sort(),
    );
  });

  test.each(FUNCTIONS)('%s: logs JSON to its own log group with limited retention', (name) => {
    expect(stack.resource(functionId(name)).Properties.LoggingConfig).toMatchObject({ LogFormat: 'JSON' });
    expect(stack.resource(logGroupId(name)).Properties).toMatchObject({
      LogGroupName: `/aws/lambda/binance-options-cancel-dev-${name}`,
      RetentionInDays: 30,
    });
  });

  test.each([
    ['api', ['CANCEL_QUEUE_URL', 'KILL_QUEUE_URL']],
    ['schedule', ['KILL_QUEUE_URL']],
  ] as const)('%s: has the variables that its code reads', (name, queues) => {
    expect(Object.keys(environmentOf(name)).sort()).toEqual([...COMMON, 'EVENT_BUS_NAME', ...queues].sort());
    expect(() => loadConfig(environmentOf(name))).not.toThrow();
  });

  test('preflight: has the variables that its code reads', () => {
    expect(Object.keys(environmentOf('preflight')).sort()).toEqual(COMMON);
    expect(() => loadExchangeConfig(environmentOf('preflight'))).not.toThrow();
  });

  test('queue: has the variables that its code reads', () => {
    expect(Object.keys(environmentOf('queue')).sort()).toEqual([...COMMON, ...OF_QUEUES].sort());
    expect(() => loadQueueConfig(environmentOf('queue'))).not.toThrow();
  });
});

describe('the exchange', () => {
  test.each(['BINANCE_WEIGHT_LIMIT', 'BINANCE_UNDERLYINGS'] as const)(
    '%s: is the code’s own default',
    (name) => {
      const { [name]: _, ...others } = environmentOf('api');
      expect(loadConfig(environmentOf('api'))[name]).toEqual(loadConfig(others)[name]);
    },
  );

  test('rings at 80 % of its weight limit', () => {
    const { BINANCE_WEIGHT_LIMIT } = environmentOf('api');
    expect(stack.resource('UsedWeightAlarm').Properties.Threshold).toBe(0.8 * Number(BINANCE_WEIGHT_LIMIT));
  });
});

describe('the API', () => {
  test('has a route for each door, with and without an account, and each requires a signature', () => {
    const routes = stack.ofType('AWS::ApiGatewayV2::Route').map(([, { Properties }]) => Properties);
    const doors = [
      'DELETE /eapi/v1/allOpenOrders',
      'DELETE /eapi/v1/allOpenOrdersByUnderlying',
      'DELETE /eapi/v1/batchOrders',
      'DELETE /eapi/v1/order',
      'GET /eapi/v1/openOrders',
      'GET /eapi/v1/order',
      'POST /kills',
    ];
    const ofAccounts = doors.map((door) => door.replace(' ', ' /accounts/{account}'));
    expect(routes.map(({ RouteKey }) => RouteKey).sort()).toEqual([...doors, ...ofAccounts].sort());
    for (const { AuthorizationType } of routes) expect(AuthorizationType).toBe('AWS_IAM');
  });

  test('is throttled below the rate of the weight limit', () => {
    const { BINANCE_WEIGHT_LIMIT } = environmentOf('api');
    const { ThrottlingRateLimit, ThrottlingBurstLimit } = v.parse(
      v.object({ ThrottlingRateLimit: v.number(), ThrottlingBurstLimit: v.number() }),
      stack.resource('HttpApiStage').Properties.DefaultRouteSettings,
    );
    expect({ ThrottlingRateLimit, ThrottlingBurstLimit }).toEqual({
      ThrottlingRateLimit: 6,
      ThrottlingBurstLimit: 20,
    });
    expect(60 * ThrottlingRateLimit).toBeLessThanOrEqual(Number(BINANCE_WEIGHT_LIMIT));
  });

  test('logs caller and address as JSON', () => {
    const settings = v.parse(
      v.object({ Format: v.string() }),
      stack.resource('HttpApiStage').Properties.AccessLogSettings,
    );
    expect(JSON.parse(settings.Format)).toMatchObject({
      requestId: '$context.requestId',
      caller: '$context.identity.userArn',
      ip: '$context.identity.sourceIp',
      status: '$context.status',
    });
    expect(stack.resource('HttpApiLogGroup').Properties.RetentionInDays).toBe(30);
  });
});
