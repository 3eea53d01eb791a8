import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type OutcomeEvent, OutcomeEvents } from '../../../lib/aws/events.ts';
import { warmUp } from '../../helpers/bus.ts';
import { type EmbeddedEventBus, startEventBus } from '../../helpers/event-bus.ts';
import { startTcpServer } from '../../helpers/raw-server.ts';
import { until } from '../../local/signed-call.ts';

/** Milliseconds that remain of an invocation at its end. */
const REMAINING_MS = 20_000;
/** The time that a busy machine may take where a test is not about the limit. */
const PATIENT_MS = 10_000;

let bus: EmbeddedEventBus;
let events: OutcomeEvents;

beforeAll(async () => {
  bus = await startEventBus();
  await warmUp(bus);
});

afterAll(() => bus.stop());

beforeEach(() => {
  bus.reset();
  events = new OutcomeEvents('outcomes', PATIENT_MS);
});

const canceled: OutcomeEvent = { detailType: 'Cancel Settled', detail: { outcome: 'canceled' } };

/** A kill with so many characters of results. */
const emptied = (length: number): OutcomeEvent => ({
  detailType: 'Kill Settled',
  detail: { outcome: 'emptied', results: [{ clientOrderId: 'x'.repeat(length) }] },
});

function add(count: number, event = canceled): void {
  for (let added = 0; added < count; added += 1) events.add(event);
}

const details = () => bus.events.map(({ detail }) => detail);

describe('the events of an invocation', () => {
  test('are put on the named bus in one call', async () => {
    add(9);
    events.add(emptied(10));

    expect(await events.publish(REMAINING_MS)).toBeUndefined();

    const common = { id: expect.any(String), bus: 'outcomes', source: 'binance-options-cancel' };
    expect(bus.calls).toBe(1);
    expect(bus.events).toEqual([
      ...Array(9).fill({ ...common, 'detail-type': 'Cancel Settled', detail: canceled.detail }),
      { ...common, 'detail-type': 'Kill Settled', detail: emptied(10).detail },
    ]);
  });

  test('are all published where one call cannot hold them', async () => {
    add(21);

    expect(await events.publish(REMAINING_MS)).toBeUndefined();

    expect([bus.calls, bus.events.length]).toEqual([3, 21]);
  });

  test('are published once', async () => {
    add(1);

    await events.publish(REMAINING_MS);
    await events.publish(REMAINING_MS);

    expect([bus.calls, bus.events.length]).toEqual([1, 1]);
  });

  test('cost no call where there are none', async () => {
    expect(await events.publish(REMAINING_MS)).toBeUndefined();
    expect(bus.calls).toBe(0);
  });
});

describe('the results of kills', () => {
  test('are left out where a call would be larger than 256 KB', async () => {
    events.add(canceled);
    add(9, emptied(30_000));

    expect(await events.publish(REMAINING_MS)).toBeUndefined();

    expect(bus.calls).toBe(1);
    expect(details()).toEqual([canceled.detail, ...Array(9).fill({ outcome: 'emptied' })]);
  });

  test('are counted in bytes', async () => {
    const results = ['€'.repeat(90_000)];
    events.add({ detailType: 'Kill Settled', detail: { outcome: 'emptied', results } });

    expect(await events.publish(REMAINING_MS)).toBeUndefined();

    expect(details()).toEqual([{ outcome: 'emptied' }]);
  });

  test('are there up to that size, call by call', async () => {
    const around = JSON.stringify(emptied(0).detail).length + 'binance-options-cancelKill Settled'.length;
    const largest = emptied(256 * 1024 - around);
    events.add(largest);
    expect(await events.publish(REMAINING_MS)).toBeUndefined();
    add(10);
    events.add(emptied(256 * 1024 - around + 1));
    expect(await events.publish(REMAINING_MS)).toBeUndefined();

    expect(details()).toEqual([largest.detail, ...Array(10).fill(canceled.detail), { outcome: 'emptied' }]);
  });
});

describe('events that the bus does not take are counted, with the error', () => {
  test('that it refuses', async () => {
    bus.fault = 'refuse';
    add(12);

    expect(await events.publish(REMAINING_MS)).toEqual({
      count: 12,
      error: expect.objectContaining({ name: 'AccessDeniedException' }),
    });
    expect(bus.calls).toBe(2);
  });

  test('that it fails to take twice', async () => {
    bus.fault = 'fail';
    add(2);

    expect(await events.publish(REMAINING_MS)).toEqual({ count: 2, error: expect.any(Error) });
    expect(bus.calls).toBe(2);
  });

  test('that it refuses one by one', async () => {
    bus.fault = 'partial';
    add(12);

    expect(await events.publish(REMAINING_MS)).toEqual({
      count: 2,
      error: expect.objectContaining({ name: 'InternalFailure' }),
    });
    expect(bus.events).toHaveLength(10);
  });

  test('while it is down', async () => {
    await bus.stop();
    add(2);

    const unpublished = await events.publish(REMAINING_MS);
    await bus.start();

    expect(unpublished).toEqual({
      count: 2,
      error: expect.objectContaining({ message: expect.stringContaining('ECONNREFUSED') }),
    });
  });

  test('and the next ones are published alone', async () => {
    bus.fault = 'refuse';
    add(2);
    await events.publish(REMAINING_MS);
    bus.fault = undefined;
    add(1);

    expect(await events.publish(REMAINING_MS)).toBeUndefined();
    expect(bus.events).toHaveLength(1);
  });
});

describe('a bus that never answers', () => {
  const late = (count: number) => ({ count, error: expect.objectContaining({ name: 'TimeoutError' }) });

  test('is waited for in all its calls at once, and for much less than the invocation has', async () => {
    bus.fault = 'hang';
    events = new OutcomeEvents('outcomes');
    add(30);
    const startedAt = performance.now();

    expect(await events.publish(60_000)).toEqual(late(30));

    expect(bus.calls).toBe(3);
    expect(performance.now() - startedAt).toBeLessThan(5000);
  });

  test.each([0, 100, -1000])(
    'is not waited for where %i ms remain of the invocation',
    async (remainingMs) => {
      bus.fault = 'hang';
      add(1);
      const publishing = events.publish(remainingMs).then(() => 'published');

      expect(await Promise.race([publishing, ticks(2)])).toBe('published');
    },
  );

  test('loses the connection, so that it takes nothing after that', async () => {
    let open = 0;
    await using silent = await startTcpServer((socket) => {
      open += 1;
      socket.resume().on('close', () => {
        open -= 1;
      });
    });
    process.env.AWS_ENDPOINT_URL_EVENTBRIDGE = `http://127.0.0.1:${silent.port}`;
    const elsewhere = new OutcomeEvents('outcomes');
    elsewhere.add(canceled);

    expect(await elsewhere.publish(REMAINING_MS)).toEqual(late(1));

    process.env.AWS_ENDPOINT_URL_EVENTBRIDGE = bus.url;
    expect(silent.connections).toBe(1);
    await until(() => open === 0);
  });
});

/** Resolves with `waited` after so many rounds of timers. */
async function ticks(count: number): Promise<string> {
  for (let round = 0; round < count; round += 1) await new Promise((resolve) => setTimeout(resolve, 40));
  return 'waited';
}
