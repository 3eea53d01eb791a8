import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { SQSRecord } from 'aws-lambda';
import { faults } from '../../local/exchange.ts';
import { refuseDeadLetters } from '../../local/queues.ts';
import { sqsEvent, sqsRecord } from '../helpers/events.ts';
import {
  AMPLE_WEIGHT,
  CALL,
  callsTo,
  clear,
  ENOUGH_MS,
  killRecord,
  openIn,
  takeKills,
} from '../helpers/kill-stage.ts';
import { deliver, deliverKill, hiddenForMs } from '../helpers/queue-probe.ts';
import { type QueueCall, type Stage, startStage } from '../helpers/stage.ts';

const ALWAYS = { times: Number.POSITIVE_INFINITY };
const NONE = { batchItemFailures: [] };
const KILL = '{"kill":{"underlying":"BTCUSDT"}}';
const MASS = 'DELETE allOpenOrdersByUnderlying';

let stage: Stage;
let call: QueueCall;

beforeAll(async () => {
  stage = await startStage({ weightLimit: 100_000 });
});

afterAll(() => stage.stop());

beforeEach(async () => {
  clear(stage);
  call = await stage.loadQueue(AMPLE_WEIGHT);
  stage.exchange.resetCalls();
});

const named = ({ messageId }: SQSRecord) => ({ batchItemFailures: [{ itemIdentifier: messageId }] });

/** An order that no cancel ends. */
const immortal = () => stage.exchange.place({ symbol: CALL, acceptedForMs: Number.POSITIVE_INFINITY });

/** A message of each queue, as Lambda hands it over. */
const recordOf = {
  cancel: (body: string, parts = {}) => ({
    ...sqsRecord(body, parts),
    eventSourceARN: stage.queues.cancelQueueArn,
  }),
  kill: (body: string, parts = {}) => killRecord(stage, body, parts),
} as const;

/** A message that lies in its queue. */
const deliverFrom = {
  cancel: (body: string) => deliver(stage.queues, body),
  kill: (body: string) => deliverKill(stage.queues, body),
} as const;

const QUEUES = ['cancel', 'kill'] as const;

describe.each(QUEUES)('a message of the %s queue', (queue) => {
  test('may be a kill', async () => {
    stage.exchange.place({ symbol: CALL });

    const answer = await call(sqsEvent([recordOf[queue](KILL)]));

    expect([answer, openIn(stage)]).toEqual([NONE, []]);
    expect(callsTo(stage)).toContain(MASS);
    expect([await takeKills(stage), await stage.takeDeadLetters()]).toEqual([[], []]);
  });

  test('may be a cancel', async () => {
    const [one, other] = [stage.exchange.place({ symbol: CALL }), stage.exchange.place({ symbol: CALL })];

    const answer = await call(sqsEvent([recordOf[queue](`{"symbol":"${CALL}","orderId":${one.orderId}}`)]));

    expect([answer, openIn(stage)]).toEqual([NONE, [other.orderId]]);
  });

  test('that proves nothing goes back to it, hidden for 5 s', async () => {
    immortal();
    const record = await deliverFrom[queue](KILL);

    const answer = await call(sqsEvent([record]), ENOUGH_MS);

    const hidden = await hiddenForMs(stage.queues, record.messageId, queue);
    expect(answer).toEqual(named(record));
    expect(hidden).toBeGreaterThan(0);
    expect(hidden).toBeLessThanOrEqual(5000);
    expect(await stage.takeDeadLetters()).toEqual([]);
  });

  test('that is throttled stays hidden until the throttle is over', async () => {
    stage.exchange.script(faults.tooMany(600));
    const record = await deliverFrom[queue](KILL);

    const answer = await call(sqsEvent([record]));

    const hidden = await hiddenForMs(stage.queues, record.messageId, queue);
    expect(answer).toEqual(named(record));
    expect(hidden).toBeGreaterThan(500_000);
    expect(hidden).toBeLessThanOrEqual(600_000);
  });

  test.each(['forbidden', 'credentials'])('that is %s stays hidden for 60 s at most', async (outcome) => {
    const refusal = outcome === 'forbidden' ? faults.firewall() : faults.code(401, -2015, 'Invalid API-key.');
    stage.exchange.script(refusal, ALWAYS);
    const callOften = await stage.loadQueue({ ...AMPLE_WEIGHT, MAX_RECEIVE_COUNT: '20' });
    const { body, receiptHandle, messageId } = await deliverFrom[queue](KILL);
    const record = recordOf[queue](body, { receiptHandle, messageId, receives: 8 });

    const answer = await callOften(sqsEvent([record]));

    const hidden = await hiddenForMs(stage.queues, messageId, queue);
    expect(answer).toEqual(named(record));
    expect(hidden).toBeGreaterThan(10_000);
    expect(hidden).toBeLessThanOrEqual(60_000);
  });

  test.each(['{"kill":{}}', '{ "kill": {"everything": true}, "orderId": 1 }', '{"kill":{"symbol":"BTC"}}'])(
    'that is no valid kill (%s) is a dead letter as it came, and nothing is called',
    async (body) => {
      const { orderId } = stage.exchange.place({ symbol: CALL });

      const answer = await call(sqsEvent([recordOf[queue](body)]));

      const [letter, ...more] = await stage.takeDeadLetters();
      expect([answer, letter?.body, more]).toEqual([NONE, body, []]);
      expect(letter?.attributes).toMatchObject({ outcome: 'invalid-request', trigger: 'queue' });
      expect([callsTo(stage), openIn(stage)]).toEqual([[], [orderId]]);
    },
  );

  test('that has expired is a dead letter at once, as JSON with askedAt and killId', async () => {
    const sentAt = Date.now() - 10;
    const record = recordOf[queue]('{"kill":{"everything":true},"expiresAt":1}', { sentAt });

    const answer = await call(sqsEvent([record]));

    const [letter] = await stage.takeDeadLetters();
    expect([answer, callsTo(stage)]).toEqual([NONE, []]);
    expect(JSON.parse(letter?.body ?? '')).toEqual({
      kill: { everything: true },
      killId: record.messageId,
      dryRun: false,
      expiresAt: 1,
      askedAt: sentAt,
    });
    expect(letter?.attributes).toMatchObject({ outcome: 'expired', attempts: '0' });
  });
});

