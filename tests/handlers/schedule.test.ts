import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type Fault, faults } from '../../local/exchange.ts';
import { refuseDeadLetters } from '../../local/queues.ts';
import { eventBridgeEvent, schedulerDefaultEvent, sqsEvent, sqsRecord } from '../helpers/events.ts';
import { type ScheduleCall, type Stage, startStage } from '../helpers/stage.ts';
import { SYMBOL } from '../helpers/workbench.ts';

const ALWAYS = { times: Number.POSITIVE_INFINITY };

let stage: Stage;
let call: ScheduleCall;

beforeAll(async () => {
  stage = await startStage();
});

afterAll(() => stage.stop());

beforeEach(async () => {
  stage.exchange.clearScripts();
  stage.exchange.throttle(0);
  stage.exchange.resetCalls();
  call = await stage.loadSchedule();
});

/** A request for a fresh open order. */
const request = () => ({ symbol: SYMBOL, orderId: stage.exchange.place().orderId });

describe('a schedule', () => {
  test.each([
    ['a plain request', <T>(detail: T) => detail],
    ['the event of a rule', eventBridgeEvent],
  ])('with %s cancels the order and says so', async (_, wrap) => {
    const fields = request();

    const result = await call(wrap(fields));

    expect(result).toEqual({ outcome: 'canceled', orderId: fields.orderId, status: 'CANCELLED' });
    expect(stage.exchange.order(fields.orderId)?.status).toBe('CANCELLED');
    expect(await stage.takeDeadLetters()).toEqual([]);
  });

  test('confirms an accepted cancel unless confirm is false', async () => {
    const [one, two] = [0, Number.POSITIVE_INFINITY].map((acceptedForMs) =>
      stage.exchange.place({ acceptedForMs }),
    );

    const confirmed = await call({ symbol: SYMBOL, orderId: one?.orderId });
    const unconfirmed = await call({ symbol: SYMBOL, orderId: two?.orderId, confirm: false });

    expect(confirmed).toEqual({ outcome: 'canceled', orderId: one?.orderId, status: 'CANCELLED' });
    const [letter, ...more] = await stage.takeDeadLetters();
    expect(unconfirmed).toEqual({
      outcome: 'accepted',
      orderId: two?.orderId,
      status: 'ACCEPTED',
      deadLetterMessageId: letter?.messageId,
    });
    expect([letter?.attributes.outcome, more]).toEqual(['accepted', []]);
  });

  test('whose input is JSON text cancels the order, every digit kept', async () => {
    const { orderId } = stage.exchange.place();

    const result = await call(`{"symbol":"${SYMBOL}","orderId":${orderId}}`);

    expect(result).toEqual({ outcome: 'canceled', orderId, status: 'CANCELLED' });
  });

  test('with a detail that is JSON text cancels the order', async () => {
    const { orderId } = stage.exchange.place();

    const result = await call(eventBridgeEvent(`{"symbol":"${SYMBOL}","orderId":${orderId}}`));

    expect(result).toEqual({ outcome: 'canceled', orderId, status: 'CANCELLED' });
  });

  test.each(['FILLED', 'EXPIRED'] as const)('of an order that is %s is done', async (status) => {
    const { orderId } = stage.exchange.place({ status });

    const result = await call({ symbol: SYMBOL, orderId });

    expect(result).toEqual({ outcome: status === 'FILLED' ? 'filled' : 'closed', orderId, status });
    expect(await stage.takeDeadLetters()).toEqual([]);
  });
});

