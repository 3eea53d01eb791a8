/**
 * One execution environment, kept: loads the bundle named by the first argument; each message is a list of events, invoked
 * one after the other; the answer has how long each took, in ms, what was answered, and the peak memory in bytes.
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
