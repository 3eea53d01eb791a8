import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import { lambdaEnvironment } from '../lambda-environment.ts';
import { type SiteOptions, type SiteReport, siteReport } from './messages.ts';

const PROCESS = fileURLToPath(new URL('./process.ts', import.meta.url));

/** An exchange, secrets and queues in another process. Serves one request at a time. */
export class Site {
  /** The environment of a handler that calls this exchange. */
  readonly env: Readonly<Record<string, string>>;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, env: Readonly<Record<string, string>>) {
    this.#child = child;
    this.env = env;
  }

  /**
   * Starts the process. With TLS, writes its certificate to `certificatePath`, which `env` names.
   */
  static async start(options: SiteOptions, certificatePath: string): Promise<Site> {
    const child = fork(PROCESS, [JSON.stringify(options)], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    const ready = await next(child);
    if (ready.kind !== 'ready') throw new Error('the exchange placed orders before it was ready');
    if (ready.certificate === undefined) return new Site(child, lambdaEnvironment(ready.env));
    await writeFile(certificatePath, ready.certificate);
    return new Site(child, lambdaEnvironment({ ...ready.env, NODE_EXTRA_CA_CERTS: certificatePath }));
  }

  /** Places open orders and returns their ids. */
  async place(count: number): Promise<readonly string[]> {
    this.#child.send({ place: count });
    const report = await next(this.#child);
    if (report.kind !== 'placed') throw new Error('the exchange was started twice');
    return report.orderIds;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#child, 'close');
    this.#child.kill();
    await closed;
  }
}

async function next(child: ChildProcess): Promise<SiteReport> {
  const over = new AbortController();
  const { signal } = over;
  const ended: Promise<never> = once(child, 'exit', { signal }).then(([code]) => {
    throw new Error(`the exchange's process ended with ${code}`);
  });
  try {
    const [message]: unknown[] = await Promise.race([once(child, 'message', { signal }), ended]);
    return v.parse(siteReport, message);
  } finally {
    over.abort();
  }
}
