import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { defaultKey, freshHmacKey } from '../../local/keys.ts';
import { sqsEvent, sqsRecord } from '../helpers/events.ts';
import { captureOutput } from '../helpers/output.ts';
import { type ApiCall, loadApiIn, type Stage, startStage } from '../helpers/stage.ts';
import { SYMBOL } from '../helpers/workbench.ts';

const PREFIX = 'test/accounts/';
const ACCOUNTS = { BINANCE_ACCOUNT_SECRETS: PREFIX, BINANCE_WEIGHT_LIMIT: '100000' };
const deskKey = freshHmacKey();

let stage: Stage;
let call: ApiCall;

beforeAll(async () => {
  const deskA = { ...deskKey.exchangeKey, account: 'desk-a' };
  stage = await startStage({ keys: [defaultKey, deskA], weightLimit: 100_000 });
  stage.secrets.put(`${PREFIX}desk-a`, deskKey.secret);
});

afterAll(() => stage.stop());

beforeEach(async () => {
  call = await stage.loadApi(ACCOUNTS);
  await stage.takeDeadLetters();
});

/** Places an order of this name in each of the two books. */
function placeInBoth(clientOrderId: string) {
  const theirs = stage.exchange.place({ account: 'desk-a', clientOrderId });
  return { ours: stage.exchange.place({ clientOrderId }), theirs };
}

const statusesOf = ({ ours, theirs }: ReturnType<typeof placeInBoth>) =>
  [ours, theirs].map(({ orderId }) => stage.exchange.order(orderId)?.status);

const ONLY_THEIRS = ['ACCEPTED', 'CANCELLED'];

describe('a cancel for an account touches that account’s book alone', () => {
  test('through the API, whose path carries the account', async () => {
    const orders = placeInBoth('api');

    const query = `symbol=${SYMBOL}&clientOrderId=api`;
    const { statusCode } = await call({ path: '/accounts/desk-a/eapi/v1/order', query });

    expect(statusCode).toBe(200);
    expect(statusesOf(orders)).toEqual(ONLY_THEIRS);
  });

  test('as a batch', async () => {
    const orders = placeInBoth('batch');

    const query = `symbol=${SYMBOL}&clientOrderIds=["batch"]`;
    await call({ path: '/accounts/desk-a/eapi/v1/batchOrders', query });

    expect(statusesOf(orders)).toEqual(ONLY_THEIRS);
  });

  test('through the queue, whose message names the account', async () => {
    const orders = placeInBoth('queue');
    const queue = await stage.loadQueue(ACCOUNTS);

    const body = JSON.stringify({ account: 'desk-a', symbol: SYMBOL, clientOrderId: 'queue' });
    const { batchItemFailures } = await queue(sqsEvent([sqsRecord(body)]));

    expect(batchItemFailures).toEqual([]);
    expect(statusesOf(orders)).toEqual(ONLY_THEIRS);
  });

  test('through a schedule, whose input names the account', async () => {
    const orders = placeInBoth('schedule');
    const schedule = await stage.loadSchedule(ACCOUNTS);

    const askedAt = new Date().toISOString();
    await schedule({ account: 'desk-a', symbol: SYMBOL, clientOrderId: 'schedule', askedAt });

    expect(statusesOf(orders)).toEqual(ONLY_THEIRS);
  });

  test.each([
    ['POST', '/kills', '', JSON.stringify({ kill: { everything: true } })],
    ['DELETE', '/eapi/v1/allOpenOrders', `symbol=${SYMBOL}`, undefined],
    ['DELETE', '/eapi/v1/allOpenOrdersByUnderlying', 'underlying=BTCUSDT', undefined],
  ])('as a kill: %s %s', async (method, path, query, body) => {
    const orders = placeInBoth(`kill-${path}`);

    const timeEpoch = Date.now();
    const request = { method, path: `/accounts/desk-a${path}`, query, timeEpoch, ...(body && { body }) };
    const { statusCode } = await call(request);

    expect(statusCode).toBe(200);
    expect(statusesOf(orders)).toEqual(ONLY_THEIRS);
  });

  test('and a read shows that book alone', async () => {
    const { ours, theirs } = placeInBoth('read');

    const query = `symbol=${SYMBOL}&clientOrderId=read`;
    const { body } = await call({ method: 'GET', path: '/accounts/desk-a/eapi/v1/order', query });

    expect(body).toContain(theirs.orderId);
    expect(body).not.toContain(ours.orderId);
  });
});

describe('an account', () => {
  const cancelFor = (account: string, api = call) =>
    api({ path: `/accounts/${account}/eapi/v1/order`, query: `symbol=${SYMBOL}&orderId=1` });

  test('that has no secret is `credentials`, with the secret’s id and the command that creates it', async () => {
    const { statusCode, body } = await cancelFor('desk-z');

    expect(statusCode).toBe(502);
    expect(JSON.parse(body)).toMatchObject({
      outcome: 'credentials',
      detail: expect.stringContaining(`aws secretsmanager create-secret --name ${PREFIX}desk-z `),
    });
  });

  test.each(['Desk', 'a_b', '-a', 'a'.repeat(33), '%64esk-a', '..', ''])(
    'that is called %j is refused',
    async (account) => {
      const { statusCode, body } = await cancelFor(account);

      expect(statusCode).toBe(400);
      expect(JSON.parse(body).detail).toMatch(/^account must be 1 to 32 lower-case letters/);
    },
  );

  test('is refused where no further accounts are set up', async () => {
    const { BINANCE_ACCOUNT_SECRETS: _, ...env } = { ...stage.env, ...ACCOUNTS };
    const { statusCode, body } = await cancelFor('desk-a', await loadApiIn(env));

    expect(statusCode).toBe(400);
    expect(JSON.parse(body).detail).toContain('BINANCE_ACCOUNT_SECRETS');
  });

  test.each([
    ['query', { query: `symbol=${SYMBOL}&orderId=1&account=desk-a` }],
    ['body', { body: JSON.stringify({ symbol: SYMBOL, orderId: '1', account: 'desk-a' }) }],
  ])('is no field of an API request, since IAM allows paths: in the %s it is refused', async (_in, parts) => {
    const { statusCode, body } = await call(parts);

    expect(statusCode).toBe(400);
    expect(JSON.parse(body).detail).toMatch(/^account is not a field here: put it in front of the path/);
  });

  test.each(['/accounts/desk-a', '/accounts/desk-a/', '/accounts/desk-a/accounts/main/eapi/v1/order'])(
    'has no path %s',
    async (path) => {
      expect(await call({ path })).toMatchObject({ statusCode: 404 });
    },
  );
});

test('the log line, the dead letter and the result of a kill name the account', async () => {
  using output = captureOutput();
  const loud = await stage.loadApi({ ...ACCOUNTS, POWERTOOLS_LOG_LEVEL: 'INFO' });
  const query = `symbol=${SYMBOL}&orderId=1`;
  await loud({ path: '/accounts/desk-y/eapi/v1/order', query });
  await loud({
    method: 'POST',
    path: '/accounts/desk-a/kills',
    body: JSON.stringify({ kill: { symbol: SYMBOL }, dryRun: true }),
  });
  const [letter] = await stage.takeDeadLetters();

  const lines = output.records().filter((record) => 'outcome' in record);
  expect(lines.map(({ message, account }) => [message, account])).toEqual([
    ['cancel kept as a dead letter', 'desk-y'],
    ['kill settled', 'desk-a'],
  ]);
  expect(JSON.parse(letter?.body ?? '')).toMatchObject({ account: 'desk-y', orderId: '1' });
});
