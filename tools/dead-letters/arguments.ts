import { DEAD_LETTER_QUEUE, isLocal, localQueueUrl, queueUrlFor, queueUrlOf } from '../queue-address.ts';
import { type Environment, parseArguments, UsageError, wholeNumber } from '../terminal.ts';
import { ageMsOf, type LetterFilter, outcomesOf } from './filter.ts';

/** A call of `npm run dead-letters`. */
export interface LetterArguments {
  readonly queueUrl: string;
  /** True for the queue of timed events that never ran. */
  readonly failedEvents: boolean;
  readonly filter: LetterFilter;
  readonly limit: number;
  readonly json: boolean;
  readonly action: 'list' | 'redrive' | 'delete';
  /** False if the action is only shown. */
  readonly yes: boolean;
  /** Returns the URL of the queue to which a redrive sends this body. */
  readonly to: (body: string) => string;
}

const OPTIONS = {
  'queue-url': { type: 'string' },
  'failed-events': { type: 'boolean', default: false },
  outcome: { type: 'string' },
  symbol: { type: 'string' },
  account: { type: 'string' },
  id: { type: 'string' },
  older: { type: 'string' },
  drills: { type: 'boolean', default: false },
  limit: { type: 'string' },
  redrive: { type: 'boolean', default: false },
  to: { type: 'string' },
  delete: { type: 'boolean', default: false },
  all: { type: 'boolean', default: false },
  yes: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
} as const;

type Values = ReturnType<typeof valuesOf>;

const valuesOf = (args: string[]) => parseArguments({ args, options: OPTIONS }).values;

/** Parses the arguments of `npm run dead-letters`. @throws UsageError */
export function letterArguments(args: string[], env: Environment): LetterArguments {
  const values = valuesOf(args);
  const filter = filterOf(values);
  checkActions(values, filter);
  const queueUrl = sourceOf(values, env);
  const to = (body: string) => values.to ?? queueUrlFor(body, env);
  if (values.redrive) checkTargets(queueUrl, values, to);
  return {
    queueUrl,
    failedEvents: values['failed-events'],
    filter,
    limit: values.limit === undefined ? Number.POSITIVE_INFINITY : wholeNumber('--limit', values.limit, 1),
    json: values.json,
    action: values.redrive ? 'redrive' : values.delete ? 'delete' : 'list',
    yes: values.yes,
    to,
  };
}

function filterOf({ outcome, symbol, account, id, older, drills }: Values): LetterFilter {
  return {
    ...(outcome !== undefined && { outcomes: outcomesOf(outcome) }),
    ...(symbol !== undefined && { symbol }),
    ...(account !== undefined && { account }),
    ...(id !== undefined && { id }),
    ...(older !== undefined && { olderThanMs: ageMsOf(older) }),
    ...(drills && { isDrill: true }),
  };
}

function checkActions(values: Values, filter: LetterFilter): void {
  const isAction = values.redrive || values.delete;
  if (values.redrive && values.delete) throw new UsageError('--redrive and --delete exclude each other');
  if (values.yes && !isAction) throw new UsageError('--yes needs --redrive or --delete');
  if (values.to !== undefined && !values.redrive) throw new UsageError('--to needs --redrive');
  if (values.all && !values.delete) throw new UsageError('--all needs --delete');
  if (values.delete && !values.all && Object.keys(filter).length === 0)
    throw new UsageError('--delete needs a filter, or --all');
  if (values['failed-events'] && values.outcome !== undefined)
    throw new UsageError('--outcome does not go with --failed-events: these requests never ran');
}

function sourceOf(values: Values, env: Environment): string {
  const given = values['queue-url'];
  if (given !== undefined) return queueUrlOf(given, '--queue-url');
  const variable = values['failed-events'] ? 'FAILED_EVENTS_QUEUE_URL' : 'DEAD_LETTER_QUEUE_URL';
  const url = env[variable];
  if (url !== undefined) return queueUrlOf(url, variable);
  if (!values['failed-events']) return localQueueUrl(DEAD_LETTER_QUEUE);
  throw new UsageError(`--failed-events needs --queue-url or ${variable}, the queue of failed events`);
}

const A_KILL = '{"kill":{}}';

function checkTargets(queueUrl: string, values: Values, to: (body: string) => string): void {
  if (values.to === undefined && values['queue-url'] !== undefined)
    throw new UsageError('--redrive with --queue-url needs --to, the queue to move them to');
  const option = values.to === undefined ? 'CANCEL_QUEUE_URL or KILL_QUEUE_URL' : '--to';
  for (const target of new Set(['', A_KILL].map(to))) {
    const url = queueUrlOf(target, option);
    if (url === queueUrl) throw new UsageError(`${option} is the queue that they are in`);
    if (isLocal(url) !== isLocal(queueUrl))
      throw new UsageError(`a redrive needs two local queues or two remote ones, not ${queueUrl} and ${url}`);
  }
}
