import { isDeepStrictEqual } from 'node:util';
import { beforeAll, describe, expect, test } from '@jest/globals';
import * as v from 'valibot';
import { type CompiledStack, compileStack, PACKAGING_MS } from './compiled-stack.ts';

const DAY = 86_400;
/** The longest backoff or throttle that hides a message instead of making it a dead letter, in seconds. */
const LONGEST_DELAY = 900;

const redriven = v.object({
  VisibilityTimeout: v.number(),
  MessageRetentionPeriod: v.number(),
  RedrivePolicy: v.object({ deadLetterTargetArn: v.unknown(), maxReceiveCount: v.number() }),
});
const poller = v.object({
  Timeout: v.number(),
  Environment: v.object({
    Variables: v.object({ MAX_RECEIVE_COUNT: v.string(), KILL_MAX_RECEIVE_COUNT: v.string() }),
  }),
});
const allowed = v.object({
  redrivePermission: v.string(),
  sourceQueueArns: v.array(v.object({ 'Fn::Sub': v.string() })),
});

let stack: CompiledStack;
beforeAll(async () => {
  stack = await compileStack();
}, PACKAGING_MS);

const queue = (logicalId: string) => v.parse(redriven, stack.resource(logicalId).Properties);
const queueFunction = () => v.parse(poller, stack.resource('QueueLambdaFunction').Properties);
const mappingOf = (logicalId: string) =>
  stack
    .ofType('AWS::Lambda::EventSourceMapping')
    .map(([, { Properties }]) => Properties)
    .filter(({ EventSourceArn }) => isDeepStrictEqual(EventSourceArn, { 'Fn::GetAtt': [logicalId, 'Arn'] }));
describe.each([
  ['CancelQueue', 'MAX_RECEIVE_COUNT', 10],
  ['KillQueue', 'KILL_MAX_RECEIVE_COUNT', 1],
] as const)('%s', (logicalId, lastReceive, batchSize) => {
  test('hides a message for at least twice the timeout of its function, and after a crash for 45 s', () => {
    expect(queue(logicalId).VisibilityTimeout).toBeGreaterThanOrEqual(2 * queueFunction().Timeout);
    expect(queue(logicalId).VisibilityTimeout).toBe(45);
  });

  test('moves a message to the dead-letter queue after the last receive that the function counts', () => {
    const { RedrivePolicy } = queue(logicalId);
    expect(RedrivePolicy.deadLetterTargetArn).toEqual({ 'Fn::GetAtt': ['DeadLetterQueue', 'Arn'] });
    expect(String(RedrivePolicy.maxReceiveCount)).toBe(queueFunction().Environment.Variables[lastReceive]);
  });

  test('keeps a message for four days, longer than all its receives can delay it', () => {
    const { MessageRetentionPeriod, RedrivePolicy } = queue(logicalId);
    expect(MessageRetentionPeriod).toBe(4 * DAY);
    expect(MessageRetentionPeriod).toBeGreaterThan(LONGEST_DELAY * RedrivePolicy.maxReceiveCount);
  });

  test('has a mapping of its own, for at most two functions at once, with partial failures', () => {
    expect(mappingOf(logicalId)).toEqual([
      expect.objectContaining({
        FunctionName: { 'Fn::GetAtt': ['QueueLambdaFunction', 'Arn'] },
        BatchSize: batchSize,
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        ScalingConfig: { MaximumConcurrency: 2 },
      }),
    ]);
  });

  test('gives senders its URL and its ARN', () => {
    expect(stack.outputs[`${logicalId}Url`]).toMatchObject({ Value: { Ref: logicalId } });
    expect(stack.outputs[`${logicalId}Arn`]).toMatchObject({ Value: { 'Fn::GetAtt': [logicalId, 'Arn'] } });
  });
});

describe('the dead-letter queue', () => {
  test('keeps its messages for fourteen days, the maximum', () => {
    expect(stack.resource('DeadLetterQueue').Properties.MessageRetentionPeriod).toBe(14 * DAY);
  });

  test('serves only the cancel queue and the kill queue', () => {
    const { RedriveAllowPolicy } = stack.resource('DeadLetterQueue').Properties;
    const { redrivePermission, sourceQueueArns } = v.parse(allowed, RedriveAllowPolicy);
    expect(redrivePermission).toBe('byQueue');
    const names = sourceQueueArns.map((source) => source['Fn::Sub'].split(':').at(-1));
    expect(names).toEqual(
      ['CancelQueue', 'KillQueue'].map((logicalId) => stack.resource(logicalId).Properties.QueueName),
    );
  });
});

describe('the failed-events queue', () => {
  test('keeps failed invocations of the schedule function for fourteen days', () => {
    expect(stack.resource('FailedEventsQueue').Properties.MessageRetentionPeriod).toBe(14 * DAY);
    expect(stack.resource('ScheduleLambdaEvConf').Properties).toMatchObject({
      FunctionName: { Ref: 'ScheduleLambdaFunction' },
      DestinationConfig: { OnFailure: { Destination: { 'Fn::GetAtt': ['FailedEventsQueue', 'Arn'] } } },
    });
  });
});

describe('every queue', () => {
  test('is encrypted at rest', () => {
    const queues = stack.ofType('AWS::SQS::Queue');
    expect(queues).toHaveLength(4);
    for (const [, { Properties }] of queues) expect(Properties.SqsManagedSseEnabled).toBe(true);
  });

  test('denies requests over a plain connection', () => {
    const policies = stack.ofType('AWS::SQS::QueuePolicy').map(([, { Properties }]) => Properties);
    const queues = stack.ofType('AWS::SQS::Queue').map(([logicalId]) => logicalId);
    expect(policies).toEqual(
      queues.map((logicalId) => ({
        Queues: [{ Ref: logicalId }],
        PolicyDocument: expect.objectContaining({
          Statement: [
            expect.objectContaining({
              Effect: 'Deny',
              Principal: '*',
              Action: 'sqs:*',
              Resource: { 'Fn::GetAtt': [logicalId, 'Arn'] },
              Condition: { Bool: { 'aws:SecureTransport': 'false' } },
            }),
          ],
        }),
      })),
    );
  });
});
