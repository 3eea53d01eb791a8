import type { SQSEvent } from 'aws-lambda';
import { startEventSource } from '../event-source.ts';
import { lambdaContext, loadHandler } from '../lambda.ts';
import type { LocalStack } from '../stack.ts';

/** Loads the built queue handler as a new execution environment. */
export async function loadQueue({ env }: LocalStack): Promise<(event: SQSEvent) => Promise<unknown>> {
  const bundle = new URL('../../dist/handlers/queue.mjs', import.meta.url);
  const handler = await loadHandler<SQSEvent, unknown>(bundle, env);
  return (event) => handler(event, lambdaContext({ functionName: 'queue', timeoutMs: 20_000 }));
}

/**
 * Delivers a queue until `count` messages have left it. Returns the number that did within 15 s.
 */
export async function deliver(
  queueUrl: string,
  invoke: (event: SQSEvent) => Promise<unknown>,
  count: number,
): Promise<number> {
  let settled = 0;
  const { promise, resolve } = Promise.withResolvers<void>();
  const source = await startEventSource({
    queueUrl,
    invoke,
    onSettled: () => {
      settled += 1;
      if (settled === count) resolve();
    },
  });
  const deadline = setTimeout(resolve, 15_000);
  await promise;
  clearTimeout(deadline);
  await source.stop();
  return settled;
}
