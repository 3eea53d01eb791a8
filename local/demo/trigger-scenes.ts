import type { DrillResult } from '../../lib/outcome.ts';
import { deadLetters } from '../../tools/dead-letters.ts';
import { paint } from '../../tools/terminal.ts';
import type { Demo } from './demo.ts';

/** The scenes of the schedule, of the cancel queue with its dead letters, and of drills. */
export const triggerScenes = [timer, cancelQueue, drills];

async function timer(demo: Demo): Promise<void> {
  demo.scene('A timed cancel (EventBridge Scheduler)');
  const { symbol, orderId } = demo.stack.exchange.place();
  const invoke = await demo.load('schedule');
  demo.line('event', paint('cyan', JSON.stringify({ symbol, orderId })));
  const result = JSON.stringify(await invoke({ symbol, orderId }));
  demo.check('result', result, `{"outcome":"canceled","orderId":"${orderId}","status":"CANCELLED"}`);
  demo.checkOrder(orderId, 'CANCELLED');
}

async function cancelQueue(demo: Demo): Promise<void> {
  const { exchange, queues, env } = demo.stack;
  demo.scene('Two messages on the queue (SQS): one cancels, the other is malformed');
  const { symbol, orderId } = exchange.place();
  await demo.send(`{"symbol":"${symbol}","orderId":${orderId}}`);
  await demo.send('{"symbol":"BTC-200730-9000-C","orderID":"1"}', '--raw');
  await demo.deliver(queues.cancelQueueUrl, 2);
  demo.checkOrder(orderId, 'CANCELLED');

  demo.scene('Dead letters: each says why its cancel was not settled');
  const show = (line: string) => demo.line('', line);
  const from = ['--queue-url', queues.deadLetterQueueUrl];
  await deadLetters(from, env, show);

  demo.scene('A redrive: the throttled requests run again');
  await deadLetters([...from, '--redrive', '--to', queues.cancelQueueUrl, '--yes'], env, show);
  await demo.deliver(queues.cancelQueueUrl, 3);
  const left: string[] = [];
  await deadLetters([...from, '--json'], env, (line) => left.push(line));
  demo.check('dead letters left: the malformed message', left.length, 1);
}

async function drills(demo: Demo): Promise<void> {
  const { exchange, queues } = demo.stack;
  demo.scene('A drill of each function proves secret, clock, address and key, and touches no order');
  const { orderId } = exchange.place();
  const last = 'ETH-261225-4000-P'; // the listed option that expires last
  for (const functionName of ['api', 'schedule', 'preflight']) {
    const invoke = await demo.load<DrillResult>(functionName);
    const { detail } = await invoke({ drill: true });
    demo.check(functionName, detail, `accepted: the exchange looked for order 1 of ${last}`);
  }
  await demo.send('{"drill":true}');
  await demo.deliver(queues.cancelQueueUrl, 1);
  const query = exchange.calls.at(-1)?.rawQuery ?? '';
  demo.check('queue', query.slice(0, query.indexOf('&recvWindow')), `symbol=${last}&orderId=1`);
  demo.checkOrder(orderId, 'ACCEPTED');
}
