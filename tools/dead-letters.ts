import { type LetterArguments, letterArguments } from './dead-letters/arguments.ts';
import type { Letter } from './dead-letters/letter.ts';
import { type HeldMessage, holdDeadLetters } from './dead-letters/reader.ts';
import { carryOut, discard, move, planOf, type QueueAt, type Result } from './dead-letters/redrive.ts';
import { letterJson, letterTable, letterText, resultJson, resultText } from './dead-letters/text.ts';
import { queueClient } from './queue-client.ts';
import { type Environment, type Print, runScript } from './terminal.ts';

const USAGE = `npm run dead-letters [-- filters] [--redrive [--to URL] | --delete] [--yes]

Lists the dead letters, oldest first. A redrive or a deletion is only shown until --yes is given.

  --queue-url URL  the queue to read. Default: DEAD_LETTER_QUEUE_URL, else the local service's
  --failed-events  reads the timed requests that never ran, as Scheduler or Lambda left them. Default queue:
                   FAILED_EVENTS_QUEUE_URL
  --json           one JSON document per line, with everything that is known

Filters. A letter must match all of them; the others stay in the queue:
  --outcome A,B    its outcome; none: SQS itself moved it
  --symbol S       the symbol of a cancel, or the symbol or underlying of a kill
  --account A      the account; default: the default account
  --id X           its message id, requestId, orderId, clientOrderId or killId. The list then shows all of it
  --older AGE      failed at least so long ago: 30s, 15m, 1h, 2d
  --drills         a drill
  --limit N        only the first N found

Actions:
  --redrive        moves them to their queues, with the time at which they were asked for, so that they run again as
                   cancels and kills of that time. A drill stays, and so does a failed event that cannot run
  --to URL         one queue for all of them; either takes cancels and kills. Default without --queue-url:
                   KILL_QUEUE_URL for kills and CANCEL_QUEUE_URL for the others, else the local service's
  --delete         prints each as a whole and deletes it. Without a filter it needs --all
  --yes            does it

Exit codes: 0 done, 1 something could not be moved or deleted, 2 wrong arguments.

While it runs, others do not see the letters; if it is interrupted, for two minutes more. Each reading counts as a
receive, which has no effect in these queues. It is made for at most 20,000 letters. It does not see those that somebody
else has received in the last 30 seconds, such as the SQS console.`;

/**
 * Lists, moves or deletes dead letters or failed events.
 *
 * @param width the characters of a line. Default: the terminal's; any number where there is none
 * @returns the exit code: 0, or 1 when one could not be moved or deleted
 * @throws UsageError when the arguments are wrong; the SDK's error when the queue cannot be read
 */
export async function deadLetters(
  args: string[],
  env: Environment,
  print: Print,
  width = process.stdout.columns ?? Number.POSITIVE_INFINITY,
): Promise<number> {
  const command = letterArguments(args, env);
  const { queueUrl, limit, letterOf, filters } = command;
  const now = Date.now();
  const select = (message: HeldMessage) => {
    const letter = letterOf(message);
    return filters.every((filter) => filter(letter, now));
  };
  using client = queueClient(queueUrl);
  return await holdDeadLetters(client, { queueUrl, limit, select }, async (messages, read) => {
    const letters = messages.map(letterOf);
    if (command.yes) return await act(letters, command, { client, queueUrl }, print);
    for (const line of shown(letters, command, now, width)) print(line);
    if (!command.json) print(summaryOf(letters, read, command));
    return 0;
  });
}

/** Returns the lines of the list, or of what an action would do. */
function shown(
  letters: readonly Letter[],
  { action, json, id, to }: LetterArguments,
  now: number,
  width: number,
): string[] {
  if (action === 'redrive') return letters.map((letter) => formatOf(json)(planOf(letter, to)));
  if (json) return letters.map(letterJson);
  if (id !== undefined) return letters.map(letterText);
  return letters.length === 0 ? [] : [...letterTable(letters, now, width), ''];
}

const formatOf = (json: boolean) => (json ? resultJson : resultText);

function summaryOf(letters: readonly Letter[], read: number, command: LetterArguments): string {
  const some = letters.length === read ? '' : `${letters.length} of the `;
  const movable = letters.filter(({ redrive }) => redrive.ok).length;
  const plan = { list: '', redrive: `: --yes moves ${movable}`, delete: `: --yes deletes ${letters.length}` };
  return `${some}${counted(read, command)} in ${command.queueUrl}${plan[command.action]}`;
}

/** Moves or deletes the letters and prints each result. Returns the exit code. */
async function act(
  letters: readonly Letter[],
  command: LetterArguments,
  source: QueueAt,
  print: Print,
): Promise<number> {
  const { action, json } = command;
  const report = (result: Result) => {
    if (result.result !== 'deleted') print(formatOf(json)(result));
  };
  const discarded = (letter: Letter) => {
    print(json ? letterJson(letter) : letterText(letter));
    return discard(letter, source);
  };
  const done =
    action === 'delete'
      ? await carryOut(letters, discarded, report)
      : await moveAll(letters, command, source, report);
  const verb = action === 'delete' ? 'deleted' : 'moved';
  if (!json) print(`${done} of ${counted(letters.length, command)} ${verb}`);
  return done === letters.length ? 0 : 1;
}

async function moveAll(
  letters: readonly Letter[],
  { to }: LetterArguments,
  source: QueueAt,
  report: (result: Result) => void,
): Promise<number> {
  let done = 0;
  const targetOf = ({ redrive, message }: Letter) => to(redrive.ok ? redrive.body : message.body);
  for (const [queueUrl, some] of Map.groupBy(letters, targetOf)) {
    using client = queueClient(queueUrl);
    done += await carryOut(some, (letter) => move(letter, source, { client, queueUrl }), report);
  }
  return done;
}

function counted(count: number, { name }: LetterArguments): string {
  return `${count} ${name}${count === 1 ? '' : 's'}`;
}

if (import.meta.main) {
  await runScript(USAGE, (args) => deadLetters(args, process.env, console.log));
}
