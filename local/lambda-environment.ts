import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import { type Invocation, type Report, report } from './lambda-messages.ts';

/** How an invocation failed: the handler threw, its time ran out, or its process died. */
export type InvocationFailure = 'threw' | 'timed out' | 'died';

/** An invocation that ended without an answer. A handler's own error is in the message, its stack in `cause`. */
export class InvocationError extends Error {
  override readonly name = 'InvocationError';
  readonly reason: InvocationFailure;

  constructor(reason: InvocationFailure, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

/** What an execution environment runs, and with which variables. */
export interface EnvironmentOptions {
  /** The module that exports `handler`, as a file URL. */
  readonly bundle: string | URL;
  /** All the variables it has, besides PATH: nothing else of this process's environment is passed on. */
  readonly env: Readonly<Record<string, string>>;
  readonly functionName: string;
  /** Gets what the environment writes to stdout and stderr. */
  readonly onOutput: (text: string) => void;
}

const CHILD = fileURLToPath(new URL('./lambda-child.ts', import.meta.url));

/** One execution environment: a process that has loaded the handler, or is loading it. It is never restarted. */
export class ExecutionEnvironment {
  /** Resolves when the handler is loaded; rejects with an InvocationError when the process dies before. */
  readonly loaded: Promise<void>;
  /** Resolves when the process has ended and all its output has been passed on. */
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

  /** False from the moment the process is told to end, or has ended. */
  get alive(): boolean {
    return this.#child.connected && !this.#child.killed;
  }

  /** Ends the process at once, whatever it is doing. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }

  /** Runs the handler, one event at a time. Past `timeoutMs` the process is killed. @throws InvocationError */
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

/** A message that cannot be sent needs no answer here: the process is dying, and its end is what is reported. */
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
