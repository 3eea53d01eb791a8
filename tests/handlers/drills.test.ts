import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { faults } from '../../local/exchange.ts';
import { httpEvent } from '../../local/http-event.ts';
import { defaultKey, deskKey } from '../../local/keys.ts';
import { eventBridgeEvent, type RecordParts, sqsEvent, sqsRecord } from '../helpers/events.ts';
import { CALL, callsTo, emptyBook, killRecord, openIn, takeKills } from '../helpers/kill-stage.ts';
import { type CapturedOutput, captureOutput } from '../helpers/output.ts';
import { loadFunction, type Stage, startStage } from '../helpers/stage.ts';

const LOUD = { POWERTOOLS_LOG_LEVEL: 'INFO', POWERTOOLS_METRICS_DISABLED: 'false' };
const FUNCTIONS = ['api', 'queue', 'schedule', 'preflight'] as const;
const DRILL = { drill: true };
const LAST = 'ETH-261225-4000-P';
const ACCEPTED = `accepted: the exchange looked for order 1 of ${LAST}`;
const DONE = { batchItemFailures: [] };
const FIVE_MINUTES_MS = 5 * 60_000;

let stage: Stage;

beforeAll(async () => {
  stage = await startStage({ weightLimit: 100_000, underlyings: [] });
});

afterAll(() => stage.stop());

beforeEach(() => {
  stage.exchange.setKeys([defaultKey, deskKey]);
  stage.exchange.clearScripts();
  emptyBook(stage);
  stage.exchange.resetCalls();
});

const load = (name: (typeof FUNCTIONS)[number]) => loadFunction(name, { ...stage.env, ...LOUD });

/** The event with which a function is drilled: as it is, or on the kill queue. */
const eventFor = (name: string, drill: object) =>
  name === 'queue' ? sqsEvent([killRecord(stage, JSON.stringify(drill))]) : drill;

const linesIn = (output: CapturedOutput) =>
  output.records().filter((record) => 'result' in record && 'message' in record);
const outcomesIn = (output: CapturedOutput) => output.records().filter((record) => 'outcome' in record);

/** The dimensions of the embedded metrics of drills, and their values. */
const dimensionsIn = (output: CapturedOutput) =>
  output
    .records()
    .filter((record) => 'Drills' in record)
    .map(({ _aws, service: _, Drills, ...values }) => [_aws, values, Drills]);

/** Metric directives with these dimensions. */
const counted = (...dimensions: readonly string[]) => ({
  Timestamp: expect.any(Number),
  CloudWatchMetrics: [
    {
      Namespace: 'BinanceOptionsCancel',
      Dimensions: [['service', ...dimensions]],
      Metrics: [{ Name: 'Drills', Unit: 'Count' }],
    },
  ],
});

describe.each(FUNCTIONS)('a drill of the %s function', (name) => {
  test('proves the way to the exchange, is one line and one count, and touches no order', async () => {
    const open = [stage.exchange.place({ symbol: LAST }), stage.exchange.place({ symbol: CALL })];
    using output = captureOutput();
    const invoke = await load(name);

    const answer = await invoke(eventFor(name, DRILL));

    expect(answer).toEqual(name === 'queue' ? DONE : { drill: 'ok', symbol: LAST, detail: ACCEPTED });
    expect(callsTo(stage)).toEqual(['GET exchangeInfo', 'DELETE order']);
    expect(openIn(stage)).toEqual(open.map(({ orderId }) => orderId));
    expect(linesIn(output)).toMatchObject([
      {
        ...{
          level: 'INFO',
          message: 'drill ok',
          trigger: name,
          result: 'ok',
          symbol: LAST,
          detail: ACCEPTED,
        },
        requestId: expect.any(String),
        lambdaRequestId: expect.any(String),
        latencyMs: expect.any(Number),
      },
    ]);
    expect(dimensionsIn(output)).toEqual([
      [counted('trigger', 'result'), { trigger: name, result: 'ok' }, 1],
    ]);
    expect(outcomesIn(output)).toEqual([]);
  });

  test('warns of a key that the exchange refuses, and says what to do', async () => {
    stage.exchange.setKeys([deskKey]);
    using output = captureOutput();
    const invoke = await load(name);

    const answer = await invoke(eventFor(name, DRILL));

    const failure = {
      symbol: LAST,
      detail: expect.stringContaining('401'),
      fix: expect.stringContaining('key'),
    };
    expect(answer).toEqual(name === 'queue' ? DONE : { drill: 'failed', ...failure });
    expect(linesIn(output)).toMatchObject([
      { level: 'WARN', message: 'drill failed', trigger: name, result: 'failed', ...failure },
    ]);
    expect(dimensionsIn(output)).toMatchObject([[{}, { result: 'failed' }, 1]]);
    expect(await stage.takeDeadLetters()).toEqual([]);
  });

  test('is skipped while the exchange throttles, and makes no call', async () => {
    stage.exchange.script(faults.tooMany(60), { method: 'DELETE' });
    using output = captureOutput();
    const invoke = await load(name);
    await invoke(eventFor(name, DRILL));
    stage.exchange.resetCalls();

    const answer = await invoke(eventFor(name, DRILL));

    expect(answer).toMatchObject(name === 'queue' ? DONE : { drill: 'skipped' });
    expect(stage.exchange.calls).toEqual([]);
    expect(linesIn(output)).toMatchObject(Array(2).fill({ level: 'INFO', message: 'drill skipped' }));
    expect(await stage.takeDeadLetters()).toEqual([]);
  });

  test('of a named account is signed with its key, and is counted apart', async () => {
    stage.exchange.setKeys([deskKey]);
    using output = captureOutput();
    const invoke = await load(name);

    const answer = await invoke(eventFor(name, { ...DRILL, account: 'desk-a' }));

    expect(answer).toMatchObject(name === 'queue' ? DONE : { drill: 'ok', account: 'desk-a' });
    expect(linesIn(output)).toMatchObject([{ message: 'drill ok', account: 'desk-a' }]);
    expect(dimensionsIn(output)).toEqual([
      [counted('trigger', 'result', 'account'), { trigger: name, result: 'ok', account: 'desk-a' }, 1],
    ]);
  });

  test('of an account whose name is wrong fails, and names the field', async () => {
    using output = captureOutput();
    const invoke = await load(name);

    await invoke(eventFor(name, { ...DRILL, account: 'Desk A' }));

    expect(linesIn(output)).toMatchObject([
      { message: 'drill failed', detail: expect.stringMatching(/^account must be/), fix: expect.any(String) },
    ]);
    expect([callsTo(stage), await stage.takeDeadLetters()]).toEqual([[], []]);
  });
});

