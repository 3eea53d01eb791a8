/**
 * Runs exchange, secrets and queues in a process of their own, so that their work does not slow the
 * measured process. `site.ts` starts this process.
 *
 * The argument is a SiteOptions as JSON. The process sends its environment, places orders on
 * request and exits with its parent.
 */
import * as v from 'valibot';
import { freshCertificate } from '../../local/exchange/certificate.ts';
import { defaultKey } from '../../local/keys.ts';
import { startLocalStack } from '../../local/stack.ts';
import { placeRequest, type SiteReport, siteOptions } from './messages.ts';

/** High enough that the exchange never throttles a speed measurement. */
const NO_LIMIT = 1_000_000_000;

const options = v.parse(siteOptions, JSON.parse(process.argv[2] ?? ''));
const tls = options.tls ? await freshCertificate() : undefined;
const stack = await startLocalStack({
  exchange: { weightLimit: NO_LIMIT, latencyMs: options.exchangeMs, ...(tls && { tls }) },
});
stack.secrets.delayMs = options.secretMs;

process.on('message', (message) => {
  const { place } = v.parse(placeRequest, message);
  stack.exchange.resetCalls();
  send({ kind: 'placed', orderIds: Array.from({ length: place }, () => stack.exchange.place().orderId) });
});
process.on('disconnect', () => process.exit());
send({
  kind: 'ready',
  env: { ...stack.env, BENCH_API_KEY: defaultKey.apiKey, BENCH_API_SECRET: defaultKey.apiSecret },
  ...(tls && { certificate: tls.cert }),
});

function send(report: SiteReport): void {
  process.send?.(report);
}
