import { beforeAll, describe, expect, test } from '@jest/globals';
import * as v from 'valibot';
import {
  type CompiledStack,
  compileStack,
  FUNCTIONS,
  functionId,
  logGroupId,
  PACKAGING_MS,
} from './compiled-stack.ts';

const PRODUCTION = `
production: true
pageEmail: desk@example.com
concurrency: { api: 10, queue: 6 }
cancelConcurrency: 3
`;

let dev: CompiledStack;
let prod: CompiledStack;
beforeAll(async () => {
  [dev, prod] = await Promise.all([
    compileStack(),
    compileStack({ name: 'desk', settings: PRODUCTION, region: 'eu-central-1' }),
  ]);
}, PACKAGING_MS);

const exchangeOf = (stack: CompiledStack) =>
  FUNCTIONS.map((name) => stack.resource(functionId(name)).Properties.Environment);

describe('stage dev, the default', () => {
  test('cancels on the exchange’s testnet', () => {
    const url = 'https://demo-fapi.binance.com';
    for (const environment of exchangeOf(dev))
      expect(environment).toMatchObject({ Variables: { BINANCE_BASE_URL: url } });
  });

  test('is in Tokyo, reserves no concurrency, and can be removed', () => {
    expect(dev.provider).toMatchObject({ region: 'ap-northeast-1' });
    expect(dev.provider.deletionProtection).toBeNull();
    expect(dev.resource(functionId('queue')).Properties.ReservedConcurrentExecutions).toBeUndefined();
  });
});

describe('a production stage, whatever its name', () => {
  test('cancels on the exchange itself', () => {
    const url = 'https://eapi.binance.com';
    for (const environment of exchangeOf(prod))
      expect(environment).toMatchObject({ Variables: { BINANCE_BASE_URL: url } });
  });

  test('is protected from deletion and in the given region', () => {
    expect(prod.provider).toMatchObject({ deletionProtection: true, region: 'eu-central-1' });
  });

  test('reserves concurrency for its functions, and lets the queues use so much of it', () => {
    const reserved = FUNCTIONS.map(
      (name) => prod.resource(functionId(name)).Properties.ReservedConcurrentExecutions,
    );
    expect(reserved).toEqual([10, 6, undefined, undefined]);
    const mappings = prod.ofType('AWS::Lambda::EventSourceMapping').map(([, { Properties }]) => Properties);
    expect(mappings.map(({ ScalingConfig }) => ScalingConfig)).toEqual([
      { MaximumConcurrency: 3 },
      { MaximumConcurrency: 2 },
    ]);
  });

  test('keeps logs, queues and schedules when the stack is removed, but not after a failed creation', () => {
    const kept = [
      'CancelQueue',
      'KillQueue',
      'DeadLetterQueue',
      'FailedEventsQueue',
      'HttpApiLogGroup',
      'ScheduleGroup',
      ...FUNCTIONS.map(logGroupId),
    ];
    for (const logicalId of kept) {
      expect(prod.resource(logicalId)).toMatchObject({
        DeletionPolicy: 'RetainExceptOnCreate',
        UpdateReplacePolicy: 'Retain',
      });
      expect(dev.resource(logicalId)).toMatchObject({ DeletionPolicy: 'Delete' });
    }
    expect(prod.resource(logGroupId('api')).Properties.RetentionInDays).toBe(365);
  });
});

describe('every stage', () => {
  test('has one secret without a value, which outlives the stack', () => {
    for (const stack of [dev, prod]) {
      const secrets = stack.ofType('AWS::SecretsManager::Secret');
      expect(secrets).toHaveLength(1);
      for (const [, secret] of secrets) {
        expect(secret).toMatchObject({
          DeletionPolicy: 'RetainExceptOnCreate',
          UpdateReplacePolicy: 'Retain',
        });
        expect(Object.keys(secret.Properties).sort()).toEqual(['Description', 'Name']);
      }
    }
  });
});

describe('the secrets of named accounts', () => {
  test('have names of their own in each stage', () => {
    expect(dev.outputs.AccountSecretPrefix).toMatchObject({ Value: 'binance-options-cancel/dev/accounts/' });
    expect(prod.outputs.AccountSecretPrefix).toMatchObject({
      Value: 'binance-options-cancel/desk/accounts/',
    });
  });
});

describe('the deploy tool', () => {
  test('keeps the settings that are no parameters in an output, for the next deployment to compare', () => {
    const { Value } = v.parse(v.object({ Value: v.string() }), prod.outputs.Settings);
    expect(JSON.parse(Value)).toMatchObject({ production: true, weightLimit: 400, logDays: 365 });
    expect(Value).not.toContain('desk@example.com');
  });

  test('refuses a wrong setting in a sentence that names the file', async () => {
    const wrong = compileStack({ name: 'desk', settings: 'production: true' });
    const sentence = 'stages/desk.yml: pageEmail is empty: a production stage needs someone to page';
    await expect(wrong).rejects.toMatchObject({ stdout: expect.stringContaining(sentence) });
  });
});
