import { beforeAll, describe, expect, test } from '@jest/globals';
import * as v from 'valibot';
import {
  type CompiledStack,
  compileStack,
  FUNCTIONS,
  type FunctionName,
  functionId,
  logGroupId,
  PACKAGING_MS,
  type Resource,
  roleId,
} from './compiled-stack.ts';

const oneOrMore = v.pipe(
  v.union([v.string(), v.array(v.string())]),
  v.transform((value) => [value].flat()),
);
const statement = v.object({ Effect: v.string(), Action: oneOrMore, Resource: v.unknown() });
const document = v.object({ Statement: v.array(statement) });
const role = v.object({
  Policies: v.array(v.object({ PolicyDocument: document })),
  ManagedPolicyArns: v.optional(v.array(v.unknown()), []),
});

const arn = (logicalId: string) => ({ 'Fn::GetAtt': [logicalId, 'Arn'] });

const readKeys = {
  Effect: 'Allow',
  Action: ['secretsmanager:GetSecretValue'],
  Resource: [
    { Ref: 'ExchangeKey' },
    {
      'Fn::Sub': `arn:\${AWS::Partition}:secretsmanager:\${AWS::Region}:\${AWS::AccountId}:secret:binance-options-cancel/dev/accounts/*`,
    },
  ],
};
const send = (queue: string) => ({ Effect: 'Allow', Action: ['sqs:SendMessage'], Resource: arn(queue) });
const log = (name: FunctionName) => ({
  Effect: 'Allow',
  Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
  Resource: arn(logGroupId(name)),
});
const readQueues = {
  Effect: 'Allow',
  Action: [
    'sqs:ReceiveMessage',
    'sqs:DeleteMessage',
    'sqs:GetQueueAttributes',
    'sqs:ChangeMessageVisibility',
  ],
  Resource: [arn('CancelQueue'), arn('KillQueue')],
};

const ALLOWED: Readonly<Record<FunctionName, readonly unknown[]>> = {
  api: [readKeys, send('DeadLetterQueue'), send('KillQueue'), send('CancelQueue'), log('api')],
  queue: [readKeys, send('DeadLetterQueue'), readQueues, log('queue')],
  schedule: [
    readKeys,
    send('DeadLetterQueue'),
    send('KillQueue'),
    send('FailedEventsQueue'),
    log('schedule'),
  ],
  preflight: [readKeys, log('preflight')],
};

function statementsOf({ Properties }: Resource) {
  return v.parse(role, Properties).Policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
}

let stack: CompiledStack;
beforeAll(async () => {
  stack = await compileStack();
}, PACKAGING_MS);

describe('the role of a function', () => {
  test.each(FUNCTIONS)('%s: is its own and allows only what the function needs', (name) => {
    expect(stack.resource(functionId(name)).Properties.Role).toEqual(arn(roleId(name)));
    expect(statementsOf(stack.resource(roleId(name)))).toEqual(ALLOWED[name]);
  });

  test('only the functions, the scheduler and the drills have roles', () => {
    const ids = stack.ofType('AWS::IAM::Role').map(([logicalId]) => logicalId);
    expect(ids.sort()).toEqual([...FUNCTIONS.map(roleId), 'DrillRole', 'SchedulerRole'].sort());
  });

  test.each(FUNCTIONS)(
    '%s: may have network interfaces in every network, also after it left a VPC',
    (name) => {
      const { Properties } = stack.resource(roleId(name));
      expect(v.parse(role, Properties).ManagedPolicyArns).toEqual([{ Ref: 'NetworkInterfaces' }]);
      expect(stack.resource('NetworkInterfaces').Condition).toBeUndefined();
    },
  );
});

describe('policies as a whole', () => {
  test('allow no wildcard action', () => {
    const actions = allowedBy(stack).flatMap(({ Action }) => Action);
    expect(actions.length).toBeGreaterThan(20);
    expect(actions.filter((action) => action.includes('*'))).toEqual([]);
  });

  test('allow every resource only for network interfaces, and deny these actions to the code', () => {
    const wide = allowedBy(stack).filter(({ Resource: target }) => target === '*');
    expect(wide.flatMap(({ Action }) => Action).every((action) => action.startsWith('ec2:'))).toBe(true);
    const denied = statementsOfManaged(stack).filter(({ Effect }) => Effect === 'Deny');
    expect(denied.flatMap(({ Action }) => Action)).toEqual(wide.flatMap(({ Action }) => Action));
  });
});

describe('the roles of schedules', () => {
  test.each([
    ['SchedulerRole', 'ScheduleGroup'],
    ['DrillRole', 'DrillGroup'],
  ])('%s: is assumed only by EventBridge Scheduler, for schedules of %s', (logicalId, group) => {
    expect(stack.resource(logicalId).Properties.AssumeRolePolicyDocument).toMatchObject({
      Statement: [
        {
          Principal: { Service: 'scheduler.amazonaws.com' },
          Condition: {
            StringEquals: {
              'aws:SourceArn': arn(group),
              'aws:SourceAccount': { Ref: 'AWS::AccountId' },
            },
          },
        },
      ],
    });
  });

  test('drills invoke the functions that have no queue, and send to the kill queue', () => {
    expect(statementsOf(stack.resource('DrillRole'))).toEqual([
      {
        Effect: 'Allow',
        Action: ['lambda:InvokeFunction'],
        Resource: [arn('ApiLambdaFunction'), arn('ScheduleLambdaFunction'), arn('PreflightLambdaFunction')],
      },
      send('KillQueue'),
    ]);
  });

  test('timed requests invoke the schedule function and report failed events', () => {
    expect(statementsOf(stack.resource('SchedulerRole'))).toEqual([
      { Effect: 'Allow', Action: ['lambda:InvokeFunction'], Resource: arn('ScheduleLambdaFunction') },
      send('FailedEventsQueue'),
    ]);
  });
});

function allowedBy(compiled: CompiledStack) {
  const roles = compiled.ofType('AWS::IAM::Role').flatMap(([, resource]) => statementsOf(resource));
  return [...roles, ...statementsOfManaged(compiled)].filter(({ Effect }) => Effect === 'Allow');
}

function statementsOfManaged(compiled: CompiledStack) {
  return ['AWS::IAM::ManagedPolicy', 'AWS::IAM::Policy']
    .flatMap((type) => compiled.ofType(type))
    .flatMap(([, { Properties }]) => v.parse(document, Properties.PolicyDocument).Statement);
}