describe('the moment of a scheduled cancel', () => {
  const AHEAD = 'askedAt is more than 5000 ms ahead of the clock: send the time at which it was wanted';
  const inFuture = () => new Date(Date.now() + 60_000).toISOString();

  test('has to be given for an order by its name alone', async () => {
    const { orderId } = stage.exchange.place({ clientOrderId: 'timer' });

    const result = await call({ symbol: SYMBOL, clientOrderId: 'timer' });

    const [letter] = await stage.takeDeadLetters();
    expect(result).toEqual({ outcome: 'invalid-request', deadLetterMessageId: letter?.messageId });
    expect(letter?.attributes.detail).toMatch(/^askedAt is missing: .*<aws\.scheduler\.scheduled-time>/);
    expect(letter?.body).toBe(`{"symbol":"${SYMBOL}","clientOrderId":"timer"}`);
    expect(stage.exchange.order(orderId)?.status).toBe('ACCEPTED');
  });

  test.each<[string, () => unknown]>([
    ['askedAt', () => ({ symbol: SYMBOL, orderId: '7', askedAt: inFuture() })],
    ['the envelope', () => eventBridgeEvent({ symbol: SYMBOL, orderId: '7' }, 'desk', inFuture())],
  ])('is refused when it is more than 5 s ahead by %s', async (_, event) => {
    const result = await call(event());

    const [letter] = await stage.takeDeadLetters();
    expect(result).toEqual({ outcome: 'invalid-request', deadLetterMessageId: letter?.messageId });
    expect(letter?.attributes.detail).toBe(AHEAD);
    expect(JSON.parse(letter?.body ?? '')).toMatchObject({ symbol: SYMBOL, orderId: '7' });
    expect(stage.exchange.calls.filter(({ method }) => method === 'DELETE')).toEqual([]);
  });

  test.each([
    ['after', -3_600_000, 'ACCEPTED'],
    ['before', 2000, 'CANCELLED'],
  ])('is the time of its envelope (an order made %s it)', async (_, aheadMs, status) => {
    const name = `timer-${aheadMs}`;
    const { orderId } = stage.exchange.place({ clientOrderId: name });
    const time = new Date(Date.now() + aheadMs).toISOString();

    await call(eventBridgeEvent({ symbol: SYMBOL, clientOrderId: name }, 'desk', time));

    expect(stage.exchange.order(orderId)?.status).toBe(status);
    await stage.takeDeadLetters();
  });

  test('stands in its dead letter with the orderId that a query found', async () => {
    const { orderId } = stage.exchange.place({ clientOrderId: 'kept' });
    stage.exchange.script(faults.firewall(), { method: 'DELETE' });
    const time = new Date(Date.now() + 2000).toISOString();

    const result = await call(eventBridgeEvent({ symbol: SYMBOL, clientOrderId: 'kept' }, 'desk', time));

    const [letter] = await stage.takeDeadLetters();
    expect(result).toMatchObject({ outcome: 'forbidden', orderId });
    expect(JSON.parse(letter?.body ?? '')).toEqual({
      symbol: SYMBOL,
      orderId,
      clientOrderId: 'kept',
      askedAt: Date.parse(time),
    });
    expect(letter?.attributes).toMatchObject({ orderId, askedAt: time });
  });
});

