import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test } from '@jest/globals';
import { startLocalStack } from '../../local/stack.ts';
import { startGateway } from '../../local/start/gateway.ts';

const STARTING_MS = 60_000;

/** Returns a port of 127.0.0.1 that was free a moment ago: the gateway cannot choose one. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

test(
  'the local API of `npm start` cancels an order of each account, without an event bus',
  async () => {
    const stack = await startLocalStack();
    const gateway = await startGateway(await freePort(), stack.env);
    try {
      const orders = ['main', 'desk-a'].map((account) => stack.exchange.place({ account }));

      const statuses = [];
      for (const [index, { orderId, symbol }] of orders.entries()) {
        const path = `${index === 0 ? '' : '/accounts/desk-a'}/eapi/v1/order?symbol=${symbol}&orderId=${orderId}`;
        const { headers } = await fetch(`${gateway.url}${path}`, { method: 'DELETE' });
        statuses.push([headers.get('x-cancel-outcome'), stack.exchange.order(orderId)?.status]);
      }

      expect(statuses).toEqual(Array(2).fill(['canceled', 'CANCELLED']));
    } finally {
      await gateway.stop();
      await stack.stop();
    }
  },
  STARTING_MS,
);
