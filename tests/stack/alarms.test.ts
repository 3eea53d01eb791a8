import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { beforeAll, describe, expect, test } from '@jest/globals';
import * as v from 'valibot';
import { KILL_CONSEQUENCES } from '../../lib/consequence.ts';
import { type CompiledStack, compileStack, FUNCTIONS, functionId, PACKAGING_MS } from './compiled-stack.ts';

const RUNBOOK = join(import.meta.dirname, '../../docs/runbook.md');

/** Alarms that can wait for working hours. All others call somebody at once. */
const TICKETS = [
  'api-4xx',
  'cancel-age',
  'clock-ahead',
  'clock-behind',
  'dead-letters',
  'dead-letters-age',
  'drills-skipped',
  'exchange-latency',
  'preflight-drill',
  'preflight-errors',
  'unavailable',
  'used-weight',
];

/** Alarms on a depth, an age or drills. All others but that on latency count events. */
const LEVELS = [
  'api-drill',
  'dead-letters',
  'dead-letters-age',
  'drills-skipped',
  'failed-events',
  'kill-queue-age',
  'preflight-drill',
  'queue-age',
  'queue-drill',
  'schedule-drill',
];

const alarm = v.object({
  AlarmName: v.pipe(v.string(), v.startsWith('binance-options-cancel-dev-')),
  AlarmDescription: v.string(),
  Threshold: v.number(),
  EvaluationPeriods: v.number(),
  DatapointsToAlarm: v.optional(v.number()),
  AlarmActions: v.tuple([v.object({ Ref: v.picklist(['PageTopic', 'TicketTopic']) })]),
  OKActions: v.optional(v.unknown()),
  TreatMissingData: v.string(),
  MetricName: v.optional(v.string()),
  Dimensions: v.optional(v.array(v.object({ Name: v.string(), Value: v.unknown() })), []),
  Metrics: v.optional(v.array(v.object({ Expression: v.optional(v.string()) })), []),
});
const dashboard = v.object({ DashboardBody: v.object({ 'Fn::Sub': v.string() }) });
const filter = v.object({
  LogGroupName: v.unknown(),
  FilterPattern: v.string(),
  MetricTransformations: v.array(v.object({ MetricName: v.string() })),
});
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
      MetricName === metric && Dimensions.some((dimension) => isDeepStrictEqual(dimension.Value, value)),
  );

const CANCELING_LOG_GROUPS = [{ Ref: 'ApiLogGroup' }, { Ref: 'QueueLogGroup' }, { Ref: 'ScheduleLogGroup' }];

const filtersOf = (metric: unknown) =>
  stack
    .ofType('AWS::Logs::MetricFilter')
    .map(([, { Properties }]) => v.parse(filter, Properties))
    .filter(({ MetricTransformations }) =>
      MetricTransformations.some(({ MetricName }) => MetricName === metric),
    );

