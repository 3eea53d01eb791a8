import type { SQSRecord } from 'aws-lambda';
import { type EventSource, startEventSource } from '../event-source.ts';
import { startLambdaProcess } from '../lambda-process.ts';
import type { LocalStack } from '../stack.ts';
import { paint, printable } from '../terminal.ts';

/** The timeout of the deployed queue function. */
const TIMEOUT_MS = 20_000;

/**
 * Delivers the local cancel queue to the built queue handler, and prints the result of each
 * message.
 */
export async function startQueueDelivery({ queues, env }: LocalStack): Promise<EventSource> {
  const lambda = await startLambdaProcess({
    bundle: new URL('../../dist/handlers/queue.mjs', import.meta.url),
    env,
    timeoutMs: TIMEOUT_MS,
    functionName: 'queue',
    onOutput: (text) => process.stdout.write(text),
  });
  const source = await startEventSource({
    queueUrl: queues.cancelQueueUrl,
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
