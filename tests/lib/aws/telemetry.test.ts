import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type CancelRecord, type KillRecord, Telemetry } from '../../../lib/aws/telemetry.ts';
import { type CapturedOutput, captureOutput } from '../../helpers/output.ts';
import { orderWith, settled } from '../../helpers/settlements.ts';

/** Milliseconds that remain of an invocation at its end. */
const REMAINING_MS = 5000;

const order = { symbol: 'BTC-200730-9000-C', clientOrderId: 'desk-7' } as const;
const canceled: CancelRecord = {
  settlement: settled({ kind: 'canceled', order: orderWith('CANCELLED') }, { attempts: 2, usedWeight: 40 }),
  order,
  account: 'desk-a',
  requestId: 'request-1',
  lambdaRequestId: 'invocation-1',
  caller: 'arn:aws:iam::123456789012:user/desk',
  onBehalfOf: undefined,
  receives: 1,
  next: 'done',
  backAt: undefined,
  deadLetterMessageId: undefined,
  ageMs: 1500,
};

const result: KillRecord['result'] = {
  killId: 'risk/7',
  account: 'desk-a',
  scope: { underlying: 'BTCUSDT' },
  only: { side: 'SELL' },
  outcome: 'not-emptied',
  reason: 'vol limit',
  detail: 'time was up before the scope was proven empty',
  code: -1001,
  askedAt: '2026-01-31T12:00:00.000Z',
  asOf: undefined,
  late: false,
  orders: { seen: 1, canceled: 0, filled: 0, closed: 0, unexamined: 0, left: 1, newer: 0 },
  results: [
    {
      orderId: '4611875134427365377',
      symbol: 'BTC-261225-90000-C',
      clientOrderId: 'mm1-a',
      outcome: 'left',
      executedQty: '0',
    },
  ],
  calls: { mass: 1, lists: 3, cancels: 1, queries: 2 },
  queueMessageId: 'message-1',
};
const unfinished: KillRecord = {
  result,
  next: 'back',
  requestId: 'request-1',
  lambdaRequestId: 'invocation-1',
  caller: 'AIDAIENQZJOLO23YVJ4VO',
  onBehalfOf: 'arn:aws:iam::123456789012:user/desk',
  receives: 3,
  backAt: '2026-01-31T12:00:05.000Z',
  deadLetterMessageId: undefined,
  latencyMs: 12,
};

let output: CapturedOutput;
let telemetry: Telemetry;

beforeEach(() => {
  output = captureOutput();
  telemetry = new Telemetry('queue');
});

afterEach(() => output[Symbol.dispose]());

/** The log lines, and the embedded metrics, of all that was written. */
const logs = () => output.records().filter((record) => 'level' in record);
const metrics = () => output.records().filter((record) => '_aws' in record);

/** An embedded metric record with these dimensions and, as name and unit, these metrics. */
function embedded(dimensions: string[], units: Record<string, string>) {
  const Metrics = Object.entries(units).map(([Name, Unit]) => ({ Name, Unit }));
  const directive = { Namespace: 'BinanceOptionsCancel', Dimensions: [dimensions], Metrics };
  return {
    _aws: { Timestamp: expect.any(Number), CloudWatchMetrics: [directive] },
    service: 'binance-options-cancel',
    trigger: 'queue',
  };
}

