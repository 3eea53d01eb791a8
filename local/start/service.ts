import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageOf, type Print } from '../../tools/terminal.ts';
import { type EventSourceOptions, startEventSource } from '../event-source.ts';
import { startLambdaProcess } from '../lambda-process.ts';
import { type LocalStack, startLocalStack } from '../stack.ts';
import type { Desk } from './api-commands.ts';
import { startControl } from './control.ts';
import { startGateway } from './gateway.ts';
import { OutcomeLog } from './outcome-log.ts';

/** The ports of the service, by the option of `npm start`. */
export type Ports = Readonly<Record<'port' | 'queue-port' | 'desk-port', number>>;

/**
 * Starts the whole service on this machine, from its built handlers. Resolves when every door is
 * open. `ended` resolves with the exit code when the HTTP API ends.
 *
 * @param print receives a line for each outcome
 * @param signal ends a start, and says that the service is to stop
 */
export async function startService(ports: Ports, print: Print, signal: AbortSignal) {
  await using parts = new AsyncDisposableStack();
  const stack = await startLocalStack({ queues: { port: ports['queue-port'] } });
  parts.defer(() => stack.stop());
  const logPath = join(await mkdtemp(join(tmpdir(), 'cancel-desk-')), 'log.jsonl');
  const log = new OutcomeLog(logPath, print);
  const onError = (error: unknown) => {
    if (!signal.aborted) console.error(`the queue function failed: ${messageOf(error)}`);
  };
  const { cancelQueueUrl, killQueueUrl } = stack.queues;
  await deliver({ queueUrl: cancelQueueUrl, onError }, stack.env, log.reader(), parts);
  await deliver({ queueUrl: killQueueUrl, onError, batchSize: 1 }, stack.env, log.reader(), parts);
  const { url, ended } = parts.use(await startGateway(ports.port, stack.env, log.reader(), signal));
  const desk: Desk = { stack, url, follow: (requestId, print) => log.follow(requestId, print) };
  const control = parts.use(await startControl(ports['desk-port'], desk));
  parts.defer(() => control.closeAllConnections());
  const started = parts.move();
  return { desk, logPath, ended, [Symbol.asyncDispose]: () => started.disposeAsync() };
}

/** Delivers a queue to its own process, until `parts` ends: a kill never waits behind cancels. */
async function deliver(
  queue: Omit<EventSourceOptions, 'invoke'>,
  env: LocalStack['env'],
  onOutput: (text: string) => void,
  parts: AsyncDisposableStack,
): Promise<void> {
  const bundle = new URL('../../dist/handlers/queue.mjs', import.meta.url);
  const options = { bundle, env, timeoutMs: 20_000, functionName: 'queue', onOutput };
  const lambda = await startLambdaProcess(options);
  parts.defer(() => lambda.stop());
  const source = await startEventSource({ ...queue, invoke: (event) => lambda.invoke(event) });
  parts.defer(() => source.stop());
}