describe('the last receive', () => {
  test.each([
    ['cancel', 4, 'back'],
    ['cancel', 5, 'dead letter'],
    ['kill', 19, 'back'],
    ['kill', 20, 'dead letter'],
  ] as const)('is counted by the queue that a kill came from (%s, %i: %s)', async (queue, receives, next) => {
    stage.exchange.script(faults.firewall(), ALWAYS);
    const sentAt = Date.now() - 10;
    const record = recordOf[queue](KILL, { receives, sentAt });

    const answer = await call(sqsEvent([record]));

    const letters = await stage.takeDeadLetters();
    expect(answer).toEqual(next === 'back' ? named(record) : NONE);
    expect(letters.map(({ attributes }) => attributes.outcome)).toEqual(next === 'back' ? [] : ['forbidden']);
  });

  test.each([
    ['cancel', 5, 'dead letter'],
    ['kill', 19, 'back'],
    ['kill', 20, 'dead letter'],
  ] as const)(
    'is counted by the queue that a cancel came from (%s, %i: %s)',
    async (queue, receives, next) => {
      stage.exchange.script(faults.firewall(), ALWAYS);
      const record = recordOf[queue](`{"symbol":"${CALL}","orderId":"1"}`, { receives });

      const answer = await call(sqsEvent([record]));

      expect(answer).toEqual(next === 'back' ? named(record) : NONE);
      expect(await stage.takeDeadLetters()).toHaveLength(next === 'back' ? 0 : 1);
    },
  );

  test('of a kill that proves nothing is a dead letter: JSON with askedAt and killId', async () => {
    const { orderId } = immortal();
    const sentAt = Date.now() - 10;
    const body = '{ "only": {"side":"BUY"}, "kill": {"underlying":"BTCUSDT"}, "reason": "vol" }';
    const record = recordOf.kill(body, { receives: 20, sentAt });

    const answer = await call(sqsEvent([record]), ENOUGH_MS);

    const [letter, ...more] = await stage.takeDeadLetters();
    expect([answer, more]).toEqual([NONE, []]);
    expect(JSON.parse(letter?.body ?? '')).toEqual({
      kill: { underlying: 'BTCUSDT' },
      only: { side: 'BUY' },
      reason: 'vol',
      killId: record.messageId,
      dryRun: false,
      askedAt: sentAt,
    });
    expect(letter?.attributes).toMatchObject({
      outcome: 'not-emptied',
      trigger: 'queue',
      requestId: record.messageId,
      askedAt: new Date(sentAt).toISOString(),
      caller: record.attributes.SenderId,
    });
    expect(openIn(stage)).toEqual([orderId]);
  });

  test('of a kill whose dead letter is refused is named, and not lost', async () => {
    stage.exchange.script(faults.firewall(), ALWAYS);
    stage.queues.fault = refuseDeadLetters;
    const record = recordOf.kill(KILL, { receives: 20 });

    expect(await call(sqsEvent([record]))).toEqual(named(record));
  });
});

