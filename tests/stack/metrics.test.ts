import { beforeAll, describe, expect, test } from '@jest/globals';
import * as v from 'valibot';
import { type CompiledStack, compileStack, PACKAGING_MS } from './compiled-stack.ts';
import { type LogLine, runMinutes, seriesIn } from './minutes.ts';
import { sees, watchedBy } from './watched.ts';

const SERVICE = 'BinanceOptionsCancel';
const LOGS = 'BinanceOptionsCancel/Logs';

/** Metrics of AWS's services with their dimensions, as AWS documents them. */
const AWS_METRICS = [
  'AWS/ApiGateway 5xx ApiId,Stage',
  'AWS/Lambda DestinationDeliveryFailures FunctionName',
  'AWS/Lambda Errors FunctionName',
  'AWS/Lambda Throttles FunctionName',
  'AWS/SQS ApproximateAgeOfOldestMessage QueueName',
  'AWS/SQS ApproximateNumberOfMessagesVisible QueueName',
  'AWS/Scheduler InvocationDroppedCount ScheduleGroup',
  'AWS/Scheduler InvocationsFailedToBeSentToDeadLetterCount ScheduleGroup',
];

const named = v.object({ AlarmName: v.string(), Threshold: v.number() });
const filter = v.object({
  LogGroupName: v.object({ Ref: v.string() }),
  FilterPattern: v.string(),
  MetricTransformations: v.tuple([v.object({ MetricNamespace: v.string(), MetricName: v.string() })]),
});
const accessLog = v.object({ AccessLogSettings: v.object({ Format: v.string() }) });
const variables = v.object({ Environment: v.object({ Variables: v.record(v.string(), v.unknown()) }) });

/** Applies a JSON filter pattern of CloudWatch Logs. @throws Error for a term that no filter has */
function matches(pattern: string, fields: LogLine['fields']): boolean {
  const terms = pattern.replace(/^\{ | \}$/g, '').split(' && ');
  return terms.every((term) => {
    const [, name = '', operator, text] = /^\$\.(\w+) (=|!=|NOT EXISTS)(?: "([^"]*)")?$/.exec(term) ?? [];
    const value = fields[name];
    if (operator === 'NOT EXISTS') return value === undefined;
    if (text === undefined) throw new Error(`cannot read the term ${term}`);
    const wanted = new RegExp(`^${text.replaceAll('*', '.*')}$`);
    return typeof value === 'string' && wanted.test(value) === (operator === '=');
  });
}

let stack: CompiledStack;
let good: LogLine[];
let bad: LogLine[];
beforeAll(async () => {
  stack = await compileStack();
  const { Variables } = v.parse(variables, stack.resource('ApiLambdaFunction').Properties).Environment;
  const powertools = Object.entries(Variables).filter(([name]) => name.startsWith('POWERTOOLS_'));
  ({ good, bad } = await runMinutes(
    v.parse(v.record(v.string(), v.string()), Object.fromEntries(powertools)),
  ));
}, PACKAGING_MS);

const alarms = () =>
  stack.ofType('AWS::CloudWatch::Alarm').flatMap(([, { Properties }]) => {
    const { AlarmName, Threshold } = v.parse(named, Properties);
    return watchedBy(Properties).map((watched) => ({ AlarmName, Threshold, watched }));
  });
const alarmsOn = (namespace: string) => alarms().filter(({ watched }) => watched.namespace === namespace);

const filters = () =>
  stack.ofType('AWS::Logs::MetricFilter').map(([logicalId, { Properties }]) => {
    const { LogGroupName, FilterPattern, MetricTransformations } = v.parse(filter, Properties);
    const counts = (lines: readonly LogLine[]) =>
      lines.filter(({ group, fields }) => group === LogGroupName.Ref && matches(FilterPattern, fields))
        .length;
    return { logicalId, group: LogGroupName.Ref, counts, to: MetricTransformations[0] };
  });

describe('an alarm', () => {
  test('reads a metric of the service, of its log lines or of AWS', () => {
    const namespaces = alarms().map(({ watched }) => watched.namespace);
    expect(new Set(namespaces)).toEqual(
      new Set([SERVICE, LOGS, 'AWS/ApiGateway', 'AWS/Lambda', 'AWS/SQS', 'AWS/Scheduler']),
    );
  });

  test('on a metric of AWS names it and its dimensions as AWS does', () => {
    const read = alarms().filter(({ watched }) => watched.namespace.startsWith('AWS/'));
    const texts = read.map(({ watched: { namespace, metric: name, dimensions } }) =>
      [namespace, name, dimensions].join(' '),
    );
    expect([...new Set(texts)].sort()).toEqual(AWS_METRICS);
  });

  test('on a metric of the service reads a series that a function emits', () => {
    const series = seriesIn([...good, ...bad]);
    const blind = alarmsOn(SERVICE).filter(({ watched }) => !series.some((one) => sees(watched, one)));
    expect(blind.map(({ AlarmName, watched }) => [AlarmName, watched])).toEqual([]);
  });

  test('on events of the service reads no series of a minute in which everything succeeds', () => {
    const series = seriesIn(good);
    const onEvents = alarmsOn(SERVICE).filter(({ Threshold }) => Threshold === 0);
    expect(onEvents.length).toBeGreaterThan(5);
    const ringing = onEvents.filter(({ watched }) => series.some((one) => sees(watched, one)));
    expect(ringing.map(({ AlarmName }) => AlarmName)).toEqual([]);
  });

  test('on log lines reads what a filter counts, and each filter has its alarm', () => {
    const read = alarmsOn(LOGS).map(({ watched }) => `${watched.namespace} ${watched.metric}`);
    const counted = filters().map(({ to }) => `${to.MetricNamespace} ${to.MetricName}`);
    expect(new Set(read)).toEqual(new Set(counted));
  });
});

describe('a filter', () => {
  test('on the log of a function counts a line that the function writes, and none of a good minute', () => {
    const ofFunctions = filters().filter(({ group }) => group !== 'HttpApiLogGroup');
    expect(ofFunctions).toHaveLength(6);
    for (const { logicalId, counts } of ofFunctions) {
      expect([logicalId, counts(good)]).toEqual([logicalId, 0]);
      expect([logicalId, counts(bad) > 0]).toEqual([logicalId, true]);
    }
  });

  test.each<[string, Record<string, string>, string[]]>([
    ['429 of the gateway', { status: '429' }, ['ApiTooMany']],
    ['403 of the gateway', { status: '403' }, ['ApiRefused']],
    ['404 of the gateway', { status: '404' }, ['ApiRefused']],
    ['429 of the service', { status: '429', integrationStatus: '200' }, []],
    ['404 of the service', { status: '404', integrationStatus: '200' }, []],
    ['500 of the gateway', { status: '500' }, []],
    ['200', { status: '200', integrationStatus: '200' }, []],
  ])('on the access log: %s', (_, context, expected) => {
    const { Format } = v.parse(accessLog, stack.resource('HttpApiStage').Properties).AccessLogSettings;
    const text = Format.replaceAll(/\$context\.([\w.]+)/g, (_match, name: string) => context[name] ?? '-');
    const line = { group: 'HttpApiLogGroup', fields: JSON.parse(text) };
    const counting = filters().filter(({ counts }) => counts([line]) > 0);
    expect(counting.map(({ logicalId }) => logicalId)).toEqual(expected);
  });
});
