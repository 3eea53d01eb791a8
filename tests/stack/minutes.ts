import * as v from 'valibot';
import { faults } from '../../local/exchange.ts';
import { httpEvent } from '../../local/http-event.ts';
import { lambdaContext, loadHandler } from '../../local/lambda.ts';
import { refuseDeadLetters } from '../../local/queues.ts';
import { sqsEvent, sqsRecord } from '../helpers/events.ts';
import { killRecord } from '../helpers/kill-stage.ts';
import { captureOutput } from '../helpers/output.ts';
import { type Stage, startStage } from '../helpers/stage.ts';
import { SYMBOL } from '../helpers/workbench.ts';
import { type FunctionName, logGroupId } from './compiled-stack.ts';

/** A line of a function's log, as its fields. */
export interface LogLine {
  /** The logical id of the log group. */
  readonly group: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** A metric with its dimensions. */
export interface Series {
  readonly namespace: string;
  readonly metric: string;
  readonly dimensions: Readonly<Record<string, unknown>>;
}

/** Runs one function in a fresh environment and returns the lines that it wrote. */
type Invoke = (name: FunctionName, event: unknown, timeoutMs?: number) => Promise<LogLine[]>;

const ALWAYS = { times: Number.POSITIVE_INFINITY };
const KILL = '{"kill":{"underlying":"BTCUSDT"}}';
const WRONG_KILL = '{"kill":{}}';
const REFUSED = { status: 403, name: 'AccessDenied', message: 'Refused by a test.' };
/** Answers of the exchange to every call. Each gives a cancel another outcome. */
const REFUSALS = [
  faults.code(401, -2015, 'Invalid API-key, IP, or permissions for action.'),
  faults.tooMany(60),
  faults.unavailable503(),
  faults.unknown503(),
];

const embedded = v.object({
  _aws: v.object({
    CloudWatchMetrics: v.array(
      v.object({
        Namespace: v.string(),
        Dimensions: v.array(v.array(v.string())),
        Metrics: v.array(v.object({ Name: v.string() })),
      }),
    ),
  }),
});

/** Returns the series of the lines that are embedded metrics. */
export function seriesIn(lines: readonly LogLine[]): Series[] {
  return lines.flatMap(({ fields }) => {
    if (!('_aws' in fields)) return [];
    return v.parse(embedded, fields)._aws.CloudWatchMetrics.flatMap(({ Namespace, Dimensions, Metrics }) =>
      Dimensions.flatMap((names) =>
        Metrics.map(({ Name }) => ({
          namespace: Namespace,
          metric: Name,
          dimensions: Object.fromEntries(names.map((name) => [name, fields[name]])),
        })),
      ),
    );
  });
}

/**
 * Runs the functions with these variables for a good minute, in which everything succeeds, and a
 * bad one. Returns the lines of both.
 */
export async function runMinutes(
  variables: Readonly<Record<string, string>>,
): Promise<Record<'good' | 'bad', LogLine[]>> {
  const stage = await startStage({ weightLimit: 100_000 });
  const loud = { POWERTOOLS_LOG_LEVEL: 'INFO', POWERTOOLS_METRICS_DISABLED: 'false' };
  const env = { ...stage.env, BINANCE_WEIGHT_LIMIT: '100000', ...variables, ...loud };
  const invoke: Invoke = async (name, event, timeoutMs = 10_000) => {
    const url = new URL(`../../handlers/${name}.ts`, import.meta.url);
    const handler = await loadHandler<unknown, unknown>(url, env);
    using output = captureOutput();
    await handler(event, lambdaContext({ functionName: name, timeoutMs }));
    return output.records().map((fields) => ({ group: logGroupId(name), fields }));
  };
  try {
    return { good: await goodMinute(stage, invoke), bad: await badMinute(stage, invoke) };
  } finally {
    await stage.stop();
  }
}

const cancelOf = (orderId: string) => ({ symbol: SYMBOL, orderId });
const apiCancel = (orderId: string) => httpEvent({ query: `symbol=${SYMBOL}&orderId=${orderId}` });
const queueCancel = (orderId: string) => sqsEvent([sqsRecord(JSON.stringify(cancelOf(orderId)))]);
const queueKill = (stage: Stage, body: string) => sqsEvent([killRecord(stage, body)]);
const apiKill = httpEvent({ method: 'POST', path: '/kills', body: KILL });

async function goodMinute(stage: Stage, invoke: Invoke): Promise<LogLine[]> {
  const orderId = () => stage.exchange.place().orderId;
  return [
    ...(await invoke('api', apiCancel(orderId()))),
    ...(await invoke('queue', queueCancel(orderId()))),
    ...(await invoke('schedule', cancelOf(orderId()))),
    ...(await invoke('queue', queueKill(stage, KILL))),
  ];
}

async function badMinute(stage: Stage, invoke: Invoke): Promise<LogLine[]> {
  const { exchange, queues } = stage;
  const lines: LogLine[] = [];
  for (const fault of [...REFUSALS, faults.firewall()]) {
    exchange.clearScripts();
    exchange.script(fault, ALWAYS);
    lines.push(...(await invoke('api', apiCancel('7'), 3000)));
  }
  lines.push(...(await invoke('api', apiKill)));
  queues.fault = (_, body) => (JSON.stringify(body).includes(queues.killQueueUrl) ? REFUSED : undefined);
  lines.push(...(await invoke('api', apiKill)), ...(await invoke('schedule', JSON.parse(KILL))));
  queues.fault = undefined;
  lines.push(...(await invoke('queue', queueKill(stage, WRONG_KILL))));
  queues.fault = refuseDeadLetters;
  lines.push(...(await invoke('queue', queueKill(stage, WRONG_KILL))));
  return lines;
}
