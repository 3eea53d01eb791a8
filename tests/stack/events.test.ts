import { beforeAll, describe, expect, test } from '@jest/globals';
import { type CompiledStack, compileStack, functionId, PACKAGING_MS, roleId } from './compiled-stack.ts';

const CANCELING = ['api', 'queue', 'schedule'] as const;

let stack: CompiledStack;
let withBus: CompiledStack;
beforeAll(async () => {
  [stack, withBus] = await Promise.all([
    compileStack(),
    compileStack({ name: 'dev', settings: 'production: false\neventBus: outcomes' }),
  ]);
}, PACKAGING_MS);

describe('the event bus', () => {
  test('is none by default, and the one that is named', () => {
    const busOf = (name: string) => ({ ParameterKey: 'EventBus', ParameterValue: name });
    expect(stack.provider.stackParameters).toContainEqual(busOf(''));
    expect(withBus.provider.stackParameters).toContainEqual(busOf('outcomes'));
  });

  test.each(CANCELING)('%s: is known to the function only where there is one', (name) => {
    expect(stack.resource(functionId(name)).Properties.Environment).toMatchObject({
      Variables: {
        EVENT_BUS_NAME: { 'Fn::If': ['PublishesEvents', { Ref: 'EventBus' }, { Ref: 'AWS::NoValue' }] },
      },
    });
  });

  test('may receive events of this service from the functions that cancel, where there is one', () => {
    const { Condition, Properties } = stack.resource('PublishEvents');
    expect(Condition).toBe('PublishesEvents');
    expect(Properties.Roles).toEqual(CANCELING.map((name) => ({ Ref: roleId(name) })));
    expect(Properties.PolicyDocument).toMatchObject({
      Statement: [
        {
          Effect: 'Allow',
          Action: 'events:PutEvents',
          Resource: { 'Fn::Sub': expect.stringMatching(/^arn:.+:event-bus\/\$\{EventBus\}$/) },
          Condition: { StringEquals: { 'events:source': 'binance-options-cancel' } },
        },
      ],
    });
  });
});
