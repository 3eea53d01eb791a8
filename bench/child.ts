import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { defaultKey } from '../local/keys.ts';

/** The variables that Lambda sets and that an SDK or a logger reads. */
const LAMBDA = {
  AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '1769',
  AWS_LAMBDA_FUNCTION_NAME: 'bench',
  AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
  AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
  AWS_LAMBDA_LOG_FORMAT: 'JSON',
  AWS_SESSION_TOKEN: 'local',
} as const;

/** Returns the environment of a contender, which may keep its key there. It inherits nothing. */
export const environment = (surroundings: Readonly<Record<string, string>>) => ({
  ...LAMBDA,
  BINANCE_WEIGHT_LIMIT: '1000000',
  BENCH_API_KEY: defaultKey.apiKey,
  BENCH_API_SECRET: defaultKey.apiSecret,
  ...surroundings,
});

/**
 * A process that writes each report as a line of JSON to file descriptor 3, and takes requests as
 * lines of its input. A pipe takes its log, as in Lambda.
 */
export class Child {
  readonly #process: ChildProcess;
  readonly #reports: AsyncIterator<string>;
  readonly #closed: Promise<unknown>;
  #errors = '';

  /** @param args the module to run, by its absolute path, and its arguments */
  constructor(args: readonly string[], env: Readonly<Record<string, string>>) {
    this.#process = spawn(process.execPath, args, { env, stdio: ['pipe', 'pipe', 'pipe', 'pipe'] });
    this.#closed = once(this.#process, 'close');
    this.#process.stdout?.resume();
    this.#process.stdin?.on('error', () => undefined); // the process has ended, which `next` reports
    this.#process.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#errors = (this.#errors + text).slice(-2000);
    });
    this.#reports = createInterface({ input: readable(this.#process.stdio[3]) })[Symbol.asyncIterator]();
  }

  /** Resolves with the next report. @throws Error with the process's stderr when it ends before */
  async next(): Promise<unknown> {
    const { value, done } = await this.#reports.next();
    if (!done) return JSON.parse(value);
    await this.#closed;
    throw new Error(`a measured process ended with ${this.#process.exitCode}:\n${this.#errors}`);
  }

  /** Sends a request and resolves with the next report. */
  ask(request: unknown): Promise<unknown> {
    this.#process.stdin?.write(`${JSON.stringify(request)}\n`);
    return this.next();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill();
    await this.#closed;
  }
}

function readable(stream: ChildProcess['stdio'][3]): Readable {
  if (stream === null || stream === undefined || !('setEncoding' in stream)) throw new Error('no pipe');
  return stream;
}
