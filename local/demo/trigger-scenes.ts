import type { DrillResult } from '../../lib/outcome.ts';
import { deadLetters } from '../../tools/dead-letters.ts';
import { paint } from '../../tools/terminal.ts';
import { lambdaContext, loadHandler } from '../lambda.ts';
import { send } from '../send.ts';
import type { LocalStack } from '../stack.ts';
import { deliver, loadQueue } from './delivery.ts';
import type { Report } from './report.ts';

/** The listed option that expires last. */
const LAST = 'ETH-261225-4000-P';

/** Shows a timed cancel by EventBridge Scheduler, where the event is the request. */
export async function timer({ exchange, env }: LocalStack, report: Report): Promise<void> {
  report.scene('A timed cancel (EventBridge Scheduler)');
  const { symbol, orderId } = exchange.place();
  const bundle = new URL('../../dist/handlers/schedule.mjs', import.meta.url);
  const handler = await loadHandler<unknown, unknown>(bundle, env);
  const context = lambdaContext({ functionName: 'schedule', timeoutMs: 20_000 });
  const event = { symbol, orderId };
  report.line('event', paint('cyan', JSON.stringify(event)));
  const result = JSON.stringify(await handler(event, context));
  report.check('result', result, `{"outcome":"canceled","orderId":"${orderId}","status":"CANCELLED"}`);
  report.check('order', exchange.order(orderId)?.status, 'CANCELLED');
}

/** Shows that a drill of each function proves the way to the exchange and touches no order. */
export async function drills(stack: LocalStack, report: Report): Promise<void> {
  const { exchange, queues, env } = stack;
  report.scene('A drill of each function proves secret, clock, address and key, and touches no order');
  const { orderId } = exchange.place();
  const message = JSON.stringify({ drill: true });
  report.line('event', paint('cyan', message));
  for (const functionName of ['api', 'schedule', 'preflight']) {
    const bundle = new URL(`../../dist/handlers/${functionName}.mjs`, import.meta.url);
    const handler = await loadHandler<unknown, DrillResult>(bundle, env);
    const result = await handler({ drill: true }, lambdaContext({ functionName, timeoutMs: 20_000 }));
    report.check(functionName, result.detail, `accepted: the exchange looked for order 1 of ${LAST}`);
  }
  await send([message], env, (id) => report.line('message', id));
  await deliver(queues.cancelQueueUrl, await loadQueue(stack), 1);
  const query = exchange.calls.at(-1)?.rawQuery ?? '';
  report.check('queue', query.slice(0, query.indexOf('&recvWindow')), `symbol=${LAST}&orderId=1`);
  report.check('order', exchange.order(orderId)?.status, 'ACCEPTED');
}

/** Shows the cancel queue, dead letters, and how they are moved back. */
export async function cancelQueue(stack: LocalStack, report: Report): Promise<void> {
  const { exchange, queues, env } = stack;
  const show = (text: string) => {
    for (const line of text.split('\n')) report.line('', line);
  };
  const invoke = await loadQueue(stack);

  report.scene('Two messages on the queue (SQS): one cancels, the other is malformed');
  const { symbol, orderId } = exchange.place();
  const messages = [
    `{"symbol":"${symbol}","orderId":${orderId}}`,
    '{"symbol":"BTC-200730-9000-C","orderID":"1"}',
  ];
  for (const message of messages) {
    report.line('send', paint('cyan', message));
    await send(['--raw', message], env, (id) => report.line('message', id));
  }
  await deliver(queues.cancelQueueUrl, invoke, messages.length);
  report.check('order', exchange.order(orderId)?.status, 'CANCELLED');

  report.scene('Dead letters: each says why its cancel was not settled');
  const url = ['--queue-url', queues.deadLetterQueueUrl];
  await deadLetters(url, env, show);

  report.scene('A redrive: the throttled requests run again');
  await deadLetters([...url, '--redrive', '--to', queues.cancelQueueUrl, '--yes'], env, show);
  const settled = await deliver(queues.cancelQueueUrl, invoke, 3);
  report.check('messages settled', settled, 3);
  const left: string[] = [];
  await deadLetters([...url, '--json'], env, (line) => left.push(line));
  report.check('dead letters left: the malformed message', left.length, 1);
}
