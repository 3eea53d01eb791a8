import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import { type Invocation, type Report, report } from './lambda-messages.ts';

/** Why an invocation failed. */
export type InvocationFailure = 'threw' | 'timed out' | 'died';

/**
 * Error thrown when an invocation ends without an answer. It has the handler's error in `message`,
 * its stack in `cause`.
 */
export class InvocationError extends Error {
  override readonly name = 'InvocationError';
  readonly reason: InvocationFailure;

  constructor(reason: InvocationFailure, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

export interface EnvironmentOptions {
  /** The module that exports `handler`, as a file URL. */
  readonly bundle: string | URL;
  /** All of its environment variables except PATH. It inherits no others. */
  readonly env: Readonly<Record<string, string>>;
  readonly functionName: string;
  /** Receives its output, both stdout and stderr. */
  readonly onOutput: (text: string) => void;
}

const CHILD = fileURLToPath(new URL('./lambda-child.ts', import.meta.url));

/** One execution environment: a process that loads a handler. It is never restarted. */
export class ExecutionEnvironment {
  /**
   * Resolves when the handler is loaded; rejects with an InvocationError when the process dies
   * first.
   */
  readonly loaded: Promise<void>;
  /** Resolves when the process has ended and `onOutput` has received all its output. */
  readonly ended: Promise<void>;
  readonly #child: ChildProcess;

  constructor({ bundle, env, functionName, onOutput }: EnvironmentOptions) {
    this.#child = fork(CHILD, [String(bundle), functionName], {
      env: { PATH: process.env.PATH, ...env },
      execArgv: [],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.#child.stdout?.setEncoding('utf8').on('data', onOutput);
    this.#child.stderr?.setEncoding('utf8').on('data', onOutput);
    this.ended = new Promise((resolve) => this.#child.once('close', () => resolve()));
    this.loaded = nextReport(this.#child).then(() => undefined);
  }

  /** False once the process has ended or has been killed. */
  get alive(): boolean {
    return this.#child.connected && !this.#child.killed;
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  /**
   * Runs the handler with one event. Kills the process after `timeoutMs`.
   *
   * @throws InvocationError
   */
  async invoke(event: unknown, timeoutMs: number): Promise<unknown> {
    await this.loaded;
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      this.kill();
    }, timeoutMs);
    try {
      const answer = nextReport(this.#child);
      sendTo(this.#child, { event, deadline: Date.now() + timeoutMs });
      return resultOf(await answer);
    } catch (error) {
      throw timedOut ? new InvocationError('timed out', `timed out after ${timeoutMs} ms`) : error;
    } finally {
      clearTimeout(timer);
    }
  }
}

/** Ignores a failure to send: the process is ending, which `nextReport` reports. */
function sendTo(child: ChildProcess, invocation: Invocation): void {
  child.send(invocation, () => undefined);
}

async function nextReport(child: ChildProcess): Promise<Report> {
  if (child.exitCode !== null || child.signalCode !== null) throw died(child.signalCode ?? child.exitCode);
  const settled = new AbortController();
  const options = { signal: settled.signal };
  const death: Promise<never> = once(child, 'exit', options).then(([exitCode, signal]: unknown[]) => {
    throw died(signal ?? exitCode);
  });
  try {
    const [received]: unknown[] = await Promise.race([once(child, 'message', options), death]);
    return v.parse(report, received);
  } finally {
    settled.abort();
  }
}

function died(how: unknown): InvocationError {
  return new InvocationError(
    'died',
    `the process died (${typeof how === 'number' ? `exit code ${how}` : how})`,
  );
}

function resultOf(ended: Report): unknown {
  if (ended.kind === 'returned') return JSON.parse(ended.json);
  if (ended.kind === 'loaded') throw new Error('the handler was loaded twice');
  const { name, message, stack } = ended.error;
  throw new InvocationError('threw', `${name}: ${message}`, { cause: stack });
}
