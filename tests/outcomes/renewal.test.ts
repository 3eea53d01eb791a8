import { describe, expect, test } from '@jest/globals';
import { faults } from '../../local/exchange.ts';
import { type FreshKey, freshEd25519Key, freshHmacKey } from '../../local/keys.ts';
import { cancelThrough } from '../helpers/cancel-through.ts';
import { startWorkbench, type Workbench } from '../helpers/workbench.ts';

const wrongClock = faults.code(400, -1021, 'Timestamp for this request is outside of the recvWindow.');

/** A bench whose first cancel has put the keys of then to use, with `orders` open orders. */
async function benchInUse(
  orders: number,
  options: { latencyMs?: number; maxAttempts?: number } = {},
): Promise<Workbench> {
  const bench = await startWorkbench(options);
  await bench.cancel({ orderId: bench.exchange.place().orderId });
  for (let placed = 0; placed < orders; placed++) bench.exchange.place();
  return bench;
}

const openOrders = ({ exchange }: Workbench) =>
  [...exchange.orders].filter(({ status }) => status === 'ACCEPTED').map(({ orderId }) => orderId);

/** Gives the exchange another key, and the secret too. */
function rotate({ exchange, secret }: Workbench, fresh: FreshKey = freshHmacKey()): void {
  exchange.setKeys([fresh.exchangeKey]);
  Object.assign(secret, { key: fresh.secret, version: String(Number(secret.version) + 1) });
}

describe('the clock', () => {
  test.each([600_000, -600_000])('that is %i ms off is read, and the call signed again', async (skew) => {
    await using bench = await benchInUse(1);
    bench.exchange.clockSkewMs = skew;

    const { outcome, calls } = await bench.cancel({ orderId: openOrders(bench)[0] });

    expect([outcome.kind, calls]).toEqual(['canceled', ['DELETE orderId', 'TIME', 'DELETE orderId']]);
  });

  test('is read at most once for one request, whatever call it is for', async () => {
    const told = await cancelThrough({ faults: [wrongClock, faults.unknown503(), wrongClock] });

    expect(told.outcome.kind).toBe('unknown');
    expect(told.calls).toEqual(['DELETE orderId', 'TIME', 'DELETE orderId', 'GET orderId']);
  });

  test('that cannot be read leaves the cancel not carried out', async () => {
    await using bench = await benchInUse(1);
    bench.exchange.clockSkewMs = 600_000;
    bench.exchange.script(faults.answer(502, ''), { path: '/eapi/v1/time' });

    const { outcome, calls } = await bench.cancel({ orderId: openOrders(bench)[0] });

    expect(outcome).toMatchObject({ kind: 'unavailable', reason: { code: -1021 } });
    expect(calls).toEqual(['DELETE orderId', 'TIME']);
  });
});

test('every call has a timestamp of its own and a signature that fits it', async () => {
  const { exchange, outcome } = await cancelThrough({ faults: [faults.internal503(), faults.internal503()] });

  const calls = exchange.calls.map(({ rawQuery }) => new URLSearchParams(rawQuery));
  const timestamps = calls.map((call) => Number(call.get('timestamp')));
  expect(outcome.kind).toBe('canceled'); // the third signature was checked
  expect(timestamps.map((at) => at - (timestamps[0] ?? 0))).toEqual([0, 225, 450]);
  expect(new Set(calls.map((call) => call.get('signature'))).size).toBe(3);
});

