import * as v from 'valibot';
import { faults } from '../../local/exchange.ts';
import { httpEvent } from '../../local/http-event.ts';
import { refuseDeadLetters } from '../../local/queues.ts';
import { sqsEvent, sqsRecord } from '../helpers/events.ts';
import { killRecord } from '../helpers/kill-stage.ts';
import { captureOutput } from '../helpers/output.ts';
import { loadFunction, type Stage, startStage } from '../helpers/stage.ts';
import { SYMBOL } from '../helpers/workbench.ts';
import { FUNCTIONS, type FunctionName, logGroupId } from './compiled-stack.ts';

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

/** Runs one function in a fresh environment. */
type Invoke = (name: FunctionName, event: unknown) => Promise<void>;

const ALWAYS = { times: Number.POSITIVE_INFINITY };
const KILL = '{"kill":{"underlying":"BTCUSDT"}}';
const DRILL = '{"drill":true}';
const WRONG_KILL = '{"kill":{}}';
const REFUSED = { status: 403, name: 'AccessDenied', message: 'Refused by a test.' };
/** Answers of the exchange to every call. Each gives a cancel another outcome. */
const REFUSALS = [
  faults.code(401, -2015, 'Invalid API-key, IP, or permissions for action.'),
  faults.tooMany(60),
  faults.unavailable503(),
  faults.unknown503(),
  faults.firewall(),
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
export async function runMinutes(variables: Readonly<Record<string, string>>) {
  const good: LogLine[] = [];
  const bad: LogLine[] = [];
  const stage = await startStage({ weightLimit: 100_000 });
  const loud = { POWERTOOLS_LOG_LEVEL: 'INFO', POWERTOOLS_METRICS_DISABLED: 'false' };
  const env = { ...stage.env, BINANCE_WEIGHT_LIMIT: '100000', ...variables, ...loud };
  const writingTo =
    (lines: LogLine[]): Invoke =>
    async (name, event) => {
      const invoke = await loadFunction(name, env);
      using output = captureOutput();
      await invoke(event);
      for (const fields of output.records()) lines.push({ group: logGroupId(name), fields });
    };
  try {
    await goodMinute(stage, writingTo(good));
    await badMinute(stage, writingTo(bad));
    return { good, bad };
  } finally {
    await stage.stop();
  }
}

const cancelOf = (orderId: string) => ({ symbol: SYMBOL, orderId });
const apiCancel = (orderId: string) => httpEvent({ query: `symbol=${SYMBOL}&orderId=${orderId}` });
const apiKill = httpEvent({ method: 'POST', path: '/kills', body: KILL });
const queueCancel = (orderId: string) => sqsEvent([sqsRecord(JSON.stringify(cancelOf(orderId)))]);
const onKillQueue = (stage: Stage, body: string) => sqsEvent([killRecord(stage, body)]);

async function goodMinute(stage: Stage, invoke: Invoke): Promise<void> {
  const orderId = () => stage.exchange.place().orderId;
  await invoke('api', apiCancel(orderId()));
  await invoke('queue', queueCancel(orderId()));
  await invoke('schedule', cancelOf(orderId()));
  await invoke('queue', onKillQueue(stage, KILL));
  await drillAll(stage, invoke);
}

async function badMinute(stage: Stage, invoke: Invoke): Promise<void> {
  const { exchange, queues } = stage;
  exchange.script(faults.tooMany(60), ALWAYS);
  await drillAll(stage, invoke);
  for (const fault of REFUSALS) {
    exchange.clearScripts();
    exchange.script(fault, ALWAYS);
    await invoke('api', apiCancel('7'));
  }
  // the last answer stays for the kills
  await invoke('api', apiKill);
  queues.fault = (_, body) => (JSON.stringify(body).includes(queues.killQueueUrl) ? REFUSED : undefined);
  await invoke('api', apiKill);
  await invoke('schedule', JSON.parse(KILL));
  queues.fault = undefined;
  await invoke('queue', onKillQueue(stage, WRONG_KILL));
  queues.fault = refuseDeadLetters;
  await invoke('queue', onKillQueue(stage, WRONG_KILL));
}

async function drillAll(stage: Stage, invoke: Invoke): Promise<void> {
  for (const name of FUNCTIONS)
    await invoke(name, name === 'queue' ? onKillQueue(stage, DRILL) : JSON.parse(DRILL));
}
