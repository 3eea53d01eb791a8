import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  type CompiledStack,
  compileStack,
  FUNCTIONS,
  functionId,
  logGroupId,
  PACKAGING_MS,
} from './compiled-stack.ts';

let dev: CompiledStack;
let prod: CompiledStack;
beforeAll(async () => {
  [dev, prod] = await Promise.all([
    compileStack(),
    compileStack('--stage', 'prod', '--param', 'vpc=on', '--region', 'eu-central-1'),
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

  test('is in Tokyo, has no VPC, and can be removed', () => {
    expect(dev.provider).toMatchObject({ region: 'ap-northeast-1' });
    expect(dev.provider.deletionProtection).toBeNull();
    expect(dev.ofType('AWS::EC2::VPC')).toEqual([]);
    expect(dev.resource(functionId('api')).Properties.VpcConfig).toBeUndefined();
  });
});

describe('stage prod', () => {
  test('cancels on the exchange itself', () => {
    const url = 'https://eapi.binance.com';
    for (const environment of exchangeOf(prod))
      expect(environment).toMatchObject({ Variables: { BINANCE_BASE_URL: url } });
  });

  test('is protected from deletion and in the given region', () => {
    expect(prod.provider).toMatchObject({ deletionProtection: true, region: 'eu-central-1' });
  });

  test('keeps logs and queues when the stack is removed', () => {
    const kept = [
      'CancelQueue',
      'KillQueue',
      'DeadLetterQueue',
      'FailedEventsQueue',
      'HttpApiLogGroup',
      ...FUNCTIONS.map(logGroupId),
    ];
    for (const logicalId of kept) {
      expect(prod.resource(logicalId)).toMatchObject({
        DeletionPolicy: 'Retain',
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
        expect(secret).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
        expect(Object.keys(secret.Properties).sort()).toEqual(['Description', 'Name']);
      }
    }
  });
});

describe('the secrets of named accounts', () => {
  test('have names of their own in each stage', () => {
    expect(dev.outputs.AccountSecretPrefix).toMatchObject({ Value: 'binance-options-cancel/dev/accounts/' });
    expect(prod.outputs.AccountSecretPrefix).toMatchObject({
      Value: 'binance-options-cancel/prod/accounts/',
    });
  });
});

describe('the VPC', () => {
  test('routes every function through one address, which outlives the stack', () => {
    for (const name of FUNCTIONS) {
      expect(prod.resource(functionId(name)).Properties.VpcConfig).toEqual({
        SecurityGroupIds: [{ Ref: 'FunctionSecurityGroup' }],
        SubnetIds: [{ Ref: 'PrivateSubnetA' }, { Ref: 'PrivateSubnetB' }],
      });
    }
    expect(prod.ofType('AWS::EC2::NatGateway')).toHaveLength(1);
    expect(prod.resource('NatAddress')).toMatchObject({
      DeletionPolicy: 'Retain',
      Condition: 'AllocatesAddress',
    });
    expect(prod.resource('PrivateDefaultRoute').Properties).toMatchObject({
      NatGatewayId: { Ref: 'NatGateway' },
    });
  });

  test('allows only outbound HTTPS', () => {
    const { SecurityGroupIngress, SecurityGroupEgress } = prod.resource('FunctionSecurityGroup').Properties;
    expect(SecurityGroupIngress).toBeUndefined();
    expect(SecurityGroupEgress).toEqual([
      expect.objectContaining({ IpProtocol: 'tcp', FromPort: 443, ToPort: 443 }),
    ]);
  });
});
