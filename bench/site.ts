import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freshCertificate } from '../local/exchange/certificate.ts';
import { defaultKey } from '../local/keys.ts';
import { startLocalStack } from '../local/stack.ts';
import { ROOT } from './contenders.ts';

/** The variables that Lambda sets and that an SDK or a logger reads. */
const LAMBDA = {
  AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '1769',
  AWS_LAMBDA_FUNCTION_NAME: 'bench',
  AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
  AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
  AWS_LAMBDA_LOG_FORMAT: 'JSON',
  AWS_SESSION_TOKEN: 'local',
};

const CERTIFICATE = join(ROOT, 'bench/results/exchange-certificate.pem');

/** By default nothing is delayed, nothing throttles, and the exchange is called without TLS. */
const DEFAULTS = { latencyMs: 0, secretMs: 0, weightLimit: 1_000_000, overTls: false };

export type SiteOptions = Readonly<Partial<typeof DEFAULTS>>;
export type Site = Awaited<ReturnType<typeof startSite>>;

/**
 * Starts exchange, secrets and queues in this process, which only waits while another is measured.
 * `env` are the variables of a handler that calls them. A contender may keep its key there.
 */
export async function startSite(options: SiteOptions) {
  const { latencyMs, secretMs, weightLimit, overTls } = { ...DEFAULTS, ...options };
  const tls = overTls ? await freshCertificate() : undefined;
  if (tls) await writeFile(CERTIFICATE, tls.cert);
  const stack = await startLocalStack({ exchange: { weightLimit, latencyMs, ...(tls && { tls }) } });
  stack.secrets.delayMs = secretMs;
  const env: Readonly<Record<string, string>> = {
    ...LAMBDA,
    BINANCE_WEIGHT_LIMIT: String(weightLimit),
    BENCH_API_KEY: defaultKey.apiKey,
    BENCH_API_SECRET: defaultKey.apiSecret,
    ...(tls && { NODE_EXTRA_CA_CERTS: CERTIFICATE }),
    ...stack.env,
  };
  return { ...stack, env, place, [Symbol.asyncDispose]: stack.stop };

  /** Places open orders and returns their ids. */
  function place(count: number): string[] {
    stack.exchange.resetCalls();
    return Array.from({ length: count }, () => stack.exchange.place().orderId);
  }
}
