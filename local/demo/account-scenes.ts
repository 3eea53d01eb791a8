import { deskKey } from '../keys.ts';
import { ACCOUNT_SECRETS } from '../stack.ts';
import type { Demo } from './demo.ts';

const NAMED = { symbol: 'ETH-261225-4000-P', clientOrderId: 'quote-1' };
const UNKNOWN = 'desk-b';

const targetOf = (account: string, query: Record<string, string>) =>
  `/accounts/${account}/eapi/v1/order?${new URLSearchParams(query)}`;

/** Shows that a cancel of one account touches only its own book, and reads and respond-async. */
export async function accountScenes(demo: Demo): Promise<void> {
  const { exchange, queues } = demo.stack;
  const { account } = deskKey;
  demo.scene(`Two accounts have an order of the same name: a cancel for ${account} cancels its own`);
  const main = exchange.place(NAMED);
  const own = exchange.place({ ...NAMED, account });
  demo.line('body', await demo.call('DELETE', targetOf(account, NAMED), '200 canceled'));
  demo.checkOrder(own.orderId, 'CANCELLED');
  demo.check('order of the default account', exchange.order(main.orderId)?.status, 'ACCEPTED');

  demo.scene('An account that has no secret: the answer says how to create it');
  const refusal = await demo.call('DELETE', targetOf(UNKNOWN, NAMED), '502 credentials');
  demo.line('body', refusal);
  const command = `aws secretsmanager create-secret --name ${ACCOUNT_SECRETS}${UNKNOWN} `;
  demo.check('the command in the answer', refusal.includes(command), true);

  demo.scene('Prefer: respond-async: the queue carries the cancel out, and a read (GET) shows the order');
  const later = exchange.place({ account });
  const target = targetOf(account, { symbol: later.symbol, orderId: later.orderId });
  const headers = { prefer: 'respond-async' };
  demo.line('body', await demo.call('DELETE', target, '202', { headers }));
  demo.checkOrder(later.orderId, 'ACCEPTED');
  await demo.deliver(queues.cancelQueueUrl, 1);
  const read = await demo.call('GET', target, '200');
  demo.line('body', read);
  demo.check('status in the body', read.includes('"status":"CANCELLED"'), true);
}
