import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Print } from '../../tools/terminal.ts';
import { startLocalStack } from '../stack.ts';
import type { Desk } from './command.ts';
import { commandsOf } from './commands.ts';
import { type Run, startControl } from './control.ts';
import { startGateway } from './gateway.ts';
import { OutcomeLog } from './outcome-log.ts';
import { deliverQueue } from './queue-delivery.ts';

export interface Ports {
  readonly port: number;
  readonly 'queue-port': number;
  readonly 'desk-port': number;
}

/** The whole service on this machine. */
export interface LocalService extends Desk, AsyncDisposable {
  /** Executes a command that is typed here, where each outcome is printed anyway. */
  readonly run: Run;
  readonly logPath: string;
  /** Resolves with the exit code when the HTTP API ends. */
  readonly ended: Promise<number>;
}

/**
 * Starts the service from its built handlers. Resolves when every door is open.
 *
 * @param print receives a line for each outcome
 * @param signal ends a start
 */
export async function startService(ports: Ports, print: Print, signal?: AbortSignal): Promise<LocalService> {
  await using parts = new AsyncDisposableStack();
  const queues = { port: ports['queue-port'] };
  const stack = parts.adopt(await startLocalStack({ queues }), (started) => started.stop());
  const logPath = join(await mkdtemp(join(tmpdir(), 'cancel-desk-')), 'log.jsonl');
  const log = new OutcomeLog(logPath, print);
  parts.use(await deliverQueue({ queueUrl: stack.queues.cancelQueueUrl }, stack, log));
  parts.use(await deliverQueue({ queueUrl: stack.queues.killQueueUrl, batchSize: 1 }, stack, log));
  const { url, ended } = parts.use(await startGateway(ports.port, stack.env, log.reader(), signal));
  const desk = { stack, url, log };
  parts.use(await startControl(ports['desk-port'], commandsOf(desk)));
  const follow = (requestId: string) => log.follow(requestId, () => undefined);
  const run = commandsOf({ ...desk, log: { follow } });
  const started = parts.move();
  return { ...desk, run, logPath, ended, [Symbol.asyncDispose]: () => started.disposeAsync() };
}
