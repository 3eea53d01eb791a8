import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { SQSRecord } from 'aws-lambda';
import { faults } from '../../local/exchange.ts';
import { sqsEvent, sqsRecord } from '../helpers/events.ts';
import { deliver, hiddenForMs } from '../helpers/queue-probe.ts';
import { type QueueCall, type Stage, startStage } from '../helpers/stage.ts';
import { SYMBOL } from '../helpers/workbench.ts';

const ALWAYS = { times: Number.POSITIVE_INFINITY };

let stage: Stage;
let call: QueueCall;

beforeAll(async () => {
  stage = await startStage();
});

afterAll(() => stage.stop());

beforeEach(async () => {
  stage.exchange.clearScripts();
  stage.exchange.throttle(0);
  stage.exchange.ban(0);
  call = await stage.loadQueue({ BINANCE_TIMEOUT_MS: '1000' });
  stage.exchange.resetCalls();
});

function requestFor(order: Parameters<Stage['exchange']['place']>[0] = {}) {
  const { orderId, clientOrderId } = stage.exchange.place(order);
  return JSON.stringify({ symbol: SYMBOL, ...(clientOrderId === '' ? { orderId } : { clientOrderId }) });
}

const records = (count: number) => Array.from({ length: count }, () => sqsRecord(requestFor()));

const idsOf = (messages: readonly SQSRecord[]) =>
  messages.map(({ messageId }) => ({ itemIdentifier: messageId }));

/** Lambda does not mind the order in which failures are named. */
const inOrder = (failures: readonly { itemIdentifier: string }[]) =>
  failures.map(({ itemIdentifier }) => itemIdentifier).sort();

const methods = () =>
  stage.exchange.calls.map(({ method, path }) => (path.endsWith('/time') ? 'TIME' : method));

describe('a batch of ten', () => {
  test('goes out side by side: all are sent before the first has its answer', async () => {
    stage.exchange.script(faults.hang({ executed: true }), { method: 'DELETE', times: 10 });

    const answer = await call(sqsEvent(records(10)));

    const calls = methods().filter((method) => method !== 'TIME');
    expect(calls.slice(0, 10)).toEqual(Array(10).fill('DELETE'));
    expect(calls.slice(10)).toEqual(Array(10).fill('GET'));
    expect(answer).toEqual({ batchItemFailures: [] });
  });

  test('names exactly the messages that go back', async () => {
    const good = records(3);
    const [lost, refused] = ['lost', 'refused'].map((clientOrderId) =>
      sqsRecord(requestFor({ clientOrderId })),
    );
    stage.exchange.script(faults.firewall(), { clientOrderId: 'lost' });
    stage.exchange.script(faults.code(400, -1121, 'Invalid symbol.'), { clientOrderId: 'refused' });
    const batch = [good[0], lost, good[1], refused, good[2]].filter((record) => record !== undefined);

    const answer = await call(sqsEvent(batch));

    const letters = await stage.takeDeadLetters();
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: lost?.messageId }] });
    expect(letters.map(({ body }) => body)).toEqual([refused?.body]);
  });

  test('of which all fail names all, and does not throw', async () => {
    stage.exchange.script(faults.firewall(), ALWAYS);
    const batch = records(10);

    const answer = await call(sqsEvent(batch));

    expect(inOrder(answer.batchItemFailures)).toEqual(inOrder(idsOf(batch)));
  });

  test('gives back what is not settled as its time runs out', async () => {
    const good = records(3);
    const slow = sqsRecord(requestFor({ clientOrderId: 'slow' }));
    stage.exchange.script(faults.hang(), { clientOrderId: 'slow', ...ALWAYS });
    const startedAt = Date.now();

    const answer = await call(sqsEvent([slow, ...good]), 3000);

    expect(answer).toEqual({ batchItemFailures: idsOf([slow]) });
    expect(Date.now() - startedAt).toBeLessThan(3000);
  });

  test('without any time left is given back without a call', async () => {
    const batch = records(10);

    const answer = await call(sqsEvent(batch), 1000);

    expect(inOrder(answer.batchItemFailures)).toEqual(inOrder(idsOf(batch)));
    expect(methods()).not.toContain('DELETE');
  });
});

