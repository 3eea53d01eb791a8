import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';

export interface LambdaProcessOptions {
  /** The module that exports `handler`, as a file URL. */
  readonly bundle: URL;
  /** All environment variables of the process except PATH. */
  readonly env: Readonly<Record<string, string>>;
  /** Milliseconds for one invocation, after which the process is killed. */
  readonly timeoutMs: number;
  /** Default `local`. */
  readonly functionName?: string;
  /** Receives the function's output, both stdout and stderr. */
  readonly onOutput?: (text: string) => void;
}

/** Message to the child: call the handler. `deadline` is in milliseconds since the epoch. */
export const invocation = v.object({ event: v.unknown(), deadline: v.number() });

/** Message from the child: the handler is loaded, or an invocation ended. */
const report = v.object({
  result: v.optional(v.unknown()),
  error: v.optional(v.string()),
  cause: v.optional(v.string()),
});

export type Report = v.InferOutput<typeof report>;

/** One execution environment: a process that loads a handler. It is never restarted. */
export interface ExecutionEnvironment {
  readonly child: ChildProcess;
  /** Resolves when the handler is loaded; rejects when the process ends first. */
  readonly loaded: Promise<unknown>;
  /** Resolves with how the process ended, once all its output has been received. */
  readonly ended: Promise<Error>;
}

const CHILD = fileURLToPath(new URL('./lambda-child.ts', import.meta.url));

/** Starts a process, which inherits no environment variable but PATH. */
export function startEnvironment(
  { bundle, env, functionName = 'local' }: LambdaProcessOptions,
  onOutput: (text: string) => void,
): ExecutionEnvironment {
  const child = fork(CHILD, [bundle.href, functionName], {
    env: { PATH: process.env.PATH, ...env },
    execArgv: [],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', onOutput);
  const ended = once(child, 'close').then(
    ([code, signal]) => new Error(`the process died (${signal ?? `exit code ${code}`})`),
  );
  return { child, loaded: Promise.race([once(child, 'message'), failed(ended)]), ended };
}

async function failed(error: Promise<Error>): Promise<never> {
  throw await error;
}

/** Runs the handler with one event. Kills the process after `timeoutMs`. */
export async function invokeIn(
  { child, loaded, ended }: ExecutionEnvironment,
  event: unknown,
  timeoutMs: number,
): Promise<unknown> {
  await loaded;
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    child.kill('SIGKILL');
    late.reject(new Error(`timed out after ${timeoutMs} ms`));
  }, timeoutMs);
  try {
    const answer = once(child, 'message');
    // Ignores a failure to send: the process is ending, which `ended` reports.
    child.send({ event, deadline: Date.now() + timeoutMs }, () => undefined);
    return resultOf(await Promise.race([answer, failed(ended), late.promise]));
  } finally {
    clearTimeout(timer);
  }
}

function resultOf([message]: unknown[]): unknown {
  const { result, error, cause } = v.parse(report, message);
  if (error !== undefined) throw new Error(error, { cause });
  return result;
}
