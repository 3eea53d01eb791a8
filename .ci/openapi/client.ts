/**
 * Calls every operation of docs/openapi.yaml with a client that is generated from it, through the signing proxy of
 * docs/clients.md. The built API handler answers. `tsc` checks the calls against the description.
 *
 * usage: .ci/openapi.sh
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import createClient from 'openapi-fetch';
import type { paths } from '../../dist/openapi.d.ts';
import { startHttpService } from '../clients/service.ts';

const service = await startHttpService();
await service.load(5000);
const { exchange } = service;

/** Runs the lines of docs/clients.md with a free port, and returns the address. */
async function startProxy() {
  const document = await readFile(new URL('../../docs/clients.md', import.meta.url), 'utf8');
  const [, lines = ''] = /```js\n(import \{ createServer \}[^`]+)```/.exec(document) ?? [];
  const input = lines.replace(
    "3000, 'localhost'",
    "0, 'localhost', () => console.log(server.address().port)",
  );
  const child = spawn(process.execPath, ['--input-type=module', '--eval', input], {
    cwd: import.meta.dirname,
    env: { HttpApiUrl: service.url, AWS_ACCESS_KEY_ID: 'any', AWS_SECRET_ACCESS_KEY: 'any' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [port] = await once(child.stdout, 'data');
  return { url: `http://localhost:${String(port).trim()}`, stop: () => child.kill() };
}

const proxy = await startProxy();
const signed = createClient<paths>({ baseUrl: proxy.url });
const desk = createClient<paths>({ baseUrl: `${service.url}/accounts/desk-a` });

const { symbol, orderId } = exchange.place();
const others = [exchange.place().orderId, exchange.place().orderId];
const one = { params: { query: { symbol, orderId } } };

const seen = await signed.GET('/eapi/v1/order', one);
assert.equal(seen.data?.status, 'ACCEPTED');
const canceled = await signed.DELETE('/eapi/v1/order', one);
assert.equal(canceled.response.headers.get('x-cancel-outcome'), 'canceled');
const missing = await signed.DELETE('/eapi/v1/order', { params: { query: { symbol, orderId: '42' } } });
assert.ok(missing.error && 'outcome' in missing.error && missing.error.outcome === 'not-found');
assert.match(service.answers.at(-1)?.authorization ?? '', /^AWS4-HMAC-SHA256 /);

const listed = await signed.GET('/eapi/v1/openOrders', { params: { query: { symbol } } });
assert.equal(listed.data?.length, 2);
const orderIds = `[${others.join()}]`;
const batch = await signed.DELETE('/eapi/v1/batchOrders', { params: { query: { symbol, orderIds } } });
assert.deepEqual(
  batch.data?.map((item) => 'status' in item && item.status),
  ['CANCELLED', 'CANCELLED'],
);
const bySymbol = await signed.DELETE('/eapi/v1/allOpenOrders', { params: { query: { symbol } } });
assert.equal(bySymbol.response.status, 200);
const query = { underlying: 'BTCUSDT' };
const byUnderlying = await signed.DELETE('/eapi/v1/allOpenOrdersByUnderlying', { params: { query } });
assert.equal(byUnderlying.response.status, 200);

exchange.place({ account: 'desk-a' });
exchange.place();
const kill = await desk.POST('/kills', { body: { kill: { everything: true } } });
assert.ok(kill.data && 'orders' in kill.data && kill.data.orders.canceled === 1);

proxy.stop();
await service.stop();
console.log('The generated client and the signing proxy reach every operation.');
process.exit(0);
