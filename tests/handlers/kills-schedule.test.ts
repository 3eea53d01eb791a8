import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { isJsonObject } from '../../lib/json.ts';
import { faults } from '../../local/exchange.ts';
import { refuseDeadLetters } from '../../local/queues.ts';
import { eventBridgeEvent } from '../helpers/events.ts';
import { AMPLE_WEIGHT, CALL, callsTo, clear, ENOUGH_MS, openIn, takeKills } from '../helpers/kill-stage.ts';
import { delayedKill } from '../helpers/queue-probe.ts';
import { type ScheduleCall, type Stage, startStage } from '../helpers/stage.ts';

const ALWAYS = { times: Number.POSITIVE_INFINITY };
const BTC = { underlying: 'BTCUSDT' };
const SCHEDULE = 'arn:aws:scheduler:ap-northeast-1:123456789012:schedule/kills/flatten-at-expiry';
const REFUSED = { status: 403, name: 'AccessDenied', message: 'Refused by a test.' };

let stage: Stage;
let call: ScheduleCall;

beforeAll(async () => {
  stage = await startStage({ weightLimit: 100_000 });
});

afterAll(() => stage.stop());

beforeEach(async () => {
  clear(stage);
  call = await stage.loadSchedule(AMPLE_WEIGHT);
  stage.exchange.resetCalls();
});

/** The event of a schedule that fired this long ago. */
const envelope = (detail: unknown, agoMs = 0) => ({
  ...eventBridgeEvent(detail, 'aws.scheduler', new Date(Date.now() - agoMs).toISOString()),
  resources: [SCHEDULE],
});

/** Refuses every message to the kill queue. */
const refuseKills = (action: string, body: unknown) =>
  action === 'SendMessage' && JSON.stringify(body).includes(stage.queues.killQueueUrl) ? REFUSED : undefined;

describe('a schedule', () => {
  test.each<[string, (kill: object) => unknown]>([
    ['an object', (kill) => kill],
    ['JSON text', (kill) => JSON.stringify(kill)],
    ['an event whose detail is an object', (kill) => envelope(kill)],
    ['an event whose detail is JSON text', (kill) => envelope(JSON.stringify(kill))],
  ])('with a kill as %s empties its scope and returns the result', async (_, wrap) => {
    stage.exchange.place({ symbol: CALL });
    const other = stage.exchange.place({ symbol: 'ETH-261225-4000-P' });

    const result = await call(wrap({ kill: BTC, killId: 'expiry/7', reason: 'expiry' }));

    expect(result).toMatchObject({
      killId: 'expiry/7',
      scope: BTC,
      outcome: 'emptied',
      reason: 'expiry',
      askedAt: expect.any(String),
      asOf: expect.any(String),
      late: false,
      orders: { left: 0 },
      calls: { mass: 1 },
    });
    expect(openIn(stage)).toEqual([other.orderId]);
    expect([await takeKills(stage), await stage.takeDeadLetters()]).toEqual([[], []]);
  });

  test('whose event is more than 120 s old makes a late kill, which leaves newer orders alone', async () => {
    const newer = stage.exchange.place({ symbol: CALL, createTime: Date.now() - 60_000 });

    const result = await call(envelope({ kill: BTC }, 121_000));

    expect(result).toMatchObject({ outcome: 'emptied', late: true, orders: { newer: 1 } });
    expect(openIn(stage)).toEqual([newer.orderId]);
  });

  test('that says when it was asked for is believed before its event', async () => {
    const result = await call(envelope({ kill: BTC, askedAt: Date.now() - 121_000 }));

    expect(result).toMatchObject({ outcome: 'emptied', late: true });
  });
});

describe('a scheduled kill', () => {
  test('that proves nothing goes on in the kill queue, with askedAt and killId', async () => {
    stage.exchange.place({ symbol: CALL, acceptedForMs: Number.POSITIVE_INFINITY });
    const event = envelope({ kill: BTC, killId: 'expiry/7' });

    const result = await call(event, ENOUGH_MS);

    const [message, ...more] = await takeKills(stage);
    expect(result).toMatchObject({
      outcome: 'not-emptied',
      orders: { left: 1 },
      queueMessageId: message?.messageId,
    });
    expect(JSON.parse(message?.body ?? '')).toEqual({
      kill: BTC,
      killId: 'expiry/7',
      dryRun: false,
      askedAt: Date.parse(event.time),
    });
    expect([more, await stage.takeDeadLetters()]).toEqual([[], []]);
  });

  test('that is throttled goes on in the kill queue once the throttle is over', async () => {
    stage.exchange.script(faults.tooMany(600));

    const result = await call({ kill: BTC });

    expect(result).toMatchObject({ outcome: 'throttled', queueMessageId: expect.any(String) });
    const queueMessageId = isJsonObject(result) ? String(result.queueMessageId) : '';
    expect((await delayedKill(stage.queues, queueMessageId))?.seconds).toBeGreaterThan(500);
  });

  test('that the kill queue refuses is a dead letter that names its schedule', async () => {
    stage.exchange.script(faults.firewall(), ALWAYS);
    stage.queues.fault = refuseKills;
    const event = envelope({ kill: BTC });

    const result = await call(event);

    const [letter, ...more] = await stage.takeDeadLetters();
    expect(result).toMatchObject({ outcome: 'forbidden' });
    expect(result).not.toHaveProperty('queueMessageId', expect.any(String));
    expect(JSON.parse(letter?.body ?? '')).toMatchObject({
      kill: BTC,
      killId: letter?.attributes.requestId,
      askedAt: Date.parse(event.time),
    });
    expect(letter?.attributes).toMatchObject({ outcome: 'forbidden', trigger: 'schedule', caller: SCHEDULE });
    expect(more).toEqual([]);
  });

  test('that neither queue takes fails the invocation, so that Lambda tries again', async () => {
    stage.exchange.script(faults.firewall(), ALWAYS);
    stage.queues.fault = (action, body) => refuseDeadLetters(action, body) ?? refuseKills(action, body);

    await expect(call({ kill: BTC })).rejects.toThrow('forbidden, and its dead letter could not be written');
  });

  test.each<[string, unknown, string]>([
    ['an empty scope', { kill: {} }, '{"kill":{}}'],
    [
      'a scope beside an orderId',
      { kill: { everything: true }, orderId: '1' },
      '{"kill":{"everything":true},"orderId":"1"}',
    ],
    ['text', '{"kill":{"symbol":""}}', '"{\\"kill\\":{\\"symbol\\":\\"\\"}}"'],
  ])('with %s is a dead letter as it came, and nothing is called', async (_, event, body) => {
    const { orderId } = stage.exchange.place({ symbol: CALL });

    const result = await call(event);

    const [letter] = await stage.takeDeadLetters();
    expect(result).toMatchObject({ outcome: 'invalid-request' });
    expect([letter?.body, letter?.attributes.outcome]).toEqual([body, 'invalid-request']);
    expect([callsTo(stage), openIn(stage), await takeKills(stage)]).toEqual([[], [orderId], []]);
  });

  test('past its expiresAt is a dead letter, and nothing is called', async () => {
    const result = await call({ kill: BTC, expiresAt: 1 });

    const [letter] = await stage.takeDeadLetters();
    expect(result).toMatchObject({ outcome: 'expired' });
    expect([letter?.attributes.outcome, callsTo(stage)]).toEqual(['expired', []]);
  });
});