describe('a settled cancel', () => {
  test('is one log line with all there is to know of it', () => {
    telemetry.cancelSettled(canceled);

    expect(logs()).toEqual([
      {
        level: 'INFO',
        message: 'cancel settled',
        timestamp: expect.any(String),
        service: 'binance-options-cancel',
        sampling_rate: 0,
        trigger: 'queue',
        outcome: 'canceled',
        symbol: 'BTC-200730-9000-C',
        clientOrderId: 'desk-7',
        orderId: '4611875134427365377',
        status: 'CANCELLED',
        attempts: 2,
        latencyMs: 12,
        usedWeight: 40,
        requestId: 'request-1',
        caller: 'arn:aws:iam::123456789012:user/desk',
        ageMs: 1500,
        account: 'desk-a',
        lambdaRequestId: 'invocation-1',
        receives: 1,
        next: 'done',
      },
    ]);
  });

  test('without an order has the exchange’s code and the reason', () => {
    const reason = { detail: 'the exchange answered 400: m', status: 400, code: -1007, msg: 'm' };
    const settlement = settled({ kind: 'unknown', reason });

    telemetry.cancelSettled({ ...canceled, settlement, order: undefined, deadLetterMessageId: 'message-1' });

    expect(logs()).toMatchObject([
      { outcome: 'unknown', code: -1007, detail: reason.detail, deadLetterMessageId: 'message-1' },
    ]);
    expect(logs()[0]).not.toHaveProperty('orderId');
  });

  test.each([
    ['canceled', 'INFO'],
    ['accepted', 'WARN'],
    ['filled', 'WARN'],
    ['closed', 'WARN'],
  ] as const)('of the outcome %s is of the level %s', (kind, level) => {
    telemetry.cancelSettled({ ...canceled, settlement: settled({ kind, order: orderWith('FILLED') }) });

    expect(logs()).toMatchObject([{ level, outcome: kind }]);
  });

  test.each([
    ['not-found', 'WARN'],
    ['invalid-request', 'WARN'],
    ['expired', 'WARN'],
    ['throttled', 'ERROR'],
    ['credentials', 'ERROR'],
    ['forbidden', 'ERROR'],
    ['unavailable', 'ERROR'],
    ['unknown', 'ERROR'],
  ] as const)('of the outcome %s is of the level %s', (kind, level) => {
    telemetry.cancelSettled({ ...canceled, settlement: settled({ kind, reason: { detail: 'd' } }) });

    expect(logs()).toMatchObject([{ level, outcome: kind }]);
  });

  test('is counted by outcome and trigger, together with others of its outcome, beside its age', async () => {
    telemetry.cancelSettled(canceled);
    telemetry.cancelSettled(canceled);
    await telemetry.flush(REMAINING_MS);
    await telemetry.flush(REMAINING_MS);

    expect(metrics()).toEqual([
      {
        ...embedded(['service', 'trigger', 'outcome'], { Cancels: 'Count' }),
        outcome: 'canceled',
        Cancels: 2,
      },
      { ...embedded(['service', 'trigger'], { CancelAge: 'Milliseconds' }), CancelAge: [1500, 1500] },
    ]);
  });

  test('is counted apart from others that ended otherwise', async () => {
    telemetry.cancelSettled({ ...canceled, ageMs: undefined });
    telemetry.cancelSettled({
      ...canceled,
      ageMs: undefined,
      settlement: settled({ kind: 'unknown', reason: { detail: 'd' } }),
    });
    await telemetry.flush(REMAINING_MS);

    expect(metrics()).toMatchObject([
      { outcome: 'canceled', Cancels: 1 },
      { outcome: 'unknown', Cancels: 1 },
    ]);
  });
});

describe('a settled kill', () => {
  test('is one log line with the fields of its result, who asked, and what is next', () => {
    telemetry.killSettled(unfinished);

    const { asOf: _, ...fields } = result;
    expect(logs()).toEqual([
      {
        level: 'ERROR',
        message: 'kill returned to its queue',
        timestamp: expect.any(String),
        service: 'binance-options-cancel',
        sampling_rate: 0,
        trigger: 'queue',
        ...fields,
        next: 'back',
        backAt: '2026-01-31T12:00:05.000Z',
        requestId: 'request-1',
        lambdaRequestId: 'invocation-1',
        caller: 'AIDAIENQZJOLO23YVJ4VO',
        onBehalfOf: 'arn:aws:iam::123456789012:user/desk',
        receives: 3,
        latencyMs: 12,
      },
    ]);
  });

  test('has its orders last, so that a query finds every other field', () => {
    telemetry.killSettled(unfinished);

    expect(Object.keys(Object(logs()[0])).at(-1)).toBe('results');
  });

  test.each([
    ['emptied', 'INFO'],
    ['dry-run', 'INFO'],
    ['not-emptied', 'ERROR'],
    ['throttled', 'ERROR'],
    ['credentials', 'ERROR'],
    ['forbidden', 'ERROR'],
    ['unavailable', 'ERROR'],
    ['unknown', 'ERROR'],
    ['invalid-request', 'WARN'],
    ['expired', 'WARN'],
  ] as const)('of the outcome %s is of the level %s', (outcome, level) => {
    telemetry.killSettled({ ...unfinished, result: { ...result, outcome } });

    expect(logs()).toMatchObject([{ level, outcome }]);
  });

  test('is counted by outcome, apart from cancels of the same outcome', async () => {
    const throttled = { ...result, outcome: 'throttled' } as const;
    const settlement = settled({ kind: 'throttled', reason: { detail: 'd' } });

    telemetry.killSettled(unfinished);
    telemetry.killSettled({ ...unfinished, result: throttled });
    telemetry.killSettled({ ...unfinished, result: throttled });
    telemetry.cancelSettled({ ...canceled, ageMs: undefined, settlement });
    await telemetry.flush(REMAINING_MS);

    const dimensions = ['service', 'trigger', 'outcome'];
    expect(metrics()).toEqual([
      { ...embedded(dimensions, { Kills: 'Count' }), outcome: 'not-emptied', Kills: 1 },
      { ...embedded(dimensions, { Kills: 'Count' }), outcome: 'throttled', Kills: 2 },
      { ...embedded(dimensions, { Cancels: 'Count' }), outcome: 'throttled', Cancels: 1 },
    ]);
  });
});

