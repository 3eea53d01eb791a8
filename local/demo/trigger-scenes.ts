import type { SQSEvent } from 'aws-lambda';
import { deadLetters } from '../dead-letters.ts';
import { startEventSource } from '../event-source.ts';
import { lambdaContext, loadHandler } from '../lambda.ts';
import { send } from '../send.ts';
import type { LocalStack } from '../stack.ts';
import { paint, type Report } from './report.ts';

const bundle = (name: string) => new URL(`../../dist/handlers/${name}.mjs`, import.meta.url);
const context = (functionName: string) => lambdaContext({ functionName, timeoutMs: 20_000 });

/** EventBridge Scheduler: the event is the request. */
export async function timer({ exchange, env }: LocalStack, report: Report): Promise<void> {
  report.scene('A timed cancel (EventBridge Scheduler)');
  const { symbol, orderId } = exchange.place();
  const handler = await loadHandler<unknown, unknown>(bundle('schedule'), env);
  const event = { symbol, orderId };
  report.line('event', paint('cyan', JSON.stringify(event)));
  const result = JSON.stringify(await handler(event, context('schedule')));
  report.check('result', result, `{"outcome":"canceled","orderId":"${orderId}","status":"CANCELLED"}`);
  report.check('order', exchange.order(orderId)?.status, 'CANCELLED');
}

/** The kill switch's queue, what cannot be settled, and how it is run again. */
export async function killSwitch(stack: LocalStack, report: Report): Promise<void> {
  const { exchange, queues, env } = stack;
  const show = (text: string) => {
    for (const line of text.split('\n')) report.line('', line);
  };
  const handler = await loadHandler<SQSEvent, unknown>(bundle('queue'), env);

  report.scene('The kill switch (SQS): one message cancels, another cannot be read');
  const { symbol, orderId } = exchange.place();
  const messages = [
    `{"symbol":"${symbol}","orderId":${orderId}}`,
    '{"symbol":"BTC-200730-9000-C","orderID":"1"}',
  ];
  for (const message of messages) {
    report.line('send', paint('cyan', message));
    await send([message], env, (id) => report.line('message', id));
  }
  await deliver(stack, handler, messages.length);
  report.check('order', exchange.order(orderId)?.status, 'CANCELLED');

  report.scene('What could not be settled waits in the dead-letter queue, and says why');
  const url = ['--queue-url', queues.deadLetterQueueUrl];
  await deadLetters(url, env, show);

  report.scene('Moved back to the queue, the throttled requests run again');
  await deadLetters([...url, '--redrive', '--to', queues.cancelQueueUrl], env, show);
  const settled = await deliver(stack, handler, 3);
  report.check('messages settled', settled, 3);
  const left: string[] = [];
  await deadLetters([...url, '--json'], env, (line) => left.push(line));
  report.check('dead letters left, the one that cannot be read', left.length, 1);
}

/** Delivers until `count` messages have left the queue. @returns how many did */
async function deliver(
  { queues }: LocalStack,
  handler: (event: SQSEvent, c: ReturnType<typeof context>) => Promise<unknown>,
  count: number,
) {
  let settled = 0;
  const { promise, resolve } = Promise.withResolvers<void>();
  const source = await startEventSource({
    queueUrl: queues.cancelQueueUrl,
    invoke: (event) => handler(event, context('queue')),
    onSettled: () => {
      settled += 1;
      if (settled === count) resolve();
    },
  });
  const deadline = setTimeout(resolve, 5000);
  await promise;
  clearTimeout(deadline);
  await source.stop();
  return settled;
}
