/**
 * Runs exchange, secrets and queues in a process of their own, so that their work does not slow the
 * measured process. `site.ts` starts it. The argument is a `Distance` as JSON. Reports the
 * environment of a handler, then the ids of the orders that each request asks it to place.
 */
import { writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import * as v from 'valibot';
import { freshCertificate } from '../local/exchange/certificate.ts';
import { startLocalStack } from '../local/stack.ts';
import { environment } from './child.ts';
import { distance, placeRequest } from './site.ts';

/** High enough that the exchange never throttles a speed measurement. */
const NO_LIMIT = 1_000_000_000;

const { exchangeMs, secretMs, tls } = v.parse(distance, JSON.parse(process.argv[2] ?? ''));
const certificate = tls ? await freshCertificate() : undefined;
const options = { weightLimit: NO_LIMIT, latencyMs: exchangeMs, ...(certificate && { tls: certificate }) };
const { env, exchange, secrets } = await startLocalStack({ exchange: options });
secrets.delayMs = secretMs;
report({ env: environment(env), ...(certificate && { certificate: certificate.cert }) });
for await (const line of createInterface({ input: process.stdin })) {
  const { place } = v.parse(placeRequest, JSON.parse(line));
  exchange.resetCalls();
  report(Array.from({ length: place }, () => exchange.place().orderId));
}
process.exit();

function report(what: object): void {
  writeSync(3, `${JSON.stringify(what)}\n`);
}