describe('the schedule function is drilled', () => {
  test.each<[string, unknown]>([
    ['JSON text', '{"drill":true}'],
    ['an event whose detail is an object', eventBridgeEvent(DRILL)],
    ['an event whose detail is JSON text', eventBridgeEvent('{"drill":true}')],
  ])('by %s', async (_, event) => {
    using _output = captureOutput();
    const invoke = await load('schedule');

    expect(await invoke(event)).toMatchObject({ drill: 'ok' });
  });
});

describe('a drill on a queue', () => {
  /** Delivers a drill from the cancel queue. */
  async function deliver(parts: RecordParts) {
    using output = captureOutput();
    const invoke = await load('queue');
    const answer = await invoke(sqsEvent([sqsRecord('{"drill":true}', parts)]));
    return [answer, linesIn(output)];
  }

  test('that waited for more than five minutes is skipped, and makes no call', async () => {
    const [answer, lines] = await deliver({ sentAt: Date.now() - FIVE_MINUTES_MS - 1000 });

    expect(answer).toEqual(DONE);
    expect(lines).toMatchObject([{ message: 'drill skipped', detail: expect.stringContaining('5 minutes') }]);
    expect(callsTo(stage)).toEqual([]);
  });

  test('that waited for less is run, whatever its other attributes say', async () => {
    const sentAt = Date.now() - FIVE_MINUTES_MS + 60_000;

    const [answer, lines] = await deliver({ sentAt, askedAt: 'yesterday', messageId: 'message-1' });

    expect(answer).toEqual(DONE);
    expect(lines).toMatchObject([{ message: 'drill ok', requestId: 'message-1' }]);
  });

  test('that fails on its last receive is done, and no dead letter', async () => {
    stage.exchange.script(faults.reset(), { method: 'DELETE' });

    const [answer, lines] = await deliver({ receives: 20 });

    expect(answer).toEqual(DONE);
    expect(lines).toMatchObject([{ message: 'drill failed' }]);
    expect(await stage.takeDeadLetters()).toEqual([]);
  });
});

describe('with another field it is no drill, but an invalid request:', () => {
  const MIXED = [
    { ...DRILL, kill: { everything: true } },
    { ...DRILL, symbol: CALL, orderId: '1' },
    { ...DRILL, acount: 'desk-a' },
    { drill: 'true' },
  ];

  test.each(MIXED)('%j on a queue is a dead letter', async (fields) => {
    const { orderId } = stage.exchange.place({ symbol: CALL });
    const invoke = await stage.loadQueue();
    const body = JSON.stringify(fields);

    expect(await invoke(sqsEvent([killRecord(stage, body)]))).toEqual(DONE);

    const letters = await stage.takeDeadLetters();
    expect(letters).toMatchObject([{ body, attributes: { outcome: 'invalid-request' } }]);
    expect(letters[0]?.attributes.detail).toMatch(/\b(drill|acount) is not a field/);
    expect([callsTo(stage), openIn(stage)]).toEqual([[], [orderId]]);
  });

  test.each(MIXED)('%j of a schedule is a dead letter', async (fields) => {
    const invoke = await stage.loadSchedule();

    expect(await invoke(fields)).toMatchObject({ outcome: 'invalid-request' });

    expect(await stage.takeDeadLetters()).toMatchObject([{ body: JSON.stringify(fields) }]);
    expect([callsTo(stage), await takeKills(stage)]).toEqual([[], []]);
  });

  test('an HTTP request is 400, even if it is just like a drill', async () => {
    const call = await stage.loadApi();

    const { statusCode, body } = await call({ body: JSON.stringify(DRILL) });

    expect([statusCode, JSON.parse(body).detail]).toEqual([
      400,
      expect.stringContaining('drill is not a field of a cancel request: remove it'),
    ]);
    expect(callsTo(stage)).toEqual([]);
  });

  test('an event of the API function that is no HTTP request names the field', async () => {
    using _ = captureOutput();
    const invoke = await load('api');

    expect(await invoke({ ...DRILL, acount: 'desk-a' })).toMatchObject({
      drill: 'failed',
      detail: 'acount is not a field of a drill: remove it',
    });
  });

  test('the preflight function runs its checks', async () => {
    using _ = captureOutput();
    const invoke = await load('preflight');

    expect(await invoke({ ...DRILL, symbol: CALL })).toHaveProperty('checks');
  });
});

test('an HTTP request with a field drill beside its own in the event is a request', async () => {
  using _ = captureOutput();
  const invoke = await load('api');

  expect(await invoke({ ...httpEvent({ query: `symbol=${CALL}&orderId=1` }), ...DRILL })).toMatchObject({
    statusCode: 404,
  });
});
