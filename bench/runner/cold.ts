/**
 * Measures a cold start. Loads the bundle named by the first argument, invokes it once with the
 * event in the second, and writes the answer as one line to file descriptor 3. The parent process
 * takes the time.
 */
import { writeSync } from 'node:fs';
import { context, loadHandler } from './handler.ts';
import { peakMemory } from './memory.ts';

const [bundle = '', event = ''] = process.argv.slice(2);

const handler = await loadHandler(bundle);
const answer = await handler(JSON.parse(event), context());
writeSync(3, `${JSON.stringify({ answer, peakBytes: peakMemory() })}\n`);
process.exit();
