import { once } from 'node:events';
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import * as v from 'valibot';
import { type Print, reportFailure } from '../../tools/terminal.ts';

/** Executes a command, given as words. Returns its exit code. */
export type Run = (words: string[], print: Print) => Promise<number>;

/**
 * Takes commands for the running desk on 127.0.0.1, each as a JSON array of words. Answers with a
 * line of JSON for each line to print, and one for the exit code.
 *
 * @throws the error of listening, such as EADDRINUSE
 */
export async function startControl(port: number, run: Run): Promise<AsyncDisposable> {
  const server = createServer(async (request, response) => {
    const send = (message: object) => response.write(`${JSON.stringify(message)}\n`);
    const print: Print = (line) => send({ line });
    try {
      send({ exitCode: await run(v.parse(v.array(v.string()), await json(request)), print) });
    } catch (error) {
      send({ exitCode: reportFailure(error, print) });
    }
    response.end();
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
