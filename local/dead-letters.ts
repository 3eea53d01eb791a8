import { DEAD_LETTER_QUEUE, isLocal, localQueueUrl, queueUrlFor, queueUrlOf } from './queue/address.ts';
import { queueClient } from './queue/client.ts';
import { holdDeadLetters } from './queue/dead-letter-reader.ts';
import { letterJson, letterText, redrivenJson, redrivenText } from './queue/dead-letter-text.ts';
import { type QueueAt, redrive } from './queue/redrive.ts';
import { type Print, parseArguments, runScript, UsageError, wholeNumber } from './terminal.ts';

const USAGE = `npm run dead-letters [-- --queue-url URL] [--redrive [--to URL]] [--limit N] [--json]

Lists the dead letters, oldest first, and leaves them in the queue.

  --queue-url URL  the dead-letter queue; default: DEAD_LETTER_QUEUE_URL, else the local service's
  --redrive        moves them to their queue, byte for byte, with the time at which they were asked for, so that they
                   run again as cancels and kills of that time
  --to URL         one queue for all of them; either takes cancels and kills. Default without --queue-url:
                   KILL_QUEUE_URL for kills and CANCEL_QUEUE_URL for the others, else the local service's
  --limit N        only the first N found; default: all
  --json           one JSON document per line`;

type Environment = Readonly<Record<string, string | undefined>>;

interface DeadLetterArguments {
  readonly queueUrl: string;
  /** Returns the URL of the queue to move a dead letter with this body to; undefined to list them. */
  readonly to: ((body: string) => string) | undefined;
  readonly limit: number;
  readonly json: boolean;
}

/**
 * Lists or moves the dead letters.
 *
 * @returns the exit code: 0, or 1 when a dead letter could not be moved
 * @throws UsageError when the arguments are wrong; the SDK's error when the queue cannot be read
 */
export async function deadLetters(args: string[], env: Environment, print: Print): Promise<number> {
  const parsed = deadLetterArguments(args, env);
  return parsed.to === undefined ? list(parsed, print) : move(parsed, parsed.to, print);
}

async function list({ queueUrl, limit, json }: DeadLetterArguments, print: Print): Promise<number> {
  const client = queueClient(queueUrl);
  try {
    await holdDeadLetters(client, { queueUrl, limit }, async (letters) => {
      for (const letter of letters) print(json ? letterJson(letter) : `${letterText(letter)}\n`);
      if (!json) print(`${counted(letters.length)} in ${queueUrl}`);
    });
    return 0;
  } finally {
    client.destroy();
  }
}

async function move(
  { queueUrl, limit, json }: DeadLetterArguments,
  to: (body: string) => string,
  print: Print,
): Promise<number> {
  const source = queueAt(queueUrl);
  const targets = new Map<string, QueueAt>();
  const targetOf = (body: string): QueueAt => {
    const url = to(body);
    const target = targets.get(url) ?? queueAt(url);
    targets.set(url, target);
    return target;
  };
  try {
    return await holdDeadLetters(source.client, { queueUrl, limit }, async (letters) => {
      const redriven = await redrive(letters, source, targetOf);
      for (const one of redriven) print(json ? redrivenJson(one) : redrivenText(one));
      const moved = redriven.filter((one) => one.result === 'moved').length;
      if (!json) print(`${moved} of ${counted(letters.length)} moved`);
      return moved === letters.length ? 0 : 1;
    });
  } finally {
    for (const { client } of [source, ...targets.values()]) client.destroy();
  }
}

const queueAt = (queueUrl: string): QueueAt => ({ client: queueClient(queueUrl), queueUrl });

function counted(count: number): string {
  return `${count} dead letter${count === 1 ? '' : 's'}`;
}

const OPTIONS = {
  'queue-url': { type: 'string' },
  redrive: { type: 'boolean', default: false },
  to: { type: 'string' },
  limit: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const;

function deadLetterArguments(args: string[], env: Environment): DeadLetterArguments {
  const { values } = parseArguments({ args, options: OPTIONS });
  const given = values['queue-url'];
  const queueUrl = queueUrlOf(
    given ?? env.DEAD_LETTER_QUEUE_URL ?? localQueueUrl(DEAD_LETTER_QUEUE),
    '--queue-url',
  );
  if (!values.redrive && values.to !== undefined) throw new UsageError('--to needs --redrive');
  const to = values.redrive ? targetsOf(queueUrl, given, values.to, env) : undefined;
  const limit =
    values.limit === undefined ? Number.POSITIVE_INFINITY : wholeNumber('--limit', values.limit, 1);
  return { queueUrl, to, limit, json: values.json };
}

function targetsOf(
  queueUrl: string,
  given: string | undefined,
  to: string | undefined,
  env: Environment,
): (body: string) => string {
  if (to === undefined && given !== undefined)
    throw new UsageError('--redrive with --queue-url needs --to, the queue to move them to');
  const target = (body: string) => to ?? queueUrlFor(body, env);
  for (const body of ['', A_KILL]) checkTarget(queueUrl, target(body));
  return target;
}

const A_KILL = '{"kill":{}}';

function checkTarget(queueUrl: string, target: string): void {
  const to = queueUrlOf(target, '--to');
  if (to === queueUrl) throw new UsageError('--to is the dead-letter queue');
  if (isLocal(to) !== isLocal(queueUrl))
    throw new UsageError(`a redrive needs two local queues or two remote ones, not ${queueUrl} and ${to}`);
}

if (import.meta.main) {
  await runScript(USAGE, (args) => deadLetters(args, process.env, console.log));
}
