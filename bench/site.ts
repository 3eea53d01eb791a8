import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import { Child } from './child.ts';

const PROCESS = fileURLToPath(new URL('./site-process.ts', import.meta.url));

/** Latency of each answer of the exchange and of Secrets Manager, and the use of TLS. */
export const distance = v.object({ exchangeMs: v.number(), secretMs: v.number(), tls: v.boolean() });

/** Asks the process to place this many orders. */
export const placeRequest = v.object({ place: v.number() });

const ready = v.object({ env: v.record(v.string(), v.string()), certificate: v.optional(v.string()) });
const orderIds = v.array(v.string());

/** An exchange, secrets and queues in another process. Serves one request at a time. */
export class Site {
  /** The environment of a handler that calls this exchange. */
  readonly env: Readonly<Record<string, string>>;
  readonly #child: Child;

  private constructor(child: Child, env: Readonly<Record<string, string>>) {
    this.#child = child;
    this.env = env;
  }

  /** Starts the process. With TLS, writes its certificate to `certificatePath`, which `env` names. */
  static async start(where: v.InferOutput<typeof distance>, certificatePath: string): Promise<Site> {
    const child = new Child([PROCESS, JSON.stringify(where)], process.env);
    const { env, certificate } = v.parse(ready, await child.next());
    if (certificate === undefined) return new Site(child, env);
    await writeFile(certificatePath, certificate);
    return new Site(child, { ...env, NODE_EXTRA_CA_CERTS: certificatePath });
  }

  /** Places open orders and returns their ids. */
  async place(count: number): Promise<readonly string[]> {
    return v.parse(orderIds, await this.#child.ask({ place: count }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#child[Symbol.asyncDispose]();
  }
}
