import { ExecutionEnvironment, InvocationError } from './lambda-environment.ts';

export { InvocationError, type InvocationFailure } from './lambda-environment.ts';

export interface LambdaProcessOptions {
  /** The module that exports `handler`, as a file URL. */
  readonly bundle: string | URL;
  /** All environment variables of the process except PATH. */
  readonly env: Readonly<Record<string, string>>;
  /** Milliseconds for one invocation, after which the process is killed. */
  readonly timeoutMs: number;
  /** Default `local`. */
  readonly functionName?: string;
  /** Receives the function's output, both stdout and stderr. */
  readonly onOutput?: (text: string) => void;
}

/** A function with at most one execution environment at a time. */
export interface LambdaProcess {
  /**
   * Runs the handler with a copy of the event as JSON. Invocations run one after the other. After
   * the process has died, the next invocation starts a new one. Rejects with an InvocationError
   * when the handler throws or the process dies or times out; with an Error when the function is
   * stopped.
   */
  invoke(event: unknown): Promise<unknown>;
  /** Ends the process with SIGKILL. */
  kill(): void;
  /** True while there is a process. */
  readonly alive: boolean;
  /** The last 64 Ki characters of output, from all its processes. */
  readonly output: string;
  /**
   * Waits for the running invocation, then ends the process. Invocations that have not begun are
   * rejected.
   */
  stop(): Promise<void>;
}

const KEPT_OUTPUT = 64 * 1024;

/**
 * Runs a handler as Lambda does, in a process that can be killed at any moment. Resolves when the
 * handler is loaded. Unlike Lambda, it does not limit the time to load, and does not freeze the
 * process between invocations.
 *
 * @throws InvocationError when the module cannot be loaded; its message ends with the process's
 * output
 */
export async function startLambdaProcess(options: LambdaProcessOptions): Promise<LambdaProcess> {
  const lambda = new RestartingProcess(options);
  await lambda.load();
  return lambda;
}

class RestartingProcess implements LambdaProcess {
  readonly #options: LambdaProcessOptions;
  #environment: ExecutionEnvironment;
  #output = '';
  #stopped = false;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: LambdaProcessOptions) {
    this.#options = options;
    this.#environment = this.#start();
  }

  get alive(): boolean {
    return this.#environment.alive;
  }

  get output(): string {
    return this.#output;
  }

  async load(): Promise<void> {
    try {
      await this.#environment.loaded;
    } catch (error) {
      await this.#environment.ended;
      throw new InvocationError('died', `${this.#options.bundle} does not load:\n${this.#output}`, {
        cause: error,
      });
    }
  }

  invoke(event: unknown): Promise<unknown> {
    const invocation = this.#turn.then(() => this.#invokeNow(event));
    this.#turn = invocation.catch(() => undefined);
    return invocation;
  }

  kill(): void {
    this.#environment.kill();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#turn;
    this.kill();
    await this.#environment.ended;
  }

  async #invokeNow(event: unknown): Promise<unknown> {
    if (this.#stopped) throw new Error('the function is stopped');
    if (!this.alive) {
      await this.#environment.ended;
      this.#environment = this.#start();
    }
    return this.#environment.invoke(event, this.#options.timeoutMs);
  }

  #start(): ExecutionEnvironment {
    const { bundle, env, functionName = 'local' } = this.#options;
    const onOutput = (text: string) => {
      this.#output = (this.#output + text).slice(-KEPT_OUTPUT);
      this.#options.onOutput?.(text);
    };
    return new ExecutionEnvironment({ bundle, env, functionName, onOutput });
  }
}
