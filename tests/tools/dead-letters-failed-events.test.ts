import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { failedEventOf } from '../../tools/dead-letters/failed-event.ts';
import { type LetterBench, startLetterBench } from './letter-bench.ts';

const CANCEL = '{"symbol":"BTC-200730-9000-C","clientOrderId":"quote-1"}';
const KILL = '{"kill":{"underlying":"BTCUSDT"}}';
const SCHEDULED_TIME = '2026-12-25T07:55:00Z';
const SCHEDULER = {
  ERROR_CODE: 'AccessDeniedException',
  ERROR_MESSAGE: 'not authorized to perform lambda:InvokeFunction',
  EXECUTION_ID: 'ad06616e51cdf74a',
  IS_PAYLOAD_TRUNCATED: 'false',
  RETRY_ATTEMPTS: '0',
  SCHEDULED_TIME,
  SCHEDULE_ARN: 'arn:aws:scheduler:ap-northeast-1:123456789012:schedule/desk/settlement',
  TARGET_ARN: 'arn:aws:lambda:ap-northeast-1:123456789012:function:schedule',
};
const FUNCTION = { FunctionName: SCHEDULER.TARGET_ARN, InvocationType: 'Event' };

/** Scheduler's call of Lambda's API. */
const scheduled = (payload: string) => JSON.stringify({ ...FUNCTION, Payload: payload });

/** Lambda's record of an invocation that failed. */
const recorded = (requestPayload: unknown) =>
  JSON.stringify({
    version: '1.0',
    timestamp: '2026-12-25T08:55:31.568Z',
    requestContext: {
      requestId: 'e4b46cbf-0000-4000-8880-a18cdf61200e',
      functionArn: `${SCHEDULER.TARGET_ARN}:$LATEST`,
      condition: 'RetriesExhausted',
      approximateInvokeCount: 3,
    },
    requestPayload,
    responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
    responsePayload: {
      errorType: 'DeadLetterError',
      errorMessage: 'unknown, and its dead letter could not be written',
    },
  });

const envelope = (detail: unknown) => ({
  version: '0',
  'detail-type': 'Desk Closes',
  source: 'desk',
  time: '2026-12-25T08:00:00Z',
  resources: [],
  detail,
});

const eventOf = (body: string, attributes: Record<string, string> = {}) =>
  failedEventOf({
    messageId: 'id',
    sentAt: '2026-12-25T09:00:00.000Z',
    receives: 1,
    receiptHandle: 'handle',
    attributes,
    body,
  });

describe('the request of a failed event', () => {
  test.each([
    ["Scheduler's call", scheduled(KILL), SCHEDULER, KILL, SCHEDULED_TIME],
    ["Scheduler's input alone", KILL, SCHEDULER, KILL, SCHEDULED_TIME],
    [
      'an event that a rule could not deliver',
      JSON.stringify(envelope(JSON.parse(KILL))),
      {},
      KILL,
      '2026-12-25T08:00:00Z',
    ],
    [
      "Lambda's record of an event",
      recorded(envelope(JSON.parse(CANCEL))),
      {},
      CANCEL,
      '2026-12-25T08:00:00Z',
    ],
    [
      "Lambda's record of the JSON text of a request",
      recorded(envelope(` ${CANCEL}`)),
      {},
      ` ${CANCEL}`,
      '2026-12-25T08:00:00Z',
    ],
  ])(
    'is taken from %s, with the time at which it was wanted',
    (_name, body, attributes, request, askedAt) => {
      expect(eventOf(body, attributes).redrive).toEqual({ ok: true, body: request, attributes: { askedAt } });
    },
  );

  test('keeps an askedAt of its own, and needs no other', () => {
    const request = { kill: { underlying: 'BTCUSDT' }, askedAt: '2026-12-25T07:55:00Z' };

    const { redrive } = eventOf(recorded(request));

    expect(redrive).toEqual({ ok: true, body: JSON.stringify(request), attributes: {} });
  });

  test('needs no time if it cancels one orderId', () => {
    const request = { symbol: 'BTC-200730-9000-C', orderId: '4611875134427365377' };

    expect(eventOf(recorded(request)).redrive).toMatchObject({ ok: true, attributes: {} });
  });

  test('has the scheduled time where Scheduler left its keyword', () => {
    const { redrive } = eventOf(
      scheduled('{"kill":{"underlying":"BTCUSDT"},"askedAt":"<aws.scheduler.scheduled-time>"}'),
      SCHEDULER,
    );

    expect(redrive).toMatchObject({
      body: `{"kill":{"underlying":"BTCUSDT"},"askedAt":"${SCHEDULED_TIME}"}`,
    });
  });

  test.each([
    ['a kill without a time', recorded(JSON.parse(KILL)), 'it does not say when it was wanted'],
    ['a name without a time', recorded(JSON.parse(CANCEL)), 'it does not say when it was wanted'],
    [
      'a number that the platform has rounded',
      '{"symbol":"BTC-200730-9000-C","orderId":4611875134427365377}',
      'orderId must be a whole number',
    ],
    [
      'a rounded number in a record',
      recorded({ symbol: 'BTC-200730-9000-C', orderId: 2 ** 62 }),
      'orderId must be a whole number',
    ],
    ['an invalid request', recorded(envelope({ symbol: 'BTC' })), 'symbol must be an option symbol'],
    ['a truncated payload', scheduled(KILL.slice(0, 20)), 'the request cannot be read'],
    ['something else', 'no JSON', 'the request cannot be read'],
    ['a drill', recorded({ drill: true }), 'a drill is never redriven: delete it'],
  ])('is not redriven: %s', (_name, body, error) => {
    expect(eventOf(body).redrive).toEqual({ ok: false, error: expect.stringContaining(error) });
  });

  test('shows that a number was rounded', () => {
    const { fields } = eventOf('{"symbol":"BTC-200730-9000-C","orderId":4611875134427365377}');

    expect(fields?.orderId).toBe('4611875134427365000 (rounded: send it as a string)');
  });

  test('that Lambda never ran has no error of the function', () => {
    const aged = {
      requestContext: { condition: 'EventAgeExceeded' },
      requestPayload: {},
      responsePayload: null,
    };

    expect(eventOf(JSON.stringify(aged))).toMatchObject({ outcome: 'EventAgeExceeded', detail: '' });
  });
});

