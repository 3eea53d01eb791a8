import type { SQSEvent } from 'aws-lambda';
import { startEventSource } from '../event-source.ts';

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
