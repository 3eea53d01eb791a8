import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { faults } from '../../local/exchange.ts';
import { refuseDeadLetters } from '../../local/queues.ts';
import { captureOutput } from '../helpers/output.ts';
import { type Stage, startStage } from '../helpers/stage.ts';
import { SYMBOL } from '../helpers/workbench.ts';

const ALWAYS = { times: Number.POSITIVE_INFINITY };
const LOGS = { POWERTOOLS_LOG_LEVEL: 'INFO' };

let stage: Stage;

beforeAll(async () => {
  stage = await startStage();
});

afterAll(() => stage.stop());

afterEach(() => {
  stage.exchange.clearScripts();
  stage.secrets.recover();
  stage.queues.fault = undefined;
});

const query = `symbol=${SYMBOL}&orderId=7`;

/** A server on the loopback that does this to every call. */
async function startServer(onCall: RequestListener): Promise<{ url: string } & AsyncDisposable> {
  const server = createServer(onCall).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

describe('a dead letter that cannot be written', () => {
  test.each<[string, RequestListener]>([
    ['refuses it', (_, response) => response.writeHead(403).end('{}')],
    ['hangs', () => undefined],
    ['breaks off', (_, response) => response.destroy()],
  ])('because the queue %s has no id in the answer, and is logged as an error', async (_, onCall) => {
    await using queue = await startServer(onCall);
    using output = captureOutput();
    const env = { ...LOGS, AWS_ENDPOINT_URL_SQS: queue.url, DEAD_LETTER_QUEUE_URL: `${queue.url}/1/dead` };
    const call = await stage.loadApi(env);
    stage.exchange.script(faults.firewall());
    const startedAt = Date.now();

    const answer = await call({ query, requestId: 'Jabc=' }, 2000);

    const problem: unknown = JSON.parse(answer.body);
    expect(Date.now() - startedAt).toBeLessThan(2000);
    expect([answer.statusCode, answer.headers['x-cancel-outcome']]).toEqual([502, 'forbidden']);
    expect(problem).not.toHaveProperty('deadLetterMessageId');
    expect(output.records()).toContainEqual(
      expect.objectContaining({
        level: 'ERROR',
        message: 'could not write the dead letter',
        requestId: 'Jabc=',
      }),
    );
  });

  test('because the queue fails once has no id in the answer, and the next one is written', async () => {
    using output = captureOutput();
    const call = await stage.loadApi(LOGS);
    stage.exchange.script(faults.firewall(), ALWAYS);
    stage.queues.fault = refuseDeadLetters;

    const without = await call({ query }, 2000);
    stage.queues.fault = undefined;
    const having = await call({ query }, 2000);

    const [letter] = await stage.takeDeadLetters();
    expect(without.body).not.toContain('deadLetterMessageId');
    expect(output.lines().join()).toContain('could not write the dead letter');
    expect(JSON.parse(having.body)).toHaveProperty('deadLetterMessageId', letter?.messageId);
  });
});

describe('with 2.6 seconds left', () => {
  test('an exchange that hangs is answered for before they are over, and its dead letter written', async () => {
    const call = await stage.loadApi();
    await call({ query });
    stage.exchange.script(faults.hang(), ALWAYS);
    const startedAt = Date.now();

    const answer = await call({ query }, 2600);

    expect(Date.now() - startedAt).toBeLessThan(2600);
    expect([answer.statusCode, answer.headers['x-cancel-outcome']]).toEqual([504, 'unknown']);
    expect(await stage.takeDeadLetters()).toHaveLength(1);
  });

  test('an exchange, its clock, the secret and the queue that all hang are answered for too', async () => {
    await using silence = await startServer(() => undefined);
    const { url } = silence;
    const call = await stage.loadApi({
      BINANCE_BASE_URL: url,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: url,
      AWS_ENDPOINT_URL_SQS: url,
      DEAD_LETTER_QUEUE_URL: `${url}/1/dead`,
    });
    const startedAt = Date.now();

    const answer = await call({ query }, 2600);

    expect(Date.now() - startedAt).toBeLessThan(2600);
    expect([answer.statusCode, answer.headers['x-cancel-outcome']]).toEqual([503, 'unavailable']);
    expect(answer.body).not.toContain('deadLetterMessageId');
  });
});

describe('a secret that cannot be read', () => {
  test('for a moment is read again, and the order canceled', async () => {
    const { orderId } = stage.exchange.place();
    stage.secrets.fail(5);
    const call = await stage.loadApi();

    const answer = await call({ query: `symbol=${SYMBOL}&orderId=${orderId}` });

    expect([answer.statusCode, answer.headers['x-cancel-outcome']]).toEqual([200, 'canceled']);
  });

  test('until the deadline is unavailable, and a dead letter', async () => {
    stage.secrets.fail(Number.POSITIVE_INFINITY);
    const call = await stage.loadApi();

    const answer = await call({ query }, 4000);

    expect([answer.statusCode, JSON.parse(answer.body)]).toMatchObject([
      503,
      { outcome: 'unavailable', detail: 'the secret could not be read: InternalServiceError' },
    ]);
    expect(await stage.takeDeadLetters()).toHaveLength(1);
  });

  test('is read again for the next request', async () => {
    const { orderId } = stage.exchange.place();
    stage.secrets.fail(Number.POSITIVE_INFINITY, { name: 'AccessDeniedException', status: 400 });
    const call = await stage.loadApi();

    const failed = await call({ query: `symbol=${SYMBOL}&orderId=${orderId}` });
    stage.secrets.recover();
    const worked = await call({ query: `symbol=${SYMBOL}&orderId=${orderId}` });

    expect([failed.statusCode, worked.statusCode]).toEqual([502, 200]);
    expect(JSON.parse(failed.body)).toMatchObject({
      outcome: 'credentials',
      detail: 'the secret cannot be used: AccessDeniedException to a read of binance/options',
    });
    expect(await stage.takeDeadLetters()).toHaveLength(1);
  });

  test('because it holds no keys is credentials, in our own words', async () => {
    stage.secrets.put('other', '{"apiKey":"k","apiSecret":17}');
    const call = await stage.loadApi({ BINANCE_SECRET_ID: 'other' });

    const answer = await call({ query });

    expect(JSON.parse(answer.body)).toMatchObject({
      outcome: 'credentials',
      detail: 'the secret cannot be used: apiSecret must be text',
    });
    await stage.takeDeadLetters();
  });
});
