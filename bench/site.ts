import { writeFile } from 'node:fs/promises';
import { freshCertificate } from '../local/exchange/certificate.ts';
import { startLocalStack } from '../local/stack.ts';
import { environment } from './child.ts';

/** High enough that the exchange never throttles a speed measurement. */
const NO_LIMIT = 1_000_000_000;

/** Latency of each answer of the exchange and of Secrets Manager, in milliseconds. */
interface Distance {
  readonly exchangeMs: number;
  readonly secretMs: number;
  /** With TLS, the path to which the certificate is written. */
  readonly certificatePath?: string;
}

/** An exchange, secrets and queues in this process, which only waits while another is measured. */
export interface Site extends AsyncDisposable {
  /** The environment of a handler that calls this exchange. */
  readonly env: Readonly<Record<string, string>>;
  /** Places open orders and returns their ids. */
  place(count: number): readonly string[];
}

export async function startSite({ exchangeMs, secretMs, certificatePath }: Distance): Promise<Site> {
  const tls = certificatePath === undefined ? undefined : await freshCertificate();
  const exchangeOptions = { weightLimit: NO_LIMIT, latencyMs: exchangeMs, ...(tls && { tls }) };
  const { env, exchange, secrets, stop } = await startLocalStack({ exchange: exchangeOptions });
  secrets.delayMs = secretMs;
  if (tls && certificatePath) await writeFile(certificatePath, tls.cert);
  return {
    env: environment({ ...env, ...(certificatePath && { NODE_EXTRA_CA_CERTS: certificatePath }) }),
    place(count) {
      exchange.resetCalls();
      return Array.from({ length: count }, () => exchange.place().orderId);
    },
    [Symbol.asyncDispose]: stop,
  };
}