describe('failed events', () => {
  let bench: LetterBench;

  beforeEach(async () => {
    bench = await startLetterBench();
  });

  afterEach(async () => {
    await bench.stop();
  });

  test('are listed with what they were and why they failed', async () => {
    const bySchedule = await bench.fail(scheduled(KILL), SCHEDULER);
    const byLambda = await bench.fail(recorded(envelope(JSON.parse(CANCEL))));

    await bench.run('--failed-events');

    const rows = bench.printed.slice(1, 3).map((line) => line.split(/ {2,}/).slice(1));
    expect(rows).toEqual(
      expect.arrayContaining([
        ['AccessDeniedException', 'kill BTCUSDT', bySchedule, SCHEDULER.ERROR_MESSAGE],
        [
          'RetriesExhausted',
          'BTC-200730-9000-C',
          'quote-1',
          byLambda,
          'DeadLetterError: unknown, and its dead letter could not be written',
        ],
      ]),
    );
    expect(bench.printed.at(-1)).toBe(`2 failed events in ${bench.failedEventsUrl}`);
  });

  test('are redriven to their queues with the time at which they were wanted, and deleted', async () => {
    await bench.fail(scheduled(KILL), SCHEDULER);
    await bench.fail(recorded(envelope(JSON.parse(CANCEL))));
    await bench.fail('no JSON');

    const code = await bench.run('--failed-events', '--redrive', '--yes');

    expect(code).toBe(1);
    const [kill] = await bench.received(bench.queues.killQueueUrl, 1);
    const [cancel] = await bench.received(bench.queues.cancelQueueUrl, 1);
    expect([kill?.Body, kill?.MessageAttributes?.askedAt?.StringValue]).toEqual([KILL, SCHEDULED_TIME]);
    expect([cancel?.Body, cancel?.MessageAttributes?.askedAt?.StringValue]).toEqual([
      CANCEL,
      '2026-12-25T08:00:00Z',
    ]);
    expect(await bench.visible(bench.failedEventsUrl)).toEqual(['no JSON']);
  });

  test('are shown as a whole by any of their ids, with the request that a redrive would send', async () => {
    await bench.fail(scheduled(KILL), SCHEDULER);

    await bench.run('--failed-events', '--id', SCHEDULER.EXECUTION_ID);

    expect(bench.printed[0]?.split('\n')).toEqual(
      expect.arrayContaining([
        'AccessDeniedException',
        `  request               ${KILL}`,
        `  askedAt               ${SCHEDULED_TIME}`,
      ]),
    );
  });

  test('that cannot be redriven say why, and are cleared by a deletion', async () => {
    const id = await bench.fail(recorded({ drill: true }));

    expect(await bench.json('--failed-events', '--id', id)).toEqual([
      expect.objectContaining({ notRedriven: 'a drill is never redriven: delete it' }),
    ]);
    await bench.run('--failed-events', '--delete', '--all', '--yes');
    expect(await bench.visible(bench.failedEventsUrl)).toEqual([]);
  });
});
