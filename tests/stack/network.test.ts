import { beforeAll, describe, expect, test } from '@jest/globals';
import * as v from 'valibot';
import { type CompiledStack, compileStack, FUNCTIONS, functionId, PACKAGING_MS } from './compiled-stack.ts';

const defaults = { Network: 'none', AllocationIdA: '', AllocationIdB: '' };
type Parameters = Readonly<Record<string, string>>;

let stack: CompiledStack;
beforeAll(async () => {
  stack = await compileStack();
}, PACKAGING_MS);

const reference = v.object({ Ref: v.string() });
const pair = v.tuple([reference, v.string()]);
const condition = v.union([
  v.object({ 'Fn::Equals': pair }),
  v.object({ 'Fn::Not': v.tuple([v.object({ 'Fn::Equals': pair })]) }),
  v.object({ 'Fn::And': v.tuple([v.object({ Condition: v.string() }), v.object({ 'Fn::Equals': pair })]) }),
]);

/** Evaluates a condition of the template, as CloudFormation does. */
function holds(name: string, parameters: Parameters): boolean {
  const equal = ([{ Ref }, text]: v.InferOutput<typeof pair>) => parameters[Ref] === text;
  const found = v.parse(condition, stack.conditions[name]);
  if ('Fn::Equals' in found) return equal(found['Fn::Equals']);
  if ('Fn::Not' in found) return !equal(found['Fn::Not'][0]['Fn::Equals']);
  const [other, own] = found['Fn::And'];
  return holds(other.Condition, parameters) && equal(own['Fn::Equals']);
}

/** Returns the ids of the resources of a type that exist with these parameters. */
const existing = (type: string, given: Parameters) =>
  stack
    .ofType(type)
    .filter(([, { Condition }]) => Condition === undefined || holds(Condition, { ...defaults, ...given }))
    .map(([logicalId]) => logicalId);

const NETWORK = /^AWS::EC2::/;
const existingNetwork = (given: Parameters) =>
  Object.values(stack.resources)
    .map(({ Type }) => Type)
    .filter((type) => NETWORK.test(type))
    .flatMap((type) => existing(type, given));

describe('network none', () => {
  test('has no part of a VPC', () => {
    expect(existingNetwork({})).toEqual([]);
  });
});

describe('network single', () => {
  const single = { Network: 'single' };

  test('has one NAT gateway, with an elastic IP that outlives the stack', () => {
    expect(existing('AWS::EC2::NatGateway', single)).toEqual(['NatGateway']);
    expect(existing('AWS::EC2::EIP', single)).toEqual(['NatAddress']);
    expect(stack.resource('NatAddress')).toMatchObject({
      DeletionPolicy: 'RetainExceptOnCreate',
      UpdateReplacePolicy: 'Retain',
    });
  });

  test('allocates no address where one is given', () => {
    expect(existing('AWS::EC2::EIP', { ...single, AllocationIdA: 'eipalloc-1' })).toEqual([]);
  });
});

describe('network ha', () => {
  const ha = { Network: 'ha' };

  test('has a NAT gateway and an address in each of two zones', () => {
    expect(existing('AWS::EC2::NatGateway', ha)).toEqual(['NatGateway', 'NatGatewayB']);
    expect(existing('AWS::EC2::EIP', ha)).toEqual(['NatAddress', 'NatAddressB']);
    expect(existing('AWS::EC2::EIP', { ...ha, AllocationIdB: 'eipalloc-2' })).toEqual(['NatAddress']);
    expect(stack.resource('PublicSubnet').Properties.AvailabilityZone).toEqual(zone(0));
    expect(stack.resource('PublicSubnetB').Properties.AvailabilityZone).toEqual(zone(1));
  });

  test('routes each zone through its own gateway', () => {
    const gatewayOf = (route: string) => stack.resource(route).Properties;
    expect(gatewayOf('PrivateDefaultRoute')).toMatchObject({ NatGatewayId: { Ref: 'NatGateway' } });
    expect(gatewayOf('PrivateDefaultRouteB')).toMatchObject({ NatGatewayId: { Ref: 'NatGatewayB' } });
    expect(stack.resource('PrivateSubnetARoutes').Properties.RouteTableId).toEqual({ Ref: 'PrivateRoutes' });
    expect(stack.resource('PrivateSubnetBRoutes').Properties.RouteTableId).toEqual({
      'Fn::If': ['HasTwoZones', { Ref: 'PrivateRoutesB' }, { Ref: 'PrivateRoutes' }],
    });
  });
});

describe('every network', () => {
  test.each(FUNCTIONS)('%s: calls from both zones once their way out works, or from no VPC', (name) => {
    expect(stack.resource(functionId(name)).Properties.VpcConfig).toEqual({
      'Fn::If': [
        'HasNetwork',
        {
          SecurityGroupIds: [{ Ref: 'FunctionSecurityGroup' }],
          SubnetIds: [
            { 'Fn::Select': [0, [{ Ref: 'PrivateSubnetA' }, { Ref: 'PrivateSubnetARoutes' }]] },
            { 'Fn::Select': [0, [{ Ref: 'PrivateSubnetB' }, { Ref: 'PrivateSubnetBRoutes' }]] },
          ],
        },
        { Ref: 'AWS::NoValue' },
      ],
    });
  });

  test('says its addresses, also that it has none', () => {
    expect(stack.outputs.EgressAddresses).not.toHaveProperty('Condition');
    expect(JSON.stringify(stack.outputs.EgressAddresses)).toContain('none, the functions call from changing');
  });

  test('allows only outbound HTTPS', () => {
    const { SecurityGroupIngress, SecurityGroupEgress } = stack.resource('FunctionSecurityGroup').Properties;
    expect(SecurityGroupIngress).toBeUndefined();
    expect(SecurityGroupEgress).toEqual([
      expect.objectContaining({ IpProtocol: 'tcp', FromPort: 443, ToPort: 443 }),
    ]);
  });
});

const zone = (index: number) => ({ 'Fn::Select': [index, { 'Fn::GetAZs': '' }] });