describe('a dead letter', () => {
  test.each<[string, Fault, object, timeoutMs: number]>([
    ['not-found', faults.code(400, -2013, 'Order does not exist.'), { code: '-2013' }, 9000],
    ['invalid-request', faults.code(400, -1121, 'Invalid symbol.'), { code: '-1121' }, 2000],
    ['credentials', faults.code(401, -2015, 'Invalid API-key.'), { code: '-2015' }, 2000],
    ['forbidden', faults.firewall(), {}, 2000],
    ['unavailable', faults.unavailable503(), { attempts: '3' }, 9000],
    ['unknown', faults.unknown503(), { code: '-1000' }, 2000],
    ['throttled', faults.tooMany(1), { code: '-1003' }, 2000],
  ])('is written for %s', async (outcome, fault, attributes, timeoutMs) => {
    const { symbol, orderId } = request();
    stage.exchange.script(fault, ALWAYS);
    const times = { expiresAt: '2199-01-31T12:00:00Z', askedAt: '2026-01-31T12:00:00Z' };

    const result = await call({ symbol, orderId, ...times }, timeoutMs);

    const [letter, ...more] = await stage.takeDeadLetters();
    expect(result).toEqual({ outcome, orderId, deadLetterMessageId: letter?.messageId });
    expect(letter?.body).toBe(
      `{"symbol":"${symbol}","orderId":"${orderId}","expiresAt":7229217600000,"askedAt":1769860800999}`,
    );
    expect(letter?.attributes).toMatchObject({
      outcome,
      trigger: 'schedule',
      orderId,
      askedAt: '2026-01-31T12:00:00.999Z',
      ...attributes,
    });
    expect(more).toEqual([]);
  });

  test('is written for a request that has expired', async () => {
    const { symbol, orderId } = request();

    const result = await call({ symbol, orderId, expiresAt: 1 });

    const [letter] = await stage.takeDeadLetters();
    expect(result).toEqual({ outcome: 'expired', orderId, deadLetterMessageId: letter?.messageId });
    expect(letter?.attributes).toMatchObject({ outcome: 'expired', attempts: '0' });
    expect(stage.exchange.calls.filter(({ method }) => method === 'DELETE')).toEqual([]);
  });

  test('that cannot be written fails the invocation, so that Lambda tries again', async () => {
    const fields = request();
    stage.exchange.script(faults.firewall());
    stage.queues.fault = refuseDeadLetters;

    const result = call(fields);

    await expect(result).rejects.toThrow('forbidden, and its dead letter could not be written');
    stage.queues.fault = undefined;
    expect(await call(fields)).toMatchObject({ outcome: 'canceled' });
  });

  test.each([
    ['nothing', null, 'null'],
    ['text', 'cancel all', '"cancel all"'],
    ['an array', [], '[]'],
    ['an event without a detail', { 'detail-type': 'Cancel' }, '{"detail-type":"Cancel"}'],
    ["the scheduler's own event", schedulerDefaultEvent(), '"{}"'],
    [
      'a field too many',
      { symbol: SYMBOL, orderId: '1', side: 'BUY' },
      `{"symbol":"${SYMBOL}","orderId":"1","side":"BUY"}`,
    ],
  ])('is written for %s, as it came', async (_, event, body) => {
    const result = await call(event);

    const [letter] = await stage.takeDeadLetters();
    expect(result).toEqual({ outcome: 'invalid-request', deadLetterMessageId: letter?.messageId });
    expect([letter?.body, letter?.attributes.orderId]).toEqual([body, undefined]);
    expect(stage.exchange.calls.filter(({ method }) => method === 'DELETE')).toEqual([]);
  });
});

describe('an orderId above 2^53 - 1 as a number', () => {
  const rounded: unknown = JSON.parse(`{"symbol":"${SYMBOL}","orderId":4611875134427365377}`);

  test('is refused with the fix in the text', async () => {
    await call(eventBridgeEvent(rounded));

    const [letter] = await stage.takeDeadLetters();
    expect(letter?.attributes.detail).toBe(
      'orderId was above 2^53 - 1 and has lost digits: send orderId as a string',
    );
  });

  test('stays refused when its dead letter is moved to the queue: the rounded id is another order', async () => {
    const other = stage.exchange.place({ orderId: String(JSON.stringify(rounded).match(/\d{19}/)) });
    await call(rounded);
    const [letter] = await stage.takeDeadLetters();
    const callQueue = await stage.loadQueue();

    const answer = await callQueue(sqsEvent([sqsRecord(letter?.body ?? '')]));

    const [again] = await stage.takeDeadLetters();
    expect(answer).toEqual({ batchItemFailures: [] });
    expect(again?.attributes.outcome).toBe('invalid-request');
    expect(again?.body).toBe(letter?.body);
    expect(stage.exchange.order(other.orderId)?.status).toBe('ACCEPTED');
  });
});