describe('the message of an outcome line', () => {
  test.each([
    ['queue', 'done', 'cancel settled', 'kill settled'],
    ['queue', 'back', 'cancel returned to its queue', 'kill returned to its queue'],
    ['queue', 'dead-letter', 'cancel kept as a dead letter', 'kill kept as a dead letter'],
    ['api', 'back', 'cancel not kept', 'kill not kept'],
    ['schedule', 'back', 'cancel not kept', 'kill not kept'],
    ['schedule', 'dead-letter', 'cancel kept as a dead letter', 'kill kept as a dead letter'],
    ['api', 'done', 'cancel settled', 'kill settled'],
  ] as const)('through the %s with %j next is "%s" or "%s"', (trigger, next, ofCancel, ofKill) => {
    const telemetry = new Telemetry(trigger);

    telemetry.cancelSettled({ ...canceled, next });
    telemetry.killSettled({ ...unfinished, next });

    expect(logs().map(({ message }) => message)).toEqual([ofCancel, ofKill]);
  });

  test('of a kill that goes on in the kill queue is "kill handed over"', () => {
    new Telemetry('api').killSettled({ ...unfinished, next: 'handed-over' });

    expect(logs()).toMatchObject([{ message: 'kill handed over', next: 'handed-over' }]);
  });
});

describe('a flush', () => {
  test('writes everything counted since the last one, in one record', async () => {
    telemetry.secretRead();
    telemetry.clockRead(-2.5);
    telemetry.answered(12, 40);
    telemetry.answered(15, undefined);
    telemetry.deadLetterWritten();

    await telemetry.flush(REMAINING_MS);
    await telemetry.flush(REMAINING_MS);

    const units = {
      SecretReads: 'Count',
      ClockOffset: 'Milliseconds',
      ExchangeLatency: 'Milliseconds',
      UsedWeight: 'Count',
      DeadLetters: 'Count',
    };
    const values = {
      SecretReads: 1,
      ClockOffset: -2.5,
      ExchangeLatency: [12, 15],
      UsedWeight: 40,
      DeadLetters: 1,
    };
    expect(metrics()).toEqual([{ ...embedded(['service', 'trigger'], units), ...values }]);
  });

  test('of nothing writes nothing', async () => {
    await telemetry.flush(REMAINING_MS);
    telemetry.cancelSettled({ ...canceled, ageMs: undefined });
    await telemetry.flush(REMAINING_MS);

    expect(metrics()).toHaveLength(1);
    expect(metrics()).toMatchObject([{ Cancels: 1 }]);
  });
});

describe('an error', () => {
  const error = new RangeError('S3CR3T in its message', { cause: new Error('S3CR3T in its cause') });

  test('is logged by its name alone, because its message may hold anything', () => {
    telemetry.error('dead letter could not be written', error, { requestId: 'request-1' });
    telemetry.warn('secret could not be read', error);

    expect(logs()).toMatchObject([
      {
        level: 'ERROR',
        message: 'dead letter could not be written',
        cause: 'RangeError',
        requestId: 'request-1',
      },
      { level: 'WARN', message: 'secret could not be read', cause: 'RangeError' },
    ]);
    expect(output.lines().join()).not.toContain('S3CR3T');
  });

  test('of another type is logged by its type', () => {
    telemetry.warn('odd', 'S3CR3T');

    expect(logs()).toMatchObject([{ message: 'odd', cause: 'string' }]);
    expect(output.lines().join()).not.toContain('S3CR3T');
  });
});
