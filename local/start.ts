import { once } from 'node:events';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { buildHandlers } from '../tools/build.ts';
import { LOCAL_QUEUE_PORT } from '../tools/queue-address.ts';
import { parseArguments, reportFailure, runScript, wholeNumber } from '../tools/terminal.ts';
import { DESK_PORT } from './desk.ts';
import type { Desk } from './start/api-commands.ts';
import { execute } from './start/commands.ts';
import { examples, placeOrders } from './start/examples.ts';
import { type Ports, startService } from './start/service.ts';

const API_PORT = 3000;

const USAGE = `npm start [-- --port ${API_PORT}] [--queue-port ${LOCAL_QUEUE_PORT}] [--desk-port ${DESK_PORT}]

Runs the cancel service on this machine against an embedded exchange, and prints commands to try. They can be typed here,
or given to "npm run desk" in another terminal. Prints a line for each cancel, kill and drill. Ctrl-C stops it.
In the background it needs an input other than the terminal: npm start </dev/null &

  --port N         port of the HTTP API
  --queue-port N   port of the queues
  --desk-port N    port on which "npm run desk" reaches it`;

const OPTIONS = {
  port: { type: 'string', default: String(API_PORT) },
  'queue-port': { type: 'string', default: String(LOCAL_QUEUE_PORT) },
  'desk-port': { type: 'string', default: String(DESK_PORT) },
} as const;

await runScript(USAGE, async (args) => {
  const { values } = parseArguments({ args, options: OPTIONS });
  const given = (name: keyof Ports) => wholeNumber(`--${name}`, values[name], 1, 65_535);
  const ports = { port: given('port'), 'queue-port': given('queue-port'), 'desk-port': given('desk-port') };
  await checkFree(ports);
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop.abort());
  console.log('Starting …');
  await buildHandlers();
  const exitCode = await serve(ports, stop.signal).catch((error) => {
    if (!stop.signal.aborted) throw error;
    return 0;
  });
  console.log('Stopped.');
  return exitCode;
});

/** @throws Error that names the option whose port is not free */
async function checkFree(ports: Ports): Promise<void> {
  await using servers = new AsyncDisposableStack();
  for (const [name, port] of Object.entries(ports)) {
    const server = servers.use(createServer().listen(port, '127.0.0.1'));
    await once(server, 'listening').catch(() => {
      throw new Error(`port ${port} is not free: choose another with --${name}`);
    });
  }
}

/** Serves until the signal is aborted or the HTTP API ends. Returns the exit code. */
async function serve(ports: Ports, signal: AbortSignal): Promise<number> {
  signal.throwIfAborted();
  const stopped = once(signal, 'abort').then(() => 0);
  await using service = await startService(ports, console.log, signal);
  const { desk, logPath } = service;
  placeOrders(desk.stack.exchange);
  const variable = ports['desk-port'] === DESK_PORT ? '' : `DESK_PORT=${ports['desk-port']} `;
  console.log(examples(desk.url, `${variable}npm run desk -- `, logPath));
  using lines = createInterface({ input: process.stdin }).on('error', () => undefined);
  lines.on('line', (line) => take(line, desk));
  return await Promise.race([stopped, service.ended]);
}

/** Executes a command that is typed here, where each outcome is printed anyway. */
async function take(line: string, desk: Desk): Promise<void> {
  const command = line.replace(/^\s*(DESK_PORT=\d+ )?npm run desk --/, '');
  const words = [...command.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(([, ...parts]) => parts.join(''));
  if (words.length === 0) return;
  const follow: Desk['follow'] = (requestId) => desk.follow(requestId, () => undefined);
  await execute(words, { ...desk, follow }, console.log).catch((error) => reportFailure(error, console.log));
}
