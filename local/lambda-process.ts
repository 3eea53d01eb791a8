import { ExecutionEnvironment, InvocationError } from './lambda-environment.ts';

export { InvocationError, type InvocationFailure } from './lambda-environment.ts';

/** A function that runs in a process of its own. */
export interface LambdaProcessOptions {
  /** The module that exports `handler`, as a file URL. */
  readonly bundle: string | URL;
  /** All the variables the process has, besides PATH. */
  readonly env: Readonly<Record<string, string>>;
  /** The time one invocation has; past it the process is killed. */
  readonly timeoutMs: number;
  /** Default `local`. */
  readonly functionName?: string;
  /** Gets all that the function writes to stdout and stderr; default: dropped. */
  readonly onOutput?: (text: string) => void;
}

/** The function, with at most one execution environment at a time. */
export interface LambdaProcess {
  /**
   * Runs the handler with the event as JSON has it; invocations take turns. After the process has died, the next
   * invocation starts a fresh one. Rejects with an InvocationError when the handler throws, or the process dies or
   * times out; with an Error once the function is stopped.
   */
  invoke(event: unknown): Promise<unknown>;
  /** Ends the process with SIGKILL, at once. */
  kill(): void;
  /** Whether there is a process to invoke or to kill. */
  readonly alive: boolean;
  /** The last 64 Ki characters that the function wrote, all its processes together. */
  readonly output: string;
  /** Waits for the invocation in hand, then ends the process. Those that wait for their turn are refused. */
  stop(): Promise<void>;
}

const KEPT_OUTPUT = 64 * 1024;

/**
 * Runs a handler as Lambda does, in a process that can be killed at any moment. Resolves when the handler is loaded;
 * loading has no time limit, and the process is not frozen between invocations.
 *
 * @throws InvocationError when the module cannot be loaded; its message ends with what the process wrote
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
