import { setTimeout as sleep } from 'node:timers/promises';
import { type ExchangeOrder, faults } from '../exchange.ts';
import { deskKey, freshHmacKey } from '../keys.ts';
import { type LocalStack, SECRET_ID } from '../stack.ts';
import type { ApiClient } from './api-client.ts';
import type { Report } from './report.ts';

const DOCUMENTED_ID = '4611875134427365377';

const byId = ({ symbol, orderId }: ExchangeOrder) => ({ query: `symbol=${symbol}&orderId=${orderId}` });

/**
 * Cancels the documented order, sends a wrong request, and asks for an order that does not exist.
 */
export async function plainRequests({ exchange }: LocalStack, api: ApiClient, report: Report): Promise<void> {
  report.scene('The documented order is canceled, and its 64-bit id keeps every digit');
  const order = exchange.place();
  const answer = await api.send(
    byId(order),
    {
      status: 200,
      outcome: 'canceled',
      order: 'CANCELLED',
    },
    DOCUMENTED_ID,
  );
  report.check('id in the body, digit for digit', answer.body.includes(`"orderId":${DOCUMENTED_ID},`), true);

  report.scene('A request with two wrong fields: the answer names both');
  await api.send(
    { query: 'symbol=BTC-PERP&orderId=1e9' },
    {
      status: 400,
      outcome: 'invalid-request',
    },
  );

  report.scene('An order that does not exist');
  await api.send(
    { query: 'symbol=BTC-200730-9000-C&orderId=42' },
    {
      status: 404,
      outcome: 'not-found',
    },
    '42',
  );
}

/** Shows that the outcome agrees with the exchange's book, whatever the exchange answers. */
export async function hardAnswers(stack: LocalStack, api: ApiClient, report: Report): Promise<void> {
  const { exchange } = stack;
  report.scene('An order that was filled before its cancel');
  const filled = exchange.place();
  exchange.fill(filled.orderId);
  await api.send(byId(filled), { status: 409, outcome: 'filled', order: 'FILLED' }, filled.orderId);

  report.scene('The cancel takes effect but its answer is lost: a query of the exact order proves it');
  const lost = exchange.place();
  exchange.script(faults.reset({ executed: true }), { method: 'DELETE' });
  await api.send(byId(lost), { status: 200, outcome: 'canceled', order: 'CANCELLED' }, lost.orderId);

  report.scene('503 "Unknown error" while the order is still open: the cancel is sent again');
  const open = exchange.place();
  exchange.script(faults.unknown503(), { method: 'DELETE' });
  await api.send(byId(open), { status: 200, outcome: 'canceled', order: 'CANCELLED' }, open.orderId);

  report.scene('The key is rotated, and no cancel fails');
  const { exchangeKey, secret } = freshHmacKey();
  stack.secrets.put(SECRET_ID, secret);
  exchange.setKeys([exchangeKey, deskKey]);
  const next = exchange.place();
  await api.send(byId(next), { status: 200, outcome: 'canceled', order: 'CANCELLED' }, next.orderId);
}

/**
 * Shows a throttle: no call is sent until it has passed, and the requests are kept as dead letters.
 */
export async function throttle({ exchange }: LocalStack, api: ApiClient, report: Report): Promise<void> {
  report.scene('The exchange throttles (429): the request is kept as a dead letter');
  const order = exchange.place();
  exchange.script(faults.tooMany(1), { method: 'DELETE' });
  await api.send(byId(order), { status: 429, outcome: 'throttled', order: 'ACCEPTED' }, order.orderId);

  report.scene('Until Retry-After has passed, no call is sent');
  const callsBefore = exchange.calls.length;
  await api.send(byId(order), { status: 429, outcome: 'throttled', order: 'ACCEPTED' }, order.orderId);
  report.check('calls made to the exchange', exchange.calls.length - callsBefore, 0);

  report.scene('After Retry-After a cancel works again');
  await sleep(1050);
  await api.send(byId(order), { status: 200, outcome: 'canceled', order: 'CANCELLED' }, order.orderId);
}
