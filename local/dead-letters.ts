import { CANCEL_QUEUE, DEAD_LETTER_QUEUE, isLocal, localQueueUrl, queueUrlOf } from './queue/address.ts';
import { queueClient } from './queue/client.ts';
import { holdDeadLetters } from './queue/dead-letter-reader.ts';
import { letterJson, letterText, redrivenJson, redrivenText } from './queue/dead-letter-text.ts';
import { redrive } from './queue/redrive.ts';
import { type Print, parseArguments, runScript, UsageError, wholeNumber } from './terminal.ts';

const USAGE = `npm run dead-letters [-- --queue-url URL] [--redrive [--to URL]] [--limit N] [--json]

Lists the dead letters, oldest first, and leaves them in the queue.

  --queue-url URL  the dead-letter queue; default: DEAD_LETTER_QUEUE_URL, else the local service's
  --redrive        moves them to the cancel queue, byte for byte, so that they run again
  --to URL         the cancel queue; default without --queue-url: CANCEL_QUEUE_URL, else the local service's
  --limit N        only the first N found; default: all
  --json           one JSON document per line`;

type Environment = Readonly<Record<string, string | undefined>>;

interface DeadLetterArguments {
  readonly queueUrl: string;
  /** The queue to move them to; undefined to list them. */
  readonly to: string | undefined;
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
  to: string,
  print: Print,
): Promise<number> {
  const source = { client: queueClient(queueUrl), queueUrl };
  const target = { client: queueClient(to), queueUrl: to };
  try {
    return await holdDeadLetters(source.client, { queueUrl, limit }, async (letters) => {
      const redriven = await redrive(letters, source, target);
      for (const one of redriven) print(json ? redrivenJson(one) : redrivenText(one));
      const moved = redriven.filter((one) => one.result === 'moved').length;
      if (!json) print(`${moved} of ${counted(letters.length)} moved to ${to}`);
      return moved === letters.length ? 0 : 1;
    });
  } finally {
    source.client.destroy();
    target.client.destroy();
  }
}

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
  const to = values.redrive ? targetOf(queueUrl, values.to ?? defaultTarget(given, env)) : undefined;
  const limit =
    values.limit === undefined ? Number.POSITIVE_INFINITY : wholeNumber('--limit', values.limit, 1);
  return { queueUrl, to, limit, json: values.json };
}

function defaultTarget(givenQueueUrl: string | undefined, env: Environment): string {
  if (givenQueueUrl !== undefined)
    throw new UsageError('--redrive with --queue-url needs --to, the cancel queue');
  return env.CANCEL_QUEUE_URL ?? localQueueUrl(CANCEL_QUEUE);
}

function targetOf(queueUrl: string, target: string): string {
  const to = queueUrlOf(target, '--to');
  if (to === queueUrl) throw new UsageError('--to is the dead-letter queue');
  if (isLocal(to) !== isLocal(queueUrl))
    throw new UsageError(`a redrive needs two local queues or two remote ones, not ${queueUrl} and ${to}`);
  return to;
}

if (import.meta.main) {
  await runScript(USAGE, (args) => deadLetters(args, process.env, console.log));
}
