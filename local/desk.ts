import { once } from 'node:events';
import { request } from 'node:http';
import { createInterface } from 'node:readline';
import { type Environment, type Print, runScript, UsageError, wholeNumber } from '../tools/terminal.ts';

/** The default port on which the local service takes commands. */
export const DESK_PORT = 3001;

export const DESK_USAGE = `npm run desk -- COMMAND

Plays at the desk that npm start runs. The commands can also be typed there, without "npm run desk --".

  place [N]          places N open orders, 1 by default. --underlying BTCUSDT, --symbol S, --side BUY|SELL, --account A
  book [WORD …]      lists the open orders, those whose line has each word. --all: ended ones as well
  cancel ORDER       cancels the order of this id or name through the API. --account A
  kill SCOPE         empties the book of a symbol, an underlying or everything. --dry-run, --reason TEXT, --account A
  send JSON          sends a message to its queue, as npm run send does. --wait, --raw
  dead-letters       lists what could not be settled, as npm run dead-letters does, with its options
  redrive            moves the dead letters back to their queues
  fault NAME         makes the next cancel call fail. --times N; "fault" lists the names, "fault none" ends all
  throttle SECONDS   makes the exchange answer 429 to every call; 0 ends it
  ban SECONDS        makes the exchange ban the service, which answers 418; 0 ends it
  wait ID            waits for the outcome of a request or message
  help               prints this

DESK_PORT in the environment is the port of npm start's --desk-port. Default: ${DESK_PORT}`;

/**
 * Has the running desk execute a command, and prints the lines that it answers with.
 *
 * @returns the command's exit code
 * @throws UsageError for a wrong port or option; an Error when no desk listens there or it stops
 */
export async function desk(words: string[], env: Environment, print: Print): Promise<number> {
  if (words[0]?.startsWith('-')) throw new UsageError(`Unknown option '${words[0]}'`);
  const port = wholeNumber('DESK_PORT', env.DESK_PORT ?? String(DESK_PORT), 1, 65_535);
  const call = request({ host: '127.0.0.1', port, method: 'POST' });
  call.end(JSON.stringify(words));
  const [response] = await once(call, 'response');
  try {
    for await (const line of createInterface({ input: response })) print(line);
  } catch {
    // A response that breaks off has no trailer.
  }
  const exitCode = response.trailers['exit-code'];
  if (exitCode === undefined) throw new Error('the desk stopped before the command ended');
  return Number(exitCode);
}

if (import.meta.main) {
  await runScript(DESK_USAGE, (words) => desk(words, process.env, console.log));
}
