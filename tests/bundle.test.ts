import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { freshCertificate } from '../local/exchange/certificate.ts';
import { type EmbeddedExchange, startExchange } from '../local/exchange.ts';
import { httpEvent } from '../local/http-event.ts';
import { defaultKey } from '../local/keys.ts';
import { type LambdaProcess, startLambdaProcess } from '../local/lambda-process.ts';
import { type EmbeddedSecrets, startSecrets } from '../local/secrets.ts';
import { type EmbeddedEventBus, startEventBus } from './helpers/event-bus.ts';

/** The bundle that is deployed, as the build leaves it. */
const bundle = new URL('../dist/handlers/api.mjs', import.meta.url);
const query = 'symbol=BTC-200730-9000-C&orderId=4611875134427365377';

let folder: string;
let exchange: EmbeddedExchange;
let secrets: EmbeddedSecrets;
let certificateFile: string;
let eventBus: EmbeddedEventBus;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bundle-'));
  const tls = await freshCertificate();
  certificateFile = join(folder, 'certificate.pem');
  await writeFile(certificateFile, tls.cert);
  exchange = await startExchange({ tls });
  secrets = await startSecrets();
  eventBus = await startEventBus();
  secrets.put('binance/options', defaultKey);
});

afterEach(async () => {
  await Promise.all([exchange.stop(), secrets.stop(), eventBus.stop(), rm(folder, { recursive: true })]);
});

/** The built API handler in a process of its own, its exchange behind TLS. */
function start(
  more: Readonly<Record<string, string>> = {},
  onOutput: (text: string) => void = () => undefined,
): Promise<LambdaProcess> {
  const env = {
    BINANCE_BASE_URL: exchange.url,
    BINANCE_SECRET_ID: 'binance/options',
    DEAD_LETTER_QUEUE_URL: 'http://127.0.0.1:1/000000000000/dead-letters',
    AWS_ENDPOINT_URL_SECRETS_MANAGER: secrets.url,
    AWS_ENDPOINT_URL_EVENTBRIDGE: eventBus.url,
    AWS_REGION: 'ap-northeast-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    ...more,
  };
  return startLambdaProcess({ bundle, env, timeoutMs: 10_000, onOutput });
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

/** Makes a process of Node write the URL of each module that it loads. */
const WRITE_LOADS = `import { registerHooks } from 'node:module';
registerHooks({
  load(url, context, next) {
    process.stderr.write(url + '\\n');
    return next(url, context);
  },
});`;

/** The file of the bundle that holds the EventBridge client. */
async function eventBridgeChunk(): Promise<string> {
  const chunks = new URL('chunks/', bundle);
  for (const name of await readdir(chunks)) {
    const isModule = name.endsWith('.mjs');
    if (isModule && (await readFile(new URL(name, chunks), 'utf8')).includes('AWSEvents')) return name;
  }
  throw new Error('no file of the bundle holds the EventBridge client');
}

describe('the EventBridge client of the bundle', () => {
  test.each([
    ['is not loaded without a bus', {}, false],
    ['is loaded with one', { EVENT_BUS_NAME: 'outcomes' }, true],
  ])('%s', async (_, env, isLoaded) => {
    const { orderId } = exchange.place();
    let output = '';
    const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(WRITE_LOADS)}`;
    const lambda = await start({ NODE_EXTRA_CA_CERTS: certificateFile, NODE_OPTIONS, ...env }, (text) => {
      output += text;
    });

    await lambda.invoke(httpEvent({ query }));
    await lambda.stop();

    expect(exchange.order(orderId)?.status).toBe('CANCELLED');
    expect(output).toContain(bundle.pathname);
    expect(output.includes(await eventBridgeChunk())).toBe(isLoaded);
  });

  test('publishes the outcome of a cancel', async () => {
    exchange.place();
    const lambda = await start({ NODE_EXTRA_CA_CERTS: certificateFile, EVENT_BUS_NAME: 'outcomes' });

    // The service waits 300 ms for a bus. On a busy machine its first calls may take longer.
    for (let cancel = 1; eventBus.events.length === 0 && cancel <= 20; cancel += 1)
      await lambda.invoke(httpEvent({ query, requestId: `request-${cancel}` }));
    await lambda.stop();

    expect(eventBus.events).toMatchObject([
      { bus: 'outcomes', 'detail-type': 'Cancel Settled', detail: { version: 1, trigger: 'api' } },
    ]);
  });
});
