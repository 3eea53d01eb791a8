import { beforeAll, describe, expect, test } from '@jest/globals';
import { type CompiledStack, compileStack, PACKAGING_MS } from './compiled-stack.ts';

let stack: CompiledStack;
beforeAll(async () => {
  stack = await compileStack();
}, PACKAGING_MS);

const arn = (logicalId: string) => ({ 'Fn::GetAtt': [logicalId, 'Arn'] });

describe('a drill', () => {
  test.each([
    ['api', 'ApiLambdaFunction'],
    ['queue', 'KillQueue'],
    ['schedule', 'ScheduleLambdaFunction'],
    ['preflight', 'PreflightLambdaFunction'],
  ])('%s: goes to %s every five minutes, once', (name, target) => {
    const drills = stack.ofType('AWS::Scheduler::Schedule').map(([, { Properties }]) => Properties);
    expect(drills).toHaveLength(4);
    expect(drills.find(({ Name }) => Name === name)).toEqual({
      Name: name,
      GroupName: { Ref: 'DrillGroup' },
      ScheduleExpression: 'rate(5 minutes)',
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: {
        Arn: arn(target),
        RoleArn: arn('DrillRole'),
        Input: '{"drill":true}',
        RetryPolicy: { MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 },
      },
    });
  });

  test.each(['Api', 'Preflight'])('%s: is not repeated by Lambda', (name) => {
    expect(stack.resource(`${name}LambdaEvConf`).Properties).toMatchObject({
      FunctionName: { Ref: `${name}LambdaFunction` },
      MaximumRetryAttempts: 0,
      MaximumEventAgeInSeconds: 60,
    });
  });

  test('has a group of its own, so that a dropped drill raises no alarm on dropped cancels', () => {
    expect(stack.resource('ScheduleDroppedAlarm').Properties.Dimensions).toEqual([
      { Name: 'ScheduleGroup', Value: { Ref: 'ScheduleGroup' } },
    ]);
  });
});