describe('a throttle', () => {
  test('stops the batch: what is in flight is the last that leaves, and each message is hidden until it has passed', async () => {
    const batch = [];
    for (const _ of ['a', 'b', 'c']) batch.push(await deliver(stage.queues, requestFor()));
    const slowFailure = { ...faults.internal503(), ...faults.delay({ afterMs: 500 }) };
    stage.exchange.script(faults.tooMany(100), { method: 'DELETE' });
    stage.exchange.script(slowFailure, { method: 'DELETE', times: 2 });

    const answer = await call(sqsEvent(batch));
    const inFlight = methods().filter((method) => method !== 'TIME');
    const next = await call(sqsEvent(records(10)));

    expect(answer.batchItemFailures).toHaveLength(3);
    expect(inFlight).toEqual(['DELETE', 'DELETE', 'DELETE']);
    expect(next.batchItemFailures).toHaveLength(10);
    expect(methods().filter((method) => method !== 'TIME')).toEqual(inFlight);
    for (const { messageId } of batch) {
      const hidden = await hiddenForMs(stage.queues, messageId);
      expect(hidden).toBeGreaterThan(90_000);
      expect(hidden).toBeLessThanOrEqual(101_000);
    }
  });

  test.each([
    ['of more than 15 minutes', 15 * 60 + 5],
    ['of three days', 3 * 24 * 3600],
  ])('%s is a dead letter at once', async (_, seconds) => {
    const record = await deliver(stage.queues, requestFor());
    stage.exchange.script(faults.banned(seconds));

    const answer = await call(sqsEvent([record]));

    const letters = await stage.takeDeadLetters();
    expect(answer).toEqual({ batchItemFailures: [] });
    expect(letters).toMatchObject([{ body: record.body, attributes: { outcome: 'throttled' } }]);
  });

  test('of less than 15 minutes is waited for in the queue', async () => {
    const record = await deliver(stage.queues, requestFor());
    stage.exchange.script(faults.banned(15 * 60 - 5));

    const answer = await call(sqsEvent([record]));

    const hidden = await hiddenForMs(stage.queues, record.messageId);
    expect(answer).toEqual({ batchItemFailures: idsOf([record]) });
    expect(hidden).toBeGreaterThan(14 * 60_000);
    expect(await stage.takeDeadLetters()).toEqual([]);
  });
});

test('an order that hangs holds the batch for QUEUE_BUDGET_MS at most', async () => {
  const callWith = await stage.loadQueue({ BINANCE_TIMEOUT_MS: '1000', QUEUE_BUDGET_MS: '1500' });
  delete process.env.QUEUE_BUDGET_MS; // the variables of later environments do not replace it
  const good = records(2);
  const slow = sqsRecord(requestFor());
  const orderId = /\d{19}/.exec(slow.body)?.[0] ?? '';
  stage.exchange.script(faults.hang(), { orderId, ...ALWAYS });
  const startedAt = performance.now();

  const answer = await callWith(sqsEvent([slow, ...good]), 60_000);

  expect(answer).toEqual({ batchItemFailures: idsOf([slow]) });
  expect(performance.now() - startedAt).toBeLessThan(15_000); // of the 60 s that the invocation has
});

describe('a message by clientOrderId alone', () => {
  test('that was received before is looked up first, and cancelled by orderId', async () => {
    const { orderId } = stage.exchange.place({ clientOrderId: 'seen' });
    const body = JSON.stringify({ symbol: SYMBOL, clientOrderId: 'seen' });
    const record = sqsRecord(body, { receives: 2, sentAt: Date.now() + 100 });

    const answer = await call(sqsEvent([record]));

    const signed = stage.exchange.calls.filter(({ path }) => path.endsWith('/order'));
    expect(answer).toEqual({ batchItemFailures: [] });
    expect(signed.map(({ method, rawQuery }) => [method, rawQuery.includes(orderId)])).toEqual([
      ['GET', false],
      ['DELETE', true],
    ]);
  });

  test('that is received for the first time is looked up first too', async () => {
    const { orderId } = stage.exchange.place({ clientOrderId: 'first' });
    const body = JSON.stringify({ symbol: SYMBOL, clientOrderId: 'first' });

    await call(sqsEvent([sqsRecord(body, { sentAt: Date.now() + 100 })]));

    const signed = stage.exchange.calls.filter(({ path }) => path.endsWith('/order'));
    expect(signed.map(({ method, rawQuery }) => [method, rawQuery.includes(orderId)])).toEqual([
      ['GET', false],
      ['DELETE', true],
    ]);
  });

  test.each([
    ['of its attribute askedAt', -120_000, 2000, 'CANCELLED'],
    ['of its attribute askedAt, which is before it', 2000, -120_000, 'ACCEPTED'],
    ['of its sending', 2000, undefined, 'CANCELLED'],
    ['of its sending, which is before it', -120_000, undefined, 'ACCEPTED'],
  ])('means the order that bore the name at the time %s', async (_, sentAheadMs, askedAheadMs, status) => {
    const now = Date.now();
    const sentAt = now + sentAheadMs;
    const askedAt = askedAheadMs === undefined ? undefined : String(now + askedAheadMs);
    const name = `moment-${randomUUID()}`;
    const { orderId } = stage.exchange.place({ clientOrderId: name });
    const body = JSON.stringify({ symbol: SYMBOL, clientOrderId: name });

    await call(sqsEvent([sqsRecord(body, { sentAt, ...(askedAt !== undefined && { askedAt }) })]));

    expect(stage.exchange.order(orderId)?.status).toBe(status);
  });

  test('leaves an order alone that was made after it was sent', async () => {
    const sentAt = Date.now() - 60_000;
    const { orderId } = stage.exchange.place({ clientOrderId: 'reused' });
    const body = JSON.stringify({ symbol: SYMBOL, clientOrderId: 'reused' });
    const record = sqsRecord(body, { receives: 2, sentAt });

    const answer = await call(sqsEvent([record]));

    expect(answer).toEqual({ batchItemFailures: idsOf([record]) });
    expect(stage.exchange.order(orderId)?.status).toBe('ACCEPTED');
  });
});
