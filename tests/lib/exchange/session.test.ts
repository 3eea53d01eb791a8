import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Session } from '../../../lib/exchange/session.ts';
import { Account } from '../../../lib/keys/account.ts';
import { KeyStore, type SecretRead } from '../../../lib/keys/store.ts';
import { type EmbeddedExchange, faults, startExchange } from '../../../local/exchange.ts';
import { defaultKey } from '../../../local/keys.ts';
import { exchangeClient, type TestClient } from '../../helpers/exchange-client.ts';
import { type ManualEffects, manualEffects } from '../../helpers/manual-effects.ts';

const ref = { symbol: 'BTC-200730-9000-C', orderId: '4611875134427365377' };
const SECRET: SecretRead = { text: JSON.stringify(defaultKey), version: '1' };

let effects: ManualEffects;
let exchange: EmbeddedExchange;
let client: TestClient;

beforeEach(async () => {
  effects = manualEffects();
  exchange = await startExchange({ now: effects.now });
  exchange.place();
  client = exchangeClient(exchange.url, { effects });
});

afterEach(() => exchange.stop());

/** Starts a session of one second whose secret is read so. */
function sessionWith(read: () => Promise<SecretRead> = async () => SECRET): Session {
  const store = new KeyStore({ source: { read }, ttlMs: 300_000, effects, onStale: () => undefined });
  const parts = { client: client.exchange, account: new Account(store), effects };
  return new Session(parts, { recvWindow: 5000, deadlineAt: effects.monotonic() + 1000 });
}

/** Fails the first reads of a secret, and counts all of them. */
function failingReads(failures: number) {
  const counter = { reads: 0 };
  const read = async () => {
    counter.reads += 1;
    if (counter.reads <= failures) throw new RangeError('S3CR3T');
    return SECRET;
  };
  return { counter, read };
}

describe('a secret that cannot be read for a moment', () => {
  test('is read again until it can be', async () => {
    const { counter, read } = failingReads(3);

    const result = await sessionWith(read).cancel(ref);

    expect(result).toMatchObject({ kind: 'ok', value: { state: 'canceled' } });
    expect(counter.reads).toBe(4);
  });

  test('is read again until the deadline, and the cancel is not executed', async () => {
    const { counter, read } = failingReads(Number.POSITIVE_INFINITY);
    const session = sessionWith(read);

    const result = await session.cancel(ref);

    const detail = 'the secret could not be read: RangeError';
    expect(result).toEqual({ kind: 'not-executed', reason: { detail } });
    expect([counter.reads, session.cancelsSent, exchange.calls]).toEqual([5, 0, []]); // every 200 ms
  });
});

test('a read of the secret that the deadline cuts off does not hide why the reads before it failed', async () => {
  const { counter, read } = failingReads(Number.POSITIVE_INFINITY);
  const hang = () => new Promise<SecretRead>(() => undefined);
  const session = sessionWith(() => (counter.reads < 5 ? read() : hang()));

  const results = [await session.cancel(ref), await session.cancel(ref)];

  const detail = 'the secret could not be read: RangeError';
  expect(results).toEqual(Array(2).fill({ kind: 'not-executed', reason: { detail } }));
});

test.each<[string, SecretRead, string]>([
  ['malformed', { text: '{"apiKey":"k","apiSecret":""}', version: '1' }, 'apiSecret is empty'],
  ['forbidden', { refused: 'AccessDeniedException' }, 'AccessDeniedException'],
])('a secret that is %s is not read again', async (_, secret, why) => {
  let reads = 0;
  const read = async () => {
    reads += 1;
    return secret;
  };

  const result = await sessionWith(read).cancel(ref);

  const detail = `the secret cannot be used: ${why}`;
  expect(result).toEqual({ kind: 'keys', reason: { detail } });
  expect([reads, exchange.calls]).toEqual([1, []]);
});

test.each(['cancel', 'query'] as const)(
  'an answer about another order to a %s is unknown, and the observer gets both ids',
  async (method) => {
    exchange.script(faults.answer(200, '{"orderId":4611875134427365378,"status":"CANCELLED"}'));

    const result = await sessionWith()[method](ref);

    const detail = 'the exchange answered with another order, 4611875134427365378';
    expect(result).toEqual({ kind: 'unknown', reason: { status: 200, detail } });
    expect(client.otherOrders).toEqual([[ref, '4611875134427365378']]);
  },
);

test('the used weight is that of the last answer that reported one', async () => {
  const session = sessionWith();
  const before = session.usedWeight;

  await session.query(ref);
  const first = session.usedWeight;
  exchange.useWeight(40);
  await session.query(ref);
  const second = session.usedWeight;
  exchange.script(faults.reset());
  await session.query(ref);

  expect([before, first, second, session.usedWeight]).toEqual([undefined, 1, 42, 42]);
});

describe('the number of cancels sent', () => {
  test('counts cancels alone, answered or not', async () => {
    const session = sessionWith();
    exchange.script(faults.reset(), { method: 'DELETE' });

    await session.query(ref);
    await session.cancel(ref);
    await session.cancel(ref);

    expect(session.cancelsSent).toBe(2);
  });

  test('leaves out a cancel whose time has passed', async () => {
    const session = sessionWith();

    const result = await session.cancel(ref, effects.now() - 1);

    expect([result.kind, session.cancelsSent, exchange.calls]).toEqual(['too-late', 0, []]);
  });

  test('leaves out a cancel that a throttle holds', async () => {
    const session = sessionWith();
    exchange.script(faults.tooMany(17));
    await session.cancel(ref);

    const result = await session.cancel(ref);

    expect([result.kind, session.cancelsSent]).toEqual(['held', 1]);
  });
});
