import {
  type ExecutionEnvironment,
  invokeIn,
  type LambdaProcessOptions,
  startEnvironment,
} from './lambda-environment.ts';

const KEPT_OUTPUT = 64 * 1024;

/**
 * Runs a handler as Lambda does, in a process that can be killed at any moment. Resolves when the
 * handler is loaded. Unlike Lambda, it does not limit the time to load, and does not freeze the
 * process between invocations.
 *
 * @throws Error with the process's output when the module cannot be loaded
 */
export async function startLambdaProcess(options: LambdaProcessOptions): Promise<LambdaProcess> {
  const lambda = new LambdaProcess(options);
  await lambda.load();
  return lambda;
}

/** A function with at most one execution environment at a time. */
export class LambdaProcess {
  /** The last 64 Ki characters of output, from all its processes. */
  output = '';
  readonly #options: LambdaProcessOptions;
  #environment: ExecutionEnvironment;
  #stopped = false;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: LambdaProcessOptions) {
    this.#options = options;
    this.#environment = this.#start();
  }

  /** True while there is a process. */
  get alive(): boolean {
    const { child } = this.#environment;
    return child.connected && !child.killed;
  }

  async load(): Promise<void> {
    try {
      await this.#environment.loaded;
    } catch (cause) {
      throw new Error(`${this.#options.bundle} does not load:\n${this.output}`, { cause });
    }
  }

  /**
   * Runs the handler with a copy of the event as JSON. Invocations run one after the other. After
   * the process has died, the next invocation starts a new one.
   *
   * @throws Error when the handler throws, the process dies or times out, or the function is stopped
   */
  invoke(event: unknown): Promise<unknown> {
    const invocation = this.#turn.then(() => this.#invokeNow(event));
    this.#turn = invocation.catch(() => undefined);
    return invocation;
  }

  /** Ends the process with SIGKILL. */
  kill(): void {
    this.#environment.child.kill('SIGKILL');
  }

  /**
   * Waits for the running invocation, then ends the process. Invocations that have not begun are
   * rejected.
   */
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
    return invokeIn(this.#environment, event, this.#options.timeoutMs);
  }

  #start(): ExecutionEnvironment {
    return startEnvironment(this.#options, (text) => {
      this.output = (this.output + text).slice(-KEPT_OUTPUT);
      this.#options.onOutput?.(text);
    });
  }
}
