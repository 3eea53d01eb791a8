import type { ExchangeOrder } from './exchange.ts';
import { LOCAL_QUEUE_PORT } from './queue/address.ts';
import { type LocalStack, startLocalStack } from './stack.ts';
import { startGateway } from './start/gateway.ts';
import { startQueueDelivery } from './start/queue-delivery.ts';
import { paint, parseArguments, runScript, wholeNumber } from './terminal.ts';

const USAGE = `npm start [-- --port 3000] [-- --queue-port ${LOCAL_QUEUE_PORT}]

Runs the cancel service on this machine against an embedded exchange, and prints commands to try. Ctrl-C stops it.

  --port N         port of the HTTP API
  --queue-port N   port of the queues`;

const OPTIONS = {
  port: { type: 'string', default: '3000' },
  'queue-port': { type: 'string', default: String(LOCAL_QUEUE_PORT) },
} as const;

const LARGEST_PORT = 65_535;

const SYMBOLS = [
  'BTC-200730-9000-C',
  'ETH-261225-4000-P',
  'DOGE-240126-0.08-C',
  'BTC-200730-9000-P',
  'BTC-210129-40000-C',
  'DOGE-240126-0.08-P',
];

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
  const orders = SYMBOLS.map((symbol, index) =>
    stack.exchange.place({ symbol, clientOrderId: `desk-${index + 1}` }),
  );
  const delivery = await startQueueDelivery(stack);
  try {
    const gateway = await startGateway(port, stack.env);
    printExamples(gateway.url, orders);
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

function printExamples(url: string, orders: readonly ExchangeOrder[]): void {
  const [byId, byName, byQueue] = orders;
  const curl = (method: string, path: string, more = '') =>
    paint('cyan', `curl -i -X ${method} '${url}${path}'${more}`);
  const send = (body: object) => paint('cyan', `npm run send -- '${JSON.stringify(body)}'`);
  const json = (body: object) => ` -H 'content-type: application/json' -d '${JSON.stringify(body)}'`;
  console.log(`
${paint('bold', 'The cancel service runs on this machine')} against an embedded exchange with ${orders.length} open orders.

Cancel one order:
  ${curl('DELETE', `/eapi/v1/order?symbol=${byId?.symbol}&orderId=${byId?.orderId}`)}
  ${curl('DELETE', `/eapi/v1/order?symbol=${byName?.symbol}&clientOrderId=${byName?.clientOrderId}`)}
  ${curl('DELETE', '/eapi/v1/order?symbol=BTC-200730-9000-C&orderId=42')}
  ${send({ symbol: byQueue?.symbol, orderId: byQueue?.orderId })}

Pull the kill switch:
  ${curl('POST', '/kills', json({ kill: { underlying: 'BTCUSDT' }, dryRun: true }))}
  ${curl('POST', '/kills', json({ kill: { underlying: 'BTCUSDT' }, reason: 'vol limit' }))}
  ${curl('DELETE', '/eapi/v1/allOpenOrders?symbol=ETH-261225-4000-P')}
  ${send({ kill: { everything: true } })}

See what could not be settled:
  ${paint('cyan', 'npm run dead-letters')}

Ctrl-C stops it.
`);
}
