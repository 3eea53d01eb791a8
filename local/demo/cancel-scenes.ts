import { setTimeout as sleep } from 'node:timers/promises';
import { faults } from '../exchange.ts';
import { deskKey, freshHmacKey } from '../keys.ts';
import { SECRET_ID } from '../stack.ts';
import type { Demo } from './demo.ts';

/** The scenes of cancels through the API, whose outcome agrees with the exchange's book. */
export const cancelScenes = [cancels, throttle];

async function cancels(demo: Demo): Promise<void> {
  const { exchange, secrets } = demo.stack;
  demo.scene('The documented order is canceled, and its 64-bit id keeps every digit');
  const body = await demo.cancel(exchange.place(), '200 canceled', 'CANCELLED');
  demo.check('id in the body, digit for digit', body.includes('"orderId":4611875134427365377,'), true);

  demo.scene('A request with two wrong fields: the answer names both');
  const wrong = '/eapi/v1/order?symbol=BTC-PERP&orderId=1e9';
  demo.line('body', await demo.call('DELETE', wrong, '400 invalid-request'));

  demo.scene('An order that does not exist');
  const missing = '/eapi/v1/order?symbol=BTC-200730-9000-C&orderId=42';
  demo.line('body', await demo.call('DELETE', missing, '404 not-found'));

  demo.scene('An order that was filled before its cancel');
  const filled = exchange.place();
  exchange.fill(filled.orderId);
  await demo.cancel(filled, '409 filled', 'FILLED');

  demo.scene('The cancel takes effect but its answer is lost: a query of the exact order proves it');
  exchange.script(faults.reset({ executed: true }), { method: 'DELETE' });
  await demo.cancel(exchange.place(), '200 canceled', 'CANCELLED');

  demo.scene('503 "Unknown error" while the order is still open: the cancel is sent again');
  exchange.script(faults.unknown503(), { method: 'DELETE' });
  await demo.cancel(exchange.place(), '200 canceled', 'CANCELLED');

  demo.scene('The key is rotated, and no cancel fails');
  const { exchangeKey, secret } = freshHmacKey();
  secrets.put(SECRET_ID, secret);
  exchange.setKeys([exchangeKey, deskKey]);
  await demo.cancel(exchange.place(), '200 canceled', 'CANCELLED');
}

async function throttle(demo: Demo): Promise<void> {
  const { exchange } = demo.stack;
  demo.scene('The exchange throttles (429): the request is kept as a dead letter');
  const order = exchange.place();
  exchange.script(faults.tooMany(1), { method: 'DELETE' });
  await demo.cancel(order, '429 throttled', 'ACCEPTED');

  demo.scene('Until Retry-After has passed, no call is sent');
  const callsBefore = exchange.calls.length;
  await demo.cancel(order, '429 throttled', 'ACCEPTED');
  demo.check('calls made to the exchange', exchange.calls.length - callsBefore, 0);

  demo.scene('After Retry-After a cancel works again');
  await sleep(1050);
  await demo.cancel(order, '200 canceled', 'CANCELLED');
}
