import { once } from 'node:events';
import { createServer } from 'node:net';
import { createInterface, type Interface } from 'node:readline';
import { buildHandlers } from '../tools/build.ts';
import { LOCAL_QUEUE_PORT } from '../tools/queue-address.ts';
import { parseArguments, reportFailure, runScript, wholeNumber } from '../tools/terminal.ts';
import { DESK_PORT } from './desk.ts';
import type { Run } from './start/control.ts';
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
  const portOf = (name: keyof Ports) => wholeNumber(`--${name}`, values[name], 1, 65_535);
  const ports = {
    port: portOf('port'),
    'queue-port': portOf('queue-port'),
    'desk-port': portOf('desk-port'),
  };
  for (const name of ['port', 'queue-port', 'desk-port'] as const) await checkFree(name, ports);
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
async function checkFree(name: keyof Ports, ports: Ports): Promise<void> {
  const isRepeated = Object.values(ports).filter((port) => port === ports[name]).length > 1;
  const server = createServer().listen(ports[name], '127.0.0.1');
  const isFree = await once(server, 'listening').then(
    () => true,
    () => false,
  );
  if (isFree) await new Promise((resolve) => server.close(resolve));
  if (!isFree || isRepeated)
    throw new Error(`port ${ports[name]} is not free: choose another with --${name}`);
}

/** Serves until the signal is aborted or the HTTP API ends. Returns the exit code. */
async function serve(ports: Ports, signal: AbortSignal): Promise<number> {
  signal.throwIfAborted();
  const stopped = once(signal, 'abort').then(() => 0);
  await using service = await startService(ports, console.log, signal);
  const { stack, url, run, logPath, ended } = service;
  const deskPort = ports['desk-port'] === DESK_PORT ? '' : `--port ${ports['desk-port']} `;
  console.log(examples(url, placeOrders(stack.exchange), `npm run desk -- ${deskPort}`, logPath));
  const lines = takeLines(run);
  const exitCode = await Promise.race([stopped, ended]);
  lines.close();
  return exitCode;
}

/** Executes the commands that are typed. */
function takeLines(run: Run): Interface {
  const lines = createInterface({ input: process.stdin }).on('error', () => undefined);
  return lines.on('line', (line) => {
    const words = [...line.replace(/^\s*npm run desk --/, '').matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)];
    if (words.length === 0) return;
    void run(
      words.map(([, ...parts]) => parts.join('')),
      console.log,
    ).catch((error) => reportFailure(error, console.log));
  });
}