const nameOf = ({ AlarmName }: v.InferOutput<typeof alarm>) =>
  AlarmName.replace('binance-options-cancel-dev-', '');

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
    expect(alarmsOn('ApproximateAgeOfOldestMessage', name('KillQueue'))).toEqual([
      expect.objectContaining({ Threshold: 30 }),
    ]);
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

  test('one watches new dead letters, over all triggers', () => {
    const queries = alarms().flatMap(({ Metrics }) => Metrics.map(({ Expression }) => Expression));
    expect(queries).toContain(
      `SELECT SUM(DeadLetters) FROM SCHEMA("BinanceOptionsCancel", service, trigger) WHERE service = 'binance-options-cancel-dev'`,
    );
  });

  test.each(['Api', 'Queue', 'Schedule', 'Preflight'])(
    '%s: one rings when 15 minutes pass without a drill that is ok or skipped',
    (name) => {
      expect(stack.resource(`${name}DrillAlarm`).Properties).toMatchObject({
        ComparisonOperator: 'LessThanThreshold',
        Threshold: 1,
        EvaluationPeriods: 3,
        TreatMissingData: 'breaching',
        Metrics: [
          { Expression: 'FILL(ok, 0) + FILL(skipped, 0)' },
          { Id: 'ok', ReturnData: false, MetricStat: { Period: 300, Stat: 'Sum' } },
          { Id: 'skipped', ReturnData: false, MetricStat: { Period: 300, Stat: 'Sum' } },
        ],
      });
    },
  );

  test('one watches every kill that goes on in the kill queue, over all triggers', () => {
    const ended = Object.entries(KILL_CONSEQUENCES).flatMap(([outcome, { api }]) =>
      api === 'handed-over' ? [] : [outcome],
    );
    const queries = alarms().flatMap(({ Metrics }) => Metrics.map(({ Expression }) => Expression));
    expect(queries).toContain(
      `SELECT SUM(Kills) FROM SCHEMA("BinanceOptionsCancel", outcome, service, trigger) WHERE ${ended.map((outcome) => `outcome != '${outcome}'`).join(' AND ')} AND service = 'binance-options-cancel-dev'`,
    );
  });

  test('one watches the kills that every function that kills makes a dead letter', () => {
    const { MetricName } = stack.resource('KillDeadLettersAlarm').Properties;
    const filters = filtersOf(MetricName);
    expect(filters.map(({ LogGroupName }) => LogGroupName)).toEqual(CANCELING_LOG_GROUPS);
    for (const { FilterPattern } of filters)
      expect(FilterPattern).toBe('{ $.killId = "*" && $.next = "dead-letter" }');
  });

  test('call somebody unless they can wait for working hours', () => {
    const waiting = alarms().filter(({ AlarmActions }) => AlarmActions[0].Ref === 'TicketTopic');
    expect(waiting.map(nameOf).sort()).toEqual(TICKETS);
    expect(alarms().length).toBeGreaterThan(2 * TICKETS.length);
  });

  test('report the recovery of a level, and not the end of events', () => {
    const levels = alarms().filter(({ OKActions }) => OKActions !== undefined);
    expect(levels.map(nameOf).sort()).toEqual(LEVELS);
    for (const { AlarmActions, OKActions } of levels) expect(OKActions).toEqual(AlarmActions);
  });

  test('on events ring for one in three minutes', () => {
    const onEvents = alarms().filter((one) => ![...LEVELS, 'exchange-latency'].includes(nameOf(one)));
    for (const { EvaluationPeriods, DatapointsToAlarm, TreatMissingData } of onEvents)
      expect([EvaluationPeriods, DatapointsToAlarm, TreatMissingData]).toEqual([3, 1, 'notBreaching']);
  });

  test('stand in the table of the runbook, with the heading that they name', () => {
    for (const one of alarms()) {
      const heading = /Runbook - (.+)\.$/.exec(one.AlarmDescription)?.[1] ?? '';
      const row = runbook
        .split('\n')
        .find((line) => line.startsWith('| ') && line.includes(`\`${nameOf(one)}\``));
      expect(`${row} of ${nameOf(one)}`).toMatch(new RegExp(`\\| \\[${heading}\\]\\(#.+\\) \\| of `));
    }
  });

  test('name a heading of the runbook', () => {
    const headings = new Set([...runbook.matchAll(/^#+ (.+)$/gm)].map(([, heading]) => heading));
    for (const { AlarmDescription } of alarms()) {
      expect(headings).toContain(/Runbook - (.+)\.$/.exec(AlarmDescription)?.[1]);
    }
  });

  test('count error lines of every function that cancels', () => {
    const { MetricName } = stack.resource('ErrorLinesAlarm').Properties;
    const filters = filtersOf(MetricName);
    expect(filters.map(({ LogGroupName }) => LogGroupName)).toEqual(CANCELING_LOG_GROUPS);
    for (const { FilterPattern } of filters)
      expect(FilterPattern).toBe('{ $.level = "ERROR" && $.outcome NOT EXISTS }');
  });
});

describe.each(['Page', 'Ticket'])('the topic %s', (name) => {
  const topic = { Ref: `${name}Topic` };

  test('accepts alarms of this account only', () => {
    expect(stack.resource(`${name}TopicPolicy`).Properties).toMatchObject({
      Topics: [topic],
      PolicyDocument: {
        Statement: [
          {
            Effect: 'Allow',
            Principal: { Service: 'cloudwatch.amazonaws.com' },
            Resource: topic,
            Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
          },
          { Effect: 'Deny', Principal: '*', Resource: topic },
        ],
      },
    });
  });

  test('mails an address when one is given', () => {
    expect(stack.resource(`${name}Subscription`)).toMatchObject({
      Condition: `Sends${name}s`,
      Properties: { TopicArn: topic, Protocol: 'email', Endpoint: { Ref: `${name}Email` } },
    });
    const parameter = { ParameterKey: `${name}Email`, ParameterValue: '' };
    expect(stack.provider.stackParameters).toContainEqual(parameter);
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
        'Kills by outcome, per minute',
        'Kill queue',
        'Latest kills',
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
