import { expect, test } from '@jest/globals';
import { startLocalStack } from '../../local/stack.ts';
import { startGateway } from '../../local/start/gateway.ts';
import { freePort } from '../helpers/free-port.ts';

const STARTING_MS = 60_000;

test(
  'the local API of `npm start` cancels an order of each account, and does without an event bus',
  async () => {
    const stack = await startLocalStack();
    const { signal } = new AbortController();
    let output = '';
    const onOutput = (text: string) => {
      output += text;
    };
    process.env.EVENT_BUS_NAME = 'outcomes'; // as in the shell of a user who deploys
    const gateway = await startGateway(await freePort(), stack.env, onOutput, signal);
    try {
      const orders = ['main', 'desk-a'].map((account) => stack.exchange.place({ account }));

      const requestIds = new Set();
      const statuses = [];
      for (const [index, { orderId, symbol }] of orders.entries()) {
        const path = `${index === 0 ? '' : '/accounts/desk-a'}/eapi/v1/order?symbol=${symbol}&orderId=${orderId}`;
        const { headers } = await fetch(`${gateway.url}${path}`, { method: 'DELETE' });
        requestIds.add(headers.get('x-request-id'));
        statuses.push([headers.get('x-cancel-outcome'), stack.exchange.order(orderId)?.status]);
      }

      expect(requestIds.size).toBe(2);
      expect(statuses).toEqual(Array(2).fill(['canceled', 'CANCELLED']));
      expect(output).not.toContain('could not publish');
    } finally {
      delete process.env.EVENT_BUS_NAME;
      await gateway[Symbol.asyncDispose]();
      await stack.stop();
    }
  },
  STARTING_MS,
);