test.each(['cancel', 'kill'] as const)(
  'a kill of the %s queue during a ban of more than 15 minutes is a dead letter at once',
  async (queue) => {
    stage.exchange.script(faults.banned(15 * 60 + 60));

    const answer = await call(sqsEvent([recordOf[queue](KILL)]));

    const [letter] = await stage.takeDeadLetters();
    expect([answer, letter?.attributes.outcome]).toEqual([NONE, 'throttled']);
  },
);

describe('a kill that is delivered again', () => {
  /** A message received for the second time, this long after it was asked for. */
  const again = (agoMs: number, more = {}) => {
    const sentAt = Date.now() - agoMs;
    return { sentAt, record: recordOf.kill(KILL, { receives: 2, sentAt, ...more }) };
  };

  test('after 120 s is late: it spares orders placed since, and sends no mass cancel', async () => {
    const { sentAt, record } = again(121_000);
    const old = stage.exchange.place({ symbol: CALL, createTime: sentAt + 4000 });
    const newer = stage.exchange.place({ symbol: CALL, createTime: sentAt + 60_000 });

    const answer = await call(sqsEvent([record]));

    expect([answer, openIn(stage)]).toEqual([NONE, [newer.orderId]]);
    expect(stage.exchange.order(old.orderId)?.status).toBe('CANCELLED');
    expect(callsTo(stage)).not.toContain(MASS);
  });

  test('sooner is fresh: it covers every order', async () => {
    const { sentAt, record } = again(60_000);
    stage.exchange.place({ symbol: CALL, createTime: sentAt + 30_000 });

    const answer = await call(sqsEvent([record]));

    expect([answer, openIn(stage)]).toEqual([NONE, []]);
    expect(callsTo(stage)).toContain(MASS);
  });

  test.each<[string, string, object]>([
    ['its askedAt', `{"kill":{"underlying":"BTCUSDT"},"askedAt":${Date.now() - 300_000}}`, {}],
    ['its attribute askedAt', KILL, { askedAt: String(Date.now() - 300_000) }],
  ])('counts from %s, however new the message is', async (_, body, parts) => {
    const newer = stage.exchange.place({ symbol: CALL, createTime: Date.now() - 60_000 });

    await call(sqsEvent([recordOf.kill(body, parts)]));

    expect(openIn(stage)).toEqual([newer.orderId]);
  });

  test('from the dead letters, moved to either queue, is late and leaves the new book alone', async () => {
    stage.exchange.script(faults.firewall(), ALWAYS);
    const sentAt = Date.now() - 300_000;
    await call(sqsEvent([recordOf.kill(KILL, { receives: 20, sentAt })]));
    const [letter] = await stage.takeDeadLetters();
    stage.exchange.clearScripts();
    const old = stage.exchange.place({ symbol: CALL, createTime: sentAt });
    const newer = stage.exchange.place({ symbol: CALL });

    const answer = await call(sqsEvent([recordOf.cancel(letter?.body ?? '')]));

    expect([answer, openIn(stage)]).toEqual([NONE, [newer.orderId]]);
    expect(stage.exchange.order(old.orderId)?.status).toBe('CANCELLED');
  });
});

test('a kill does not wait for the other messages of its batch', async () => {
  stage.exchange.script(faults.hang(), { method: 'DELETE', path: '/eapi/v1/order', ...ALWAYS });
  const { orderId } = stage.exchange.place({ symbol: 'ETH-261225-4000-C' });
  stage.exchange.place({ symbol: CALL });
  const slow = recordOf.kill(`{"symbol":"ETH-261225-4000-C","orderId":"${orderId}"}`);

  const answering = call(sqsEvent([slow, recordOf.kill(KILL)]), 6000);
  while (openIn(stage).length > 1) await new Promise(setImmediate);

  expect(openIn(stage)).toEqual([orderId]);
  expect(await answering).toEqual(named(slow));
});
