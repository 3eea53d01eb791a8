import { messageOf } from '../../tools/terminal.ts';
import { type EventSourceOptions, startEventSource } from '../event-source.ts';
import { startLambdaProcess } from '../lambda-process.ts';
import type { LocalStack } from '../stack.ts';
import type { OutcomeLog } from './outcome-log.ts';

/** The timeout of the deployed queue function. */
const TIMEOUT_MS = 20_000;

/**
 * Delivers one queue to the built queue handler, in a process of its own: a kill never waits behind
 * cancels.
 */
export async function deliverQueue(
  queue: Pick<EventSourceOptions, 'queueUrl' | 'batchSize'>,
  { env }: LocalStack,
  log: OutcomeLog,
): Promise<AsyncDisposable> {
  const lambda = await startLambdaProcess({
    bundle: new URL('../../dist/handlers/queue.mjs', import.meta.url),
    env,
    timeoutMs: TIMEOUT_MS,
    functionName: 'queue',
    onOutput: log.reader(),
  });
  let stopping = false;
  const report = (error: unknown) => {
    if (!stopping) console.error(`the queue function failed: ${messageOf(error)}`);
  };
  const source = await startEventSource({
    ...queue,
    invoke: (event) => lambda.invoke(event),
    onReturned: (_record, error) => {
      if (error !== undefined) report(error);
    },
    onError: report,
  });
  return {
    [Symbol.asyncDispose]: async () => {
      stopping = true;
      await source.stop();
      await lambda.stop();
    },
  };
}
