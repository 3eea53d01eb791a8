import { paint } from '../../tools/terminal.ts';
import { isOpen } from '../exchange.ts';
import { deskKey } from '../keys.ts';
import { ACCOUNT_SECRETS, type LocalStack } from '../stack.ts';
import type { ApiClient } from './api-client.ts';
import { deliver, loadQueue } from './delivery.ts';
import type { Report } from './report.ts';

const NAMED = { symbol: 'ETH-261225-4000-P', clientOrderId: 'quote-1' };
const UNKNOWN = 'desk-b';
/** In front of every path: the account that signs. */
const DESK_PATH = `/accounts/${deskKey.account}`;

/** Shows that a request of one account touches only its own book, and reads and respond-async. */
export async function accountScenes(stack: LocalStack, api: ApiClient, report: Report): Promise<void> {
  await cancelOfOneAccount(stack, api, report);
  await killOfOneAccount(stack, api, report);
  await unknownAccount(api, report);
  await respondAsync(stack, api, report);
}

async function cancelOfOneAccount({ exchange }: LocalStack, api: ApiClient, report: Report): Promise<void> {
  report.scene(
    `Two accounts have an order of the same name: a cancel for ${deskKey.account} cancels its own`,
  );
  const main = exchange.place(NAMED);
  const own = exchange.place({ ...NAMED, account: deskKey.account });
  const request = { path: `${DESK_PATH}/eapi/v1/order`, query: String(new URLSearchParams(NAMED)) };
  await api.send(request, { status: 200, outcome: 'canceled', order: 'CANCELLED' }, own.orderId);
  report.check('order of the default account', exchange.order(main.orderId)?.status, 'ACCEPTED');
}

async function killOfOneAccount({ exchange }: LocalStack, api: ApiClient, report: Report): Promise<void> {
  report.scene(`The kill switch of ${deskKey.account} empties its book and no other`);
  const open = (isOwn: boolean) =>
    [...exchange.orders].filter((order) => isOpen(order) && isOwn === (order.account === deskKey.account));
  const others = open(false).length;
  for (let count = 0; count < 3; count += 1) exchange.place({ account: deskKey.account });
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ kill: { everything: true } });
  const request = { method: 'POST', path: `${DESK_PATH}/kills`, headers, body };
  await api.request(request, { status: 200, outcome: 'emptied' });
  report.check(`open orders of ${deskKey.account}`, open(true).length, 0);
  report.check('open orders of the default account, as before', open(false).length, others);
}

async function unknownAccount(api: ApiClient, report: Report): Promise<void> {
  report.scene('An account that has no secret: the answer says how to create it');
  const request = { path: `/accounts/${UNKNOWN}/eapi/v1/order`, query: String(new URLSearchParams(NAMED)) };
  const { body } = await api.send(request, { status: 502, outcome: 'credentials' });
  const command = `aws secretsmanager create-secret --name ${ACCOUNT_SECRETS}${UNKNOWN} `;
  report.check('the command in the answer', body.includes(command), true);
}

async function respondAsync(stack: LocalStack, api: ApiClient, report: Report): Promise<void> {
  const { exchange, queues } = stack;
  report.scene('Prefer: respond-async: the queue carries the cancel out, and a read (GET) shows the order');
  const { symbol, orderId } = exchange.place({ account: deskKey.account });
  const request = { path: `${DESK_PATH}/eapi/v1/order`, query: `symbol=${symbol}&orderId=${orderId}` };
  report.line('header', paint('cyan', 'prefer: respond-async'));
  const later = { ...request, headers: { prefer: 'respond-async' } };
  await api.send(later, { status: 202, order: 'ACCEPTED' }, orderId);
  const settled = await deliver(queues.cancelQueueUrl, await loadQueue(stack), 1);
  report.check('messages settled', settled, 1);
  const read = await api.send({ ...request, method: 'GET' }, { status: 200 });
  report.check('status in the body', read.body.includes('"status":"CANCELLED"'), true);
}
