import { LOCAL_QUEUE_PORT } from './queue/address.ts';
import { type LocalStack, startLocalStack } from './stack.ts';
import { examples, placeOrders } from './start/examples.ts';
import { startGateway } from './start/gateway.ts';
import { startQueueDelivery } from './start/queue-delivery.ts';
import { parseArguments, runScript, wholeNumber } from './terminal.ts';

const USAGE = `npm start [-- --port 3000] [-- --queue-port ${LOCAL_QUEUE_PORT}]

Runs the cancel service on this machine against an embedded exchange, and prints commands to try. Ctrl-C stops it.

  --port N         port of the HTTP API
  --queue-port N   port of the queues`;

const OPTIONS = {
  port: { type: 'string', default: '3000' },
  'queue-port': { type: 'string', default: String(LOCAL_QUEUE_PORT) },
} as const;

const LARGEST_PORT = 65_535;

await runScript(USAGE, async (args) => {
  const { values } = parseArguments({ args, options: OPTIONS });
  const port = wholeNumber('--port', values.port, 1, LARGEST_PORT);
  const queuePort = wholeNumber('--queue-port', values['queue-port'], 1, LARGEST_PORT);
  const stack = await startStack(queuePort);
  try {
    return await serve(stack, port);
  } finally {
    await stack.stop();
    console.log('Stopped.');
  }
});

async function startStack(queuePort: number): Promise<LocalStack> {
  try {
    return await startLocalStack({ queues: { port: queuePort } });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error;
    throw new Error(`port ${queuePort} is in use: choose another with npm start -- --queue-port 4567`);
  }
}

/** Serves until a signal comes or the gateway ends. Returns the exit code. */
async function serve(stack: LocalStack, port: number): Promise<number> {
  const orders = placeOrders(stack.exchange);
  const delivery = await startQueueDelivery(stack);
  try {
    const gateway = await startGateway(port, stack.env);
    console.log(examples(gateway.url, orders));
    const stopped = new Promise<number>((resolve) => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve(0));
    });
    const exitCode = await Promise.race([stopped, gateway.ended]);
    await gateway.stop();
    return exitCode;
  } finally {
    await delivery.stop();
  }
}
