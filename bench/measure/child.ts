import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';

export interface ChildOptions {
  /** Absolute path. */
  readonly runner: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Starts a runner and resolves with the line that it writes to file descriptor 3. Reads its logs,
 * as Lambda does, and drops them.
 */
export async function runOnce({ runner, args, env }: ChildOptions): Promise<{ ms: number; line: string }> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, [runner, ...args], {
    env,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  const errors = collect(child.stderr);
  collect(child.stdout);
  const output = child.stdio[3];
  if (output === undefined || output === null || !('setEncoding' in output)) throw new Error('no pipe');
  const closed = once(child, 'close');
  const line = await firstLine(output);
  const ms = performance.now() - startedAt;
  await closed;
  if (line === undefined) throw new Error(`${args[0]} gave no answer:\n${errors().slice(-2000)}`);
  return { ms, line };
}

/** A runner that answers messages until it is stopped. */
export class KeptChild {
  readonly #child: ChildProcess;
  readonly #errors: () => string;

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.#errors = collect(child.stderr);
    collect(child.stdout);
  }

  /** Resolves when the runner is ready. @throws Error when its process ends first */
  static async start({ runner, args, env }: ChildOptions): Promise<KeptChild> {
    const stdio = ['ignore', 'pipe', 'pipe', 'ipc'] as const;
    const child = new KeptChild(spawn(process.execPath, [runner, ...args], { env, stdio: [...stdio] }));
    await child.#next();
    return child;
  }

  /** Sends a message and resolves with its answer. @throws Error when the process ends first */
  async ask(message: object): Promise<unknown> {
    this.#child.send(message);
    return this.#next();
  }

  async stop(): Promise<void> {
    const closed = once(this.#child, 'close');
    this.#child.kill();
    await closed;
  }

  async #next(): Promise<unknown> {
    const over = new AbortController();
    const { signal } = over;
    const ended: Promise<never> = once(this.#child, 'close', { signal }).then(([code]) => {
      throw new Error(`a measured process ended with ${code}:\n${this.#errors().slice(-2000)}`);
    });
    try {
      const [message]: unknown[] = await Promise.race([once(this.#child, 'message', { signal }), ended]);
      return message;
    } finally {
      over.abort();
    }
  }
}

function collect(stream: Readable | null): () => string {
  let text = '';
  stream?.setEncoding('utf8').on('data', (chunk: string) => {
    text = (text + chunk).slice(-10_000);
  });
  return () => text;
}

async function firstLine(stream: Readable): Promise<string | undefined> {
  let text = '';
  for await (const chunk of stream.setEncoding('utf8')) {
    text += chunk;
    const end = text.indexOf('\n');
    if (end !== -1) return text.slice(0, end);
  }
  return undefined;
}
