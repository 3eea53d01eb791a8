import type { SQSRecord } from 'aws-lambda';
import { type EventSource, type EventSourceOptions, startEventSource } from '../event-source.ts';
import { startLambdaProcess } from '../lambda-process.ts';
import type { LocalStack } from '../stack.ts';
import { paint, printable } from '../terminal.ts';

/** The timeout of the deployed queue function. */
const TIMEOUT_MS = 20_000;

/**
 * Delivers the local queues to the built queue handler, and prints the result of each message. Each
 * queue has a process of its own, so that a kill never waits behind cancels.
 */
export async function startQueueDelivery({ queues, env }: LocalStack): Promise<EventSource> {
  const deliveries = await Promise.all([
    deliver({ queueUrl: queues.cancelQueueUrl }, env),
    deliver({ queueUrl: queues.killQueueUrl, batchSize: 1 }, env),
  ]);
  return {
    stop: async () => {
      await Promise.all(deliveries.map((delivery) => delivery.stop()));
    },
  };
}

/** Starts a process, and the delivery of one queue to it. */
async function deliver(
  queue: Pick<EventSourceOptions, 'queueUrl' | 'batchSize'>,
  env: LocalStack['env'],
): Promise<EventSource> {
  const lambda = await startLambdaProcess({
    bundle: new URL('../../dist/handlers/queue.mjs', import.meta.url),
    env,
    timeoutMs: TIMEOUT_MS,
    functionName: 'queue',
    onOutput: (text) => process.stdout.write(text),
  });
  const source = await startEventSource({
    ...queue,
    invoke: (event) => lambda.invoke(event),
    onSettled: (record) => show(paint('green', 'left the queue'), record),
    onReturned: (record) => show(paint('yellow', 'back to the queue'), record),
    onError: (error) => console.error(error),
  });
  return {
    stop: async () => {
      await source.stop();
      await lambda.stop();
    },
  };
}

function show(result: string, { messageId, body, attributes }: SQSRecord): void {
  console.log(`${result} (receive ${attributes.ApproximateReceiveCount}) ${messageId} ${printable(body)}`);
}