describe('rejected keys', () => {
  test.each<[string, () => FreshKey]>([
    ['of the same kind', freshHmacKey],
    ['of another kind', () => freshEd25519Key()],
  ])('are replaced by new ones %s, and the cancel is sent once more', async (_, fresh) => {
    await using bench = await benchInUse(1);
    rotate(bench, fresh());

    const { outcome, calls } = await bench.cancel({ orderId: openOrders(bench)[0] });

    expect([outcome.kind, calls]).toEqual(['canceled', ['DELETE orderId', 'DELETE orderId']]);
    expect(bench.secret.reads).toBe(2);
  });

  test('are replaced for a query as well', async () => {
    await using bench = await benchInUse(1);
    const fault = { ...faults.unknown503({ executed: true }), answer: rotateBeforeAnswering(bench) };
    bench.exchange.script(fault);

    const { outcome, calls } = await bench.cancel({ orderId: openOrders(bench)[0] });

    expect([outcome.kind, calls]).toEqual(['canceled', ['DELETE orderId', 'GET orderId', 'GET orderId']]);
  });

  test('have the secret read again at most once in ten seconds', async () => {
    await using bench = await benchInUse(1);
    bench.exchange.setKeys([]);
    const [orderId] = openOrders(bench);
    const reads: number[] = [];
    for (const waitMs of [0, 0, 9_999, 1]) {
      bench.time.advance(waitMs);
      const { outcome } = await bench.cancel({ orderId });
      expect(outcome).toMatchObject({ kind: 'credentials', reason: { code: -2015 } });
      reads.push(bench.secret.reads);
    }

    expect(reads).toEqual([2, 2, 2, 3]);
  });

  test('stay in use when the secret cannot be read again', async () => {
    await using bench = await benchInUse(1);
    const [orderId] = openOrders(bench);
    bench.exchange.script(faults.code(401, -2015, 'Invalid API-key, IP, or permissions for action.'));
    bench.secret.beforeRead = () => Promise.reject(new Error('no secret today'));

    const rejected = await bench.cancel({ orderId });
    const later = await bench.cancel({ orderId });

    expect([rejected.outcome.kind, later.outcome.kind]).toEqual(['credentials', 'canceled']);
  });

  test('that were replaced are not the reason when no attempt is left', async () => {
    await using bench = await benchInUse(1, { maxAttempts: 1 });
    rotate(bench);

    const { outcome, calls } = await bench.cancel({ orderId: openOrders(bench)[0] });

    expect([outcome.kind, calls]).toEqual(['unavailable', ['DELETE orderId']]);
  });

  test('that were replaced are not the reason when a throttle keeps the order from being pinned', async () => {
    await using bench = await benchInUse(0);
    bench.exchange.place({ clientOrderId: 'desk-1' });
    rotate(bench);
    bench.exchange.script(faults.tooMany(1), { method: 'GET' });

    const { outcome, calls } = await bench.cancel({ clientOrderId: 'desk-1' });

    expect([outcome.kind, calls]).toEqual(['throttled', ['DELETE clientOrderId', 'GET clientOrderId']]);
  });

  test('that were replaced by wrong ones are the reason, whether a cancel or a query says so', async () => {
    await using bench = await benchInUse(1);
    bench.exchange.place({ clientOrderId: 'desk-1' });
    const [orderId] = openOrders(bench);
    for (const named of [{ orderId }, { clientOrderId: 'desk-1' }]) {
      rotate(bench);
      bench.exchange.setKeys([]);
      bench.time.advance(10_000);

      const { outcome, calls } = await bench.cancel(named);

      expect([outcome.kind, calls.length]).toEqual(['credentials', 2]);
    }
  });

  test('that were rotated under the load of 50 cancels cost none of them', async () => {
    await using bench = await benchInUse(50, { latencyMs: 5 });
    const cancels = openOrders(bench).map(async (orderId, index) => {
      for (let turns = 0; turns < index; turns++) await new Promise(setImmediate);
      if (index === 20) rotate(bench);
      return bench.cancel({ orderId });
    });

    const settled = await Promise.all(cancels);

    expect(settled).toHaveLength(50);
    expect(new Set(settled.map(({ outcome }) => outcome.kind))).toEqual(new Set(['canceled']));
    expect(settled.some(({ attempts }) => attempts === 2)).toBe(true);
    expect(bench.secret.reads).toBe(2);
  });
});

/** The exchange's unknown outcome, and the key is another by the time that it comes. */
function rotateBeforeAnswering(bench: Workbench) {
  return () => {
    rotate(bench);
    return { status: 502, body: '' };
  };
}
