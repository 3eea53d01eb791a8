import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import * as v from 'valibot';
import { type CompiledStack, compileStack, FUNCTIONS, functionId, PACKAGING_MS } from './compiled-stack.ts';

const RUNBOOK = join(import.meta.dirname, '../../docs/runbook.md');

const alarm = v.object({
  AlarmDescription: v.string(),
  AlarmActions: v.unknown(),
  OKActions: v.unknown(),
  TreatMissingData: v.string(),
  MetricName: v.optional(v.string()),
  Dimensions: v.optional(v.array(v.object({ Name: v.string(), Value: v.unknown() })), []),
  Metrics: v.optional(v.array(v.object({ Expression: v.string() })), []),
});
const dashboard = v.object({ DashboardBody: v.object({ 'Fn::Sub': v.string() }) });
const widget = v.object({ properties: v.object({ title: v.string() }) });

let stack: CompiledStack;
let runbook: string;
beforeAll(async () => {
  [stack, runbook] = await Promise.all([compileStack(), readFile(RUNBOOK, 'utf8')]);
}, PACKAGING_MS);

const alarms = () =>
  stack.ofType('AWS::CloudWatch::Alarm').map(([, { Properties }]) => v.parse(alarm, Properties));

const alarmsOn = (metric: string, value: unknown) =>
  alarms().filter(
    ({ MetricName, Dimensions }) =>
      MetricName === metric && Dimensions.some((dimension) => isSame(dimension.Value, value)),
  );

const isSame = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

describe('alarms', () => {
  test.each(FUNCTIONS)('%s: one watches the errors of the function', (name) => {
    expect(alarmsOn('Errors', { Ref: functionId(name) })).toHaveLength(1);
  });

  test.each(['api', 'queue', 'schedule'] as const)(
    '%s: one watches the throttles of the function',
    (name) => {
      expect(alarmsOn('Throttles', { Ref: functionId(name) })).toHaveLength(1);
    },
  );

  test('watch each queue', () => {
    const name = (logicalId: string) => ({ 'Fn::GetAtt': [logicalId, 'QueueName'] });
    expect(alarmsOn('ApproximateAgeOfOldestMessage', name('CancelQueue'))).toHaveLength(1);
    expect(alarmsOn('ApproximateAgeOfOldestMessage', name('DeadLetterQueue'))).toHaveLength(1);
    expect(alarmsOn('ApproximateNumberOfMessagesVisible', name('DeadLetterQueue'))).toHaveLength(1);
    expect(alarmsOn('ApproximateNumberOfMessagesVisible', name('FailedEventsQueue'))).toHaveLength(1);
  });

  test.each(['credentials', 'forbidden', 'throttled', 'unknown', 'unavailable'])(
    'one watches cancels that end as %s, over all triggers',
    (outcome) => {
      const queries = alarms().flatMap(({ Metrics }) => Metrics.map(({ Expression }) => Expression));
      expect(queries).toContain(
        `SELECT SUM(Cancels) FROM SCHEMA("BinanceOptionsCancel", outcome, service, trigger) WHERE outcome = '${outcome}' AND service = 'binance-options-cancel-dev'`,
      );
    },
  );

  test('notify the topic when they go off and when they recover', () => {
    expect(alarms().length).toBeGreaterThan(20);
    for (const { AlarmActions, OKActions, TreatMissingData } of alarms()) {
      expect(AlarmActions).toEqual([{ Ref: 'AlarmTopic' }]);
      expect(OKActions).toEqual([{ Ref: 'AlarmTopic' }]);
      expect(TreatMissingData).toBe('notBreaching');
    }
  });

  test('name a heading of the runbook', () => {
    const headings = new Set([...runbook.matchAll(/^#+ (.+)$/gm)].map(([, heading]) => heading));
    for (const { AlarmDescription } of alarms()) {
      expect(headings).toContain(/Runbook - (.+)\.$/.exec(AlarmDescription)?.[1]);
    }
  });

  test('count error lines of every function that cancels', () => {
    const filters = stack.ofType('AWS::Logs::MetricFilter').map(([, { Properties }]) => Properties);
    expect(filters.map(({ LogGroupName }) => LogGroupName)).toEqual([
      { Ref: 'ApiLogGroup' },
      { Ref: 'QueueLogGroup' },
      { Ref: 'ScheduleLogGroup' },
    ]);
    for (const { MetricTransformations } of filters) {
      const { MetricName } = stack.resource('ErrorLinesAlarm').Properties;
      expect(MetricTransformations).toEqual([expect.objectContaining({ MetricName })]);
    }
  });
});

describe('the topic', () => {
  test('accepts alarms of this account only', () => {
    expect(stack.resource('AlarmTopicPolicy').Properties.PolicyDocument).toMatchObject({
      Statement: [
        {
          Effect: 'Allow',
          Principal: { Service: 'cloudwatch.amazonaws.com' },
          Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
        },
        { Effect: 'Deny', Principal: '*' },
      ],
    });
  });

  test('mails an address when one is given', () => {
    expect(stack.resource('AlarmSubscription')).toMatchObject({
      Condition: 'SendsEmail',
      Properties: { Protocol: 'email' },
    });
    expect(stack.provider.stackParameters).toEqual([{ ParameterKey: 'AlarmEmail', ParameterValue: '' }]);
  });
});

describe('the dashboard', () => {
  const body = () => v.parse(dashboard, stack.resource('Dashboard').Properties).DashboardBody['Fn::Sub'];

  test('is JSON after its references are filled in, and every widget has a title', () => {
    const filled = body().replaceAll(/\$\{!?[^}]+\}/g, 'x');
    const { widgets } = v.parse(v.object({ widgets: v.array(widget) }), JSON.parse(filled));
    expect(widgets.map(({ properties }) => properties.title)).toEqual(
      expect.arrayContaining([
        'Alarms',
        'Cancels by outcome, per minute',
        'Used weight of the minute',
        'Cancel queue',
      ]),
    );
  });

  test('refers only to resources of the stack', () => {
    const referred = [...body().matchAll(/\$\{([A-Za-z]+)(?:\.\w+)?\}/g)].map(
      ([, logicalId]) => logicalId ?? '',
    );
    expect(referred.length).toBeGreaterThan(10);
    for (const logicalId of referred) expect(Object.keys(stack.resources)).toContain(logicalId);
  });
});
