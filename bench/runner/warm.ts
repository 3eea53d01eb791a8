/**
 * Keeps one execution environment. Loads the bundle named by the first argument. Each message is a
 * list of events, and the handler receives them in sequence. The reply holds the duration of each
 * invocation in ms, the answers, and the peak memory in bytes.
 */
import { context, loadHandler } from './handler.ts';
import { peakMemory } from './memory.ts';

const handler = await loadHandler(process.argv[2] ?? '');

process.on('message', async (events: unknown[]) => {
  const ms: number[] = [];
  const answers: unknown[] = [];
  for (const event of events) {
    const startedAt = performance.now();
    const answer = await handler(event, context());
    ms.push(performance.now() - startedAt);
    answers.push(answer);
  }
  process.send?.({ ms, answers, peakBytes: peakMemory() });
});
process.on('disconnect', () => process.exit());
process.send?.('loaded');
