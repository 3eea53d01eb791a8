import { beforeAll, describe, expect, test } from '@jest/globals';
import * as v from 'valibot';
import { type CompiledStack, compileStack, PACKAGING_MS } from './compiled-stack.ts';

const DAY = 86_400;
const HOUR = 3600;

const redriven = v.object({
  VisibilityTimeout: v.number(),
  MessageRetentionPeriod: v.number(),
  RedrivePolicy: v.object({ deadLetterTargetArn: v.unknown(), maxReceiveCount: v.number() }),
});
const poller = v.object({
  Timeout: v.number(),
  Environment: v.object({ Variables: v.object({ MAX_RECEIVE_COUNT: v.string() }) }),
});
const allowed = v.object({
  redrivePermission: v.string(),
  sourceQueueArns: v.array(v.object({ 'Fn::Sub': v.string() })),
});

let stack: CompiledStack;
beforeAll(async () => {
  stack = await compileStack();
}, PACKAGING_MS);

const cancelQueue = () => v.parse(redriven, stack.resource('CancelQueue').Properties);
const queueFunction = () => v.parse(poller, stack.resource('QueueLambdaFunction').Properties);

describe('the cancel queue', () => {
  test('hides a message for at least six times the timeout of its function', () => {
    expect(cancelQueue().VisibilityTimeout).toBeGreaterThanOrEqual(6 * queueFunction().Timeout);
  });

  test('moves a message to the dead-letter queue after the last receive that the function counts', () => {
    const { RedrivePolicy } = cancelQueue();
    expect(RedrivePolicy.deadLetterTargetArn).toEqual({ 'Fn::GetAtt': ['DeadLetterQueue', 'Arn'] });
    expect(String(RedrivePolicy.maxReceiveCount)).toBe(
      queueFunction().Environment.Variables.MAX_RECEIVE_COUNT,
    );
  });

  test('keeps a message longer than all its receives can delay it', () => {
    const { MessageRetentionPeriod, RedrivePolicy } = cancelQueue();
    expect(MessageRetentionPeriod).toBeGreaterThan(12 * HOUR * RedrivePolicy.maxReceiveCount);
  });

  test('delivers batches of ten to at most two functions and accepts partial failures', () => {
    expect(stack.ofType('AWS::Lambda::EventSourceMapping').map(([, { Properties }]) => Properties)).toEqual([
      expect.objectContaining({
        EventSourceArn: { 'Fn::GetAtt': ['CancelQueue', 'Arn'] },
        FunctionName: { 'Fn::GetAtt': ['QueueLambdaFunction', 'Arn'] },
        BatchSize: 10,
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        ScalingConfig: { MaximumConcurrency: 2 },
      }),
    ]);
  });
});

describe('the dead-letter queue', () => {
  test('keeps its messages for fourteen days, the maximum', () => {
    expect(stack.resource('DeadLetterQueue').Properties.MessageRetentionPeriod).toBe(14 * DAY);
  });

  test('serves only the cancel queue', () => {
    const { RedriveAllowPolicy } = stack.resource('DeadLetterQueue').Properties;
    const { redrivePermission, sourceQueueArns } = v.parse(allowed, RedriveAllowPolicy);
    expect(redrivePermission).toBe('byQueue');
    const names = sourceQueueArns.map((source) => source['Fn::Sub'].split(':').at(-1));
    expect(names).toEqual([stack.resource('CancelQueue').Properties.QueueName]);
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
    expect(queues).toHaveLength(3);
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
