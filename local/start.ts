import { parseArgs } from 'node:util';
import { paint } from './demo/report.ts';
import type { ExchangeOrder } from './exchange.ts';
import { LOCAL_QUEUE_PORT } from './queue/address.ts';
import { type LocalStack, startLocalStack } from './stack.ts';
import { startGateway } from './start/gateway.ts';
import { startQueueDelivery } from './start/queue-delivery.ts';

const SYMBOLS = ['BTC-200730-9000-C', 'ETH-261225-4000-P', 'DOGE-240126-0.08-C'];

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '3000' },
    'queue-port': { type: 'string', default: String(LOCAL_QUEUE_PORT) },
  },
});

const stack = await startLocalStack({ queues: { port: Number(values['queue-port']) } }).catch(explain);
const orders = SYMBOLS.map((symbol, index) =>
  stack.exchange.place({ symbol, clientOrderId: `desk-${index + 1}` }),
);
const delivery = await startQueueDelivery(stack);
try {
  const gateway = await startGateway(Number(values.port), stack.env);
  printWhatToTry(gateway.url, orders);
  const stopped = new Promise<number>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve(0));
  });
  process.exitCode = await Promise.race([stopped, gateway.ended]);
  await gateway.stop();
} finally {
  await stop(stack);
}

function explain(error: unknown): never {
  if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error;
  console.error(
    `Port ${values['queue-port']} is in use: npm start -- --queue-port 4567 takes another for the queues.`,
  );
  process.exit(1);
}

async function stop({ stop: stopStack }: LocalStack): Promise<void> {
  await delivery.stop();
  await stopStack();
  console.log('Stopped.');
}

function printWhatToTry(url: string, [byId, byName, byQueue]: readonly ExchangeOrder[]): void {
  const order = (more: string) => paint('cyan', `curl -i -X DELETE '${url}/eapi/v1/order?${more}'`);
  console.log(`
${paint('bold', 'The cancel service runs on this machine')}, against an embedded exchange with ${orders.length} open orders. Try:

  ${order(`symbol=${byId?.symbol}&orderId=${byId?.orderId}`)}
  ${order(`symbol=${byName?.symbol}&clientOrderId=${byName?.clientOrderId}`)}
  ${order('symbol=BTC-200730-9000-C&orderId=42')}
  ${paint('cyan', `npm run send -- '{"symbol":"${byQueue?.symbol}","orderId":"${byQueue?.orderId}"}'`)}
  ${paint('cyan', 'npm run dead-letters')}

Ctrl-C stops it.
`);
}
