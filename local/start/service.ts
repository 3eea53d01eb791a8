import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageOf, type Print } from '../../tools/terminal.ts';
import { type EventSourceOptions, startEventSource } from '../event-source.ts';
import { startLambdaProcess } from '../lambda-process.ts';
import { startLocalStack } from '../stack.ts';
import type { Desk } from './api-commands.ts';
import { startControl } from './control.ts';
import { startGateway } from './gateway.ts';
import { OutcomeLog } from './outcome-log.ts';

/** The ports of the service, by the option of `npm start`. */
export type Ports = Readonly<Record<'port' | 'queue-port' | 'desk-port', number>>;

/** The whole service on this machine. */
export interface LocalService extends Desk, AsyncDisposable {
  readonly logPath: string;
  /** Resolves with the exit code when the HTTP API ends. */
  readonly ended: Promise<number>;
}

/**
 * Starts the service from its built handlers. Resolves when every door is open.
 *
 * @param print receives a line for each outcome
 * @param signal ends a start, and says that the service is to stop
 */
export async function startService(ports: Ports, print: Print, signal: AbortSignal): Promise<LocalService> {
  await using parts = new AsyncDisposableStack();
  const stack = await startLocalStack({ queues: { port: ports['queue-port'] } });
  parts.defer(() => stack.stop());
  const logPath = join(await mkdtemp(join(tmpdir(), 'cancel-desk-')), 'log.jsonl');
  const log = new OutcomeLog(logPath, print);
  /** Delivers to a process for each queue: a kill never waits behind cancels. */
  const deliver = async (queue: Pick<EventSourceOptions, 'queueUrl' | 'batchSize'>) => {
    const bundle = new URL('../../dist/handlers/queue.mjs', import.meta.url);
    const options = { bundle, env: stack.env, timeoutMs: 20_000, functionName: 'queue' };
    const lambda = await startLambdaProcess({ ...options, onOutput: log.reader() });
    parts.defer(() => lambda.stop());
    const onError = (error: unknown) => {
      if (!signal.aborted) console.error(`the queue function failed: ${messageOf(error)}`);
    };
    const invoke: EventSourceOptions['invoke'] = async (event) => {
      return lambda.invoke(event).catch((error) => {
        onError(error);
        throw error;
      });
    };
    const source = await startEventSource({ ...queue, invoke, onError });
    parts.defer(() => source.stop());
  };
  await deliver({ queueUrl: stack.queues.cancelQueueUrl });
  await deliver({ queueUrl: stack.queues.killQueueUrl, batchSize: 1 });
  const { url, ended } = parts.use(await startGateway(ports.port, stack.env, log.reader(), signal));
  const desk: Desk = { stack, url, follow: (requestId, print) => log.follow(requestId, print) };
  parts.use(await startControl(ports['desk-port'], desk));
  const started = parts.move();
  return { ...desk, logPath, ended, [Symbol.asyncDispose]: () => started.disposeAsync() };
}
