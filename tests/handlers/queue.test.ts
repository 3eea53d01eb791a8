import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { SQSRecord } from 'aws-lambda';
import { type Fault, faults } from '../../local/exchange.ts';
import { refuseDeadLetters } from '../../local/queues.ts';
import { sqsEvent, sqsRecord } from '../helpers/events.ts';
import { deliver, hiddenForMs } from '../helpers/queue-probe.ts';
import { type QueueCall, type Stage, startStage } from '../helpers/stage.ts';
import { SYMBOL } from '../helpers/workbench.ts';

const ALWAYS = { times: Number.POSITIVE_INFINITY };
const NOBODY = { batchItemFailures: [] };

let stage: Stage;
let call: QueueCall;

beforeAll(async () => {
  stage = await startStage();
});

afterAll(() => stage.stop());

beforeEach(async () => {
  stage.exchange.clearScripts();
  stage.exchange.throttle(0);
  stage.exchange.resetCalls();
  stage.queues.fault = undefined;
  call = await stage.loadQueue();
});

/** A message that asks for a fresh order's cancel. */
const bodyFor = (order: Parameters<Stage['exchange']['place']>[0] = {}, more = '') =>
  `{ "symbol": "${SYMBOL}", "orderId": ${stage.exchange.place(order).orderId}${more} }`;

const named = (...records: SQSRecord[]) => ({
  batchItemFailures: records.map(({ messageId }) => ({ itemIdentifier: messageId })),
});

const cancels = () => stage.exchange.calls.filter(({ method }) => method === 'DELETE');

/** How long a message is hidden, in whole seconds. */
const hiddenSeconds = async ({ messageId }: SQSRecord) =>
  Math.ceil(((await hiddenForMs(stage.queues, messageId)) ?? 0) / 1000);

