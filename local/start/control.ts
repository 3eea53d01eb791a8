import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { json } from 'node:stream/consumers';
import * as v from 'valibot';
import { type Print, reportFailure } from '../../tools/terminal.ts';
import type { Desk } from './api-commands.ts';
import { execute } from './commands.ts';

/**
 * Takes commands for the running desk on 127.0.0.1, each as a JSON array of words. Answers with the
 * lines to print, and with the exit code in the trailer `exit-code`.
 *
 * @throws the error of listening, such as EADDRINUSE
 */
export async function startControl(port: number, desk: Desk): Promise<Server> {
  const server = createServer(async (request, response) => {
    response.writeHead(200, { trailer: 'exit-code' }).flushHeaders();
    const print: Print = (line) => response.write(`${line}\n`);
    const exitCode = await json(request)
      .then((words) => execute(v.parse(v.array(v.string()), words), desk, print))
      .catch((error) => reportFailure(error, print));
    response.addTrailers({ 'exit-code': String(exitCode) });
    response.end();
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}
