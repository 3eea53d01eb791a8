import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { freshCertificate } from '../local/exchange/certificate.ts';
import { type EmbeddedExchange, startExchange } from '../local/exchange.ts';
import { httpEvent } from '../local/http-event.ts';
import { defaultKey } from '../local/keys.ts';
import { type LambdaProcess, startLambdaProcess } from '../local/lambda-process.ts';
import { type EmbeddedSecrets, startSecrets } from '../local/secrets.ts';

/** The bundle that is deployed, as the build leaves it. */
const bundle = new URL('../dist/handlers/api.mjs', import.meta.url);
const query = 'symbol=BTC-200730-9000-C&orderId=4611875134427365377';

let folder: string;
let exchange: EmbeddedExchange;
let secrets: EmbeddedSecrets;
let certificateFile: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bundle-'));
  const tls = await freshCertificate();
  certificateFile = join(folder, 'certificate.pem');
  await writeFile(certificateFile, tls.cert);
  exchange = await startExchange({ tls });
  secrets = await startSecrets();
  secrets.put('binance/options', defaultKey);
});

afterEach(async () => {
  await Promise.all([exchange.stop(), secrets.stop(), rm(folder, { recursive: true })]);
});

/** The built API handler in a process of its own, its exchange behind TLS. */
function start(more: Readonly<Record<string, string>> = {}): Promise<LambdaProcess> {
  const env = {
    BINANCE_BASE_URL: exchange.url,
    BINANCE_SECRET_ID: 'binance/options',
    DEAD_LETTER_QUEUE_URL: 'http://127.0.0.1:1/000000000000/dead-letters',
    AWS_ENDPOINT_URL_SECRETS_MANAGER: secrets.url,
    AWS_REGION: 'ap-northeast-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    ...more,
  };
  return startLambdaProcess({ bundle, env, timeoutMs: 10_000 });
}

describe('the built API handler, over TLS', () => {
  test('cancels the documented order and answers with the exchange’s own bytes', async () => {
    const { orderId } = exchange.place();
    const lambda = await start({ NODE_EXTRA_CA_CERTS: certificateFile });

    const answer = await lambda.invoke(httpEvent({ query, requestId: 'request-1' }));
    await lambda.stop();

    expect(answer).toEqual({
      statusCode: 200,
      headers: {
        'content-type': 'application/json',
        'x-cancel-outcome': 'canceled',
        'x-request-id': 'request-1',
        'x-mbx-used-weight-1m': '2',
      },
      body: expect.stringContaining('{"orderId":4611875134427365377,'),
    });
    expect(exchange.order(orderId)?.status).toBe('CANCELLED');
    expect(exchange.calls.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'GET /eapi/v1/time',
      'DELETE /eapi/v1/order',
    ]);
  });

  test.each([
    ['', {}],
    [', even with NODE_TLS_REJECT_UNAUTHORIZED=0', { NODE_TLS_REJECT_UNAUTHORIZED: '0' }],
  ])('sends nothing to an exchange whose certificate it cannot trust%s', async (_, env) => {
    const { orderId } = exchange.place();
    const lambda = await start(env);

    const answer = await lambda.invoke(httpEvent({ query }));
    await lambda.stop();

    expect(answer).toMatchObject({ statusCode: 503, headers: { 'x-cancel-outcome': 'unavailable' } });
    expect(exchange.calls).toEqual([]);
    expect(exchange.order(orderId)?.status).toBe('ACCEPTED');
  });
});