describe('a message that is done or dead-lettered', () => {
  test.each([
    ['canceled', {}],
    ['canceled, once an accepted cancel is confirmed', { acceptedForMs: 0 }],
    ['filled', { status: 'FILLED' }],
    ['closed', { status: 'REJECTED' }],
  ] as const)('(%s) leaves the queue, and no dead letter', async (_, order) => {
    const answer = await call(sqsEvent([sqsRecord(bodyFor(order))]));

    expect(answer).toEqual(NOBODY);
    expect(await stage.takeDeadLetters()).toEqual([]);
  });

  test.each([
    ['invalid-request', '{"symbol":"BTC","orderId":"1"}'],
    ['invalid-request', 'no JSON at all — ✂'],
    ['invalid-request', `{"symbol":"${SYMBOL}","orderId":"1","orderId":"2"}`],
    ['expired', ` {"symbol": "${SYMBOL}",\n"orderId":4611875134427365377, "expiresAt":1} `],
  ])('(%s: %s) goes to the dead letters at once, untouched', async (outcome, body) => {
    const record = sqsRecord(body);

    const answer = await call(sqsEvent([record]));

    const [letter, ...more] = await stage.takeDeadLetters();
    expect([answer, letter?.body, more]).toEqual([NOBODY, body, []]);
    expect(letter?.attributes).toMatchObject({ outcome, trigger: 'queue', requestId: record.messageId });
    expect(cancels()).toEqual([]);
  });

  test('(refused by the exchange) goes to the dead letters at once, with every attribute', async () => {
    stage.exchange.script(faults.code(400, -1121, 'Invalid symbol.'));
    const record = sqsRecord(bodyFor(), { sentAt: Date.UTC(2026, 0, 31, 12) });

    await call(sqsEvent([record]));

    const [letter] = await stage.takeDeadLetters();
    expect(letter?.attributes).toEqual({
      outcome: 'invalid-request',
      code: '-1121',
      detail: 'the exchange answered 400: Invalid symbol.',
      trigger: 'queue',
      requestId: record.messageId,
      attempts: '1',
      orderId: /\d{19}/.exec(record.body)?.[0],
      askedAt: '2026-01-31T12:00:00.000Z',
      caller: 'AIDAIENQZJOLO23YVJ4VO',
      failedAt: expect.stringMatching(/^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    });
  });
});

describe('a message that is refused unread', () => {
  test.each(['soon', '2026-02-30T12:00:00Z', '-1'])('for its attribute askedAt (%s)', async (askedAt) => {
    const body = bodyFor();

    const answer = await call(sqsEvent([sqsRecord(body, { askedAt })]));

    const [letter, ...more] = await stage.takeDeadLetters();
    expect([answer, letter?.body, more, cancels()]).toEqual([NOBODY, body, [], []]);
    expect(letter?.attributes).toMatchObject({
      outcome: 'invalid-request',
      detail:
        'the message attribute askedAt must be ISO 8601 with a time zone or milliseconds since the epoch',
    });
    expect(letter?.attributes).not.toHaveProperty('askedAt');
  });

  test('for its length of more than 64 KiB, and its dead letter has its body untouched', async () => {
    const body = bodyFor().padEnd(64 * 1024 + 1);

    const answer = await call(sqsEvent([sqsRecord(body)]));

    const [letter, ...more] = await stage.takeDeadLetters();
    expect([answer, letter?.body === body, more, cancels()]).toEqual([NOBODY, true, [], []]);
    expect(letter?.attributes).toMatchObject({
      outcome: 'invalid-request',
      detail: 'the request is longer than 65536 characters: send one cancel',
    });
  });
});

test('the dead letter of a message has askedAt from its attribute, else from its sending', async () => {
  const sentAt = Date.UTC(2026, 0, 31, 12);
  const body = `{"symbol":"${SYMBOL}"}`;

  await call(sqsEvent([sqsRecord(bodyFor({}, ', "expiresAt": 1'), { sentAt })]));
  await call(
    sqsEvent([sqsRecord(bodyFor({}, ', "expiresAt": 1'), { sentAt, askedAt: '2026-01-31T11:00:00Z' })]),
  );
  await call(sqsEvent([sqsRecord(body, { sentAt })]));

  const letters = await stage.takeDeadLetters();
  expect(letters.map(({ attributes }) => attributes.askedAt)).toEqual([
    '2026-01-31T12:00:00.000Z',
    '2026-01-31T11:00:00.999Z',
    undefined,
  ]);
});

describe('a message that is not', () => {
  /** `not-found` takes queries after 100, 300 and 900 ms. */
  const rows: readonly (readonly [string, Fault, timeoutMs: number])[] = [
    ['accepted', faults.answer(200, '{"orderId":ID,"status":"ACCEPTED"}'), 2000],
    ['not-found', faults.code(400, -2013, 'Order does not exist.'), 9000],
    ['credentials', faults.code(401, -2015, 'Invalid API-key.'), 2000],
    ['forbidden', faults.firewall(), 2000],
    ['unavailable', faults.unavailable503(), 9000],
    ['unknown', faults.unknown503(), 2000],
  ];

  /** A message to which the exchange answers by the fault alone. */
  async function deliverInto(fault: Fault): Promise<SQSRecord> {
    const record = await deliver(stage.queues, bodyFor());
    const orderId = /\d{19}/.exec(record.body)?.[0] ?? '';
    const answer = typeof fault.answer === 'object' ? fault.answer : { status: 500, body: '' };
    const body = answer.body.replace('ID', orderId);
    stage.exchange.script({ ...fault, answer: { ...answer, body } }, ALWAYS);
    return record;
  }

  test.each(rows)('(%s) goes back, hidden for 2 s × 2^receives at most', async (_, fault, timeoutMs) => {
    const record = await deliverInto(fault);

    const answer = await call(sqsEvent([record]), timeoutMs);

    const seconds = await hiddenSeconds(record);
    expect(answer).toEqual(named(record));
    expect([2, 3, 4]).toContain(seconds);
    expect(await stage.takeDeadLetters()).toEqual([]);
  });

  test.each(rows)(
    '(%s) is a dead letter on its last receive, untouched',
    async (outcome, fault, timeoutMs) => {
      const callOnce = await stage.loadQueue({ MAX_RECEIVE_COUNT: '1' });
      const { body, receiptHandle } = await deliverInto(fault);
      const record = sqsRecord(body, { receiptHandle, receives: 1 });

      const answer = await callOnce(sqsEvent([record]), timeoutMs);

      const [letter, ...more] = await stage.takeDeadLetters();
      expect([answer, letter?.body, more]).toEqual([NOBODY, body, []]);
      expect(letter?.attributes).toMatchObject({ outcome, requestId: record.messageId });
    },
  );

  const claims = [...rows.slice(1), ['throttled', faults.tooMany(1), 2000] as const];

  test.each(claims)(
    'and was received before is unknown where a first delivery is %s: the earlier one may have canceled',
    async (_, fault, timeoutMs) => {
      const { body, receiptHandle } = await deliverInto(fault);
      const record = sqsRecord(body, { receiptHandle, receives: 5 });

      const answer = await call(sqsEvent([record]), timeoutMs);

      const [letter, ...more] = await stage.takeDeadLetters();
      expect([answer, letter?.body, more]).toEqual([NOBODY, body, []]);
      expect(letter?.attributes.outcome).toBe('unknown');
    },
  );

  test('goes back for longer with every receive', async () => {
    stage.exchange.script(faults.firewall(), ALWAYS);
    const { body, receiptHandle, messageId } = await deliver(stage.queues, bodyFor());
    const seconds: number[] = [];
    for (const receives of [2, 3, 4]) {
      await call(sqsEvent([sqsRecord(body, { receiptHandle, messageId, receives })]));
      seconds.push(Math.ceil(((await hiddenForMs(stage.queues, messageId)) ?? 0) / 1000));
    }

    expect(seconds.map((value, index) => value > 2 ** (index + 2) - 1 && value <= 2 ** (index + 3))).toEqual([
      true,
      true,
      true,
    ]);
  });

  test.each([
    ['a back-off', faults.firewall()],
    ['a dead letter', faults.code(400, -1121, 'Invalid symbol.')],
  ])('and whose queue fails too (%s) is named all the same', async (_, fault) => {
    stage.exchange.script(fault);
    stage.queues.fault = (action, body) =>
      refuseDeadLetters(action, body) ?? (action === 'ChangeMessageVisibility' ? REFUSED : undefined);
    const [bad, good] = [sqsRecord(bodyFor()), sqsRecord(bodyFor())];

    const first = await call(sqsEvent([bad]));
    const second = await call(sqsEvent([good]));

    expect([first, second]).toEqual([named(bad), NOBODY]);
  });
});

const REFUSED = { status: 503, name: 'ServiceUnavailable', message: 'Not now.' };
