import { DEAD_LETTER_QUEUE, isLocal, localQueueUrl, queueUrlFor, queueUrlOf } from '../queue-address.ts';
import { type Environment, parseArguments, UsageError, wholeNumber } from '../terminal.ts';
import { failedEventOf } from './failed-event.ts';
import { filtersOf } from './filter.ts';
import { deadLetterOf } from './letter.ts';

const OPTIONS = {
  'queue-url': { type: 'string' },
  'failed-events': { type: 'boolean', default: false },
  outcome: { type: 'string' },
  symbol: { type: 'string' },
  account: { type: 'string' },
  id: { type: 'string' },
  older: { type: 'string' },
  drills: { type: 'boolean' },
  limit: { type: 'string' },
  redrive: { type: 'boolean', default: false },
  to: { type: 'string' },
  delete: { type: 'boolean', default: false },
  all: { type: 'boolean', default: false },
  yes: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
} as const;

type Values = ReturnType<typeof parse>;

const parse = (args: string[]) => parseArguments({ args, options: OPTIONS }).values;

/** A call of `npm run dead-letters`. */
export type LetterArguments = ReturnType<typeof letterArguments>;

/** Parses the arguments of `npm run dead-letters`. @throws UsageError */
export function letterArguments(args: string[], env: Environment) {
  const values = parse(args);
  const filters = filtersOf(values);
  checkActions(values, filters.length > 0);
  const queueUrl = sourceOf(values, env);
  /** Returns the URL of the queue to which a redrive sends this body. */
  const to = (body: string) => values.to ?? queueUrlFor(body, env);
  if (values.redrive) checkTargets(queueUrl, values, to);
  return {
    ...values,
    queueUrl,
    filters,
    to,
    action: values.redrive ? 'redrive' : values.delete ? 'delete' : 'list',
    limit: values.limit === undefined ? undefined : wholeNumber('--limit', values.limit, 1),
    ...(values['failed-events']
      ? { letterOf: failedEventOf, name: 'failed event' }
      : { letterOf: deadLetterOf, name: 'dead letter' }),
  } as const;
}

function checkActions(values: Values, isFiltered: boolean): void {
  const isAction = values.redrive || values.delete;
  if (values.redrive && values.delete) throw new UsageError('--redrive and --delete exclude each other');
  if (values.yes && !isAction) throw new UsageError('--yes needs --redrive or --delete');
  if (values.to !== undefined && !values.redrive) throw new UsageError('--to needs --redrive');
  if (values.all && !values.delete) throw new UsageError('--all needs --delete');
  if (values.delete && !values.all && !isFiltered) throw new UsageError('--delete needs a filter, or --all');
  if (values['failed-events'] && values.outcome !== undefined)
    throw new UsageError('--outcome does not go with --failed-events: these requests never ran');
}

function sourceOf({ 'queue-url': given, 'failed-events': failed }: Values, env: Environment): string {
  const variable = failed ? 'FAILED_EVENTS_QUEUE_URL' : 'DEAD_LETTER_QUEUE_URL';
  if (given !== undefined) return queueUrlOf(given, '--queue-url');
  const url = env[variable];
  if (url !== undefined) return queueUrlOf(url, variable);
  if (!failed) return localQueueUrl(DEAD_LETTER_QUEUE);
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
