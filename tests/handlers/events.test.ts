import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { SQSRecord } from 'aws-lambda';
import { faults } from '../../local/exchange.ts';
import { refuseDeadLetters } from '../../local/queues.ts';
import { BUS, warmUp } from '../helpers/bus.ts';
import { sqsEvent, sqsRecord } from '../helpers/events.ts';
import { AMPLE_WEIGHT, CALL, clear, killRecord, takeKills } from '../helpers/kill-stage.ts';
import { type CapturedOutput, captureOutput } from '../helpers/output.ts';
import { type Stage, startStage } from '../helpers/stage.ts';

const ALWAYS = { times: Number.POSITIVE_INFINITY };
const WITH_BUS = { ...AMPLE_WEIGHT, ...BUS };
const LOUD = { ...WITH_BUS, POWERTOOLS_LOG_LEVEL: 'INFO' };
const KILL = '{"kill":{"symbol":"BTC-261225-90000-C"}}';

let stage: Stage;

beforeAll(async () => {
  stage = await startStage({ weightLimit: 100_000 });
  await warmUp(stage.eventBus);
});

afterAll(() => stage.stop());

beforeEach(async () => {
  clear(stage);
  stage.eventBus.reset();
  await Promise.all([stage.takeDeadLetters(), takeKills(stage)]);
});

/** The query of a cancel of a new order. */
const anyOrder = () => `symbol=${CALL}&orderId=${stage.exchange.place({ symbol: CALL }).orderId}`;
const anyMessage = () =>
  JSON.stringify({ symbol: CALL, orderId: stage.exchange.place({ symbol: CALL }).orderId });
const forbid = () => stage.exchange.script(faults.firewall(), ALWAYS);
const published = () => stage.eventBus.events.map(({ detail }) => detail);
const kill = () => ({ method: 'POST', path: '/kills', body: KILL, timeEpoch: Date.now() });

/** The fields of a log line that tell of its outcome: all but those of every line. */
function outcomeIn(output: CapturedOutput, message: string): object | undefined {
  const line = output.records().find((record) => record.message === message);
  if (line === undefined) return undefined;
  const { level: _, message: __, timestamp: ___, sampling_rate: ____, ...fields } = line;
  return fields;
}

const errorsIn = (output: CapturedOutput) =>
  output.records().filter(({ level, outcome }) => level === 'ERROR' && outcome === undefined);

describe('a final outcome', () => {
  test('of a cancel is an event with the fields of its log line', async () => {
    const call = await stage.loadApi(LOUD);
    using output = captureOutput();

    await call({ query: anyOrder() });

    const line = outcomeIn(output, 'cancel settled');
    expect(line).toMatchObject({ trigger: 'api', outcome: 'canceled', next: 'done' });
    expect(stage.eventBus.events).toEqual([
      {
        id: expect.any(String),
        bus: 'outcomes',
        source: 'binance-options-cancel',
        'detail-type': 'Cancel Settled',
        detail: { version: 1, ...line },
      },
    ]);
  });

  test('of a kill is an event with the fields of its log line', async () => {
    stage.exchange.place({ symbol: CALL });
    const call = await stage.loadQueue(LOUD);
    using output = captureOutput();

    await call(sqsEvent([killRecord(stage, KILL)]));

    const line = outcomeIn(output, 'kill settled');
    expect(line).toMatchObject({ trigger: 'queue', outcome: 'emptied', results: expect.any(Array) });
    expect(stage.eventBus.events).toMatchObject([
      { 'detail-type': 'Kill Settled', detail: { version: 1, ...line } },
    ]);
  });

  test('that became a dead letter is an event, through every trigger', async () => {
    forbid();
    const [api, queue, schedule] = [
      await stage.loadApi(WITH_BUS),
      await stage.loadQueue(WITH_BUS),
      await stage.loadSchedule(WITH_BUS),
    ];

    await api({ query: anyOrder() });
    await queue(sqsEvent([sqsRecord(anyMessage(), { receives: 5 })]));
    await schedule(JSON.parse(anyMessage()));

    const letters = await stage.takeDeadLetters();
    expect(letters).toHaveLength(3);
    expect(published()).toEqual(
      letters.map(({ messageId, attributes: { trigger, outcome } }) =>
        expect.objectContaining({
          outcome,
          next: 'dead-letter',
          trigger,
          deadLetterMessageId: messageId,
        }),
      ),
    );
  });

  test('through the API whose dead letter could not be written is an event: nothing else keeps it', async () => {
    forbid();
    stage.queues.fault = refuseDeadLetters;
    const call = await stage.loadApi(WITH_BUS);

    await call({ query: anyOrder() });

    expect(published()).toMatchObject([{ outcome: 'forbidden', next: 'back', trigger: 'api' }]);
  });

  test('of a dry run is an event', async () => {
    const call = await stage.loadSchedule(WITH_BUS);

    await call({ kill: { symbol: CALL }, dryRun: true });

    expect(published()).toMatchObject([{ outcome: 'dry-run', next: 'done' }]);
  });
});

describe('no event is published', () => {
  test('of a message that goes back to its queue, also because its dead letter could not be written', async () => {
    const call = await stage.loadQueue(WITH_BUS);
    forbid();
    const answer = await call(sqsEvent([sqsRecord(anyMessage()), killRecord(stage, KILL)]));
    stage.queues.fault = refuseDeadLetters;
    const last = await call(sqsEvent([sqsRecord(anyMessage(), { receives: 5 })]));

    expect([answer.batchItemFailures.length, last.batchItemFailures.length]).toEqual([2, 1]);
    expect(stage.eventBus.calls).toBe(0);
  });

  test('of a kill that goes on in the kill queue', async () => {
    forbid();
    const [api, schedule] = [await stage.loadApi(WITH_BUS), await stage.loadSchedule(WITH_BUS)];

    await api(kill());
    await schedule(JSON.parse(KILL));

    expect(await takeKills(stage)).toHaveLength(2);
    expect(stage.eventBus.calls).toBe(0);
  });

  test('of a schedule whose dead letter could not be written: Lambda tries it again', async () => {
    forbid();
    stage.queues.fault = refuseDeadLetters;
    const call = await stage.loadSchedule(WITH_BUS);

    await expect(call(JSON.parse(anyMessage()))).rejects.toThrow('dead letter could not be written');

    expect(stage.eventBus.calls).toBe(0);
  });

  test('of a request that was sent to its queue', async () => {
    const call = await stage.loadApi(WITH_BUS);

    const answer = await call({ query: anyOrder(), headers: { prefer: 'respond-async' } });

    expect([answer.statusCode, stage.eventBus.calls]).toEqual([202, 0]);
  });

  test('where no bus is configured', async () => {
    const call = await stage.loadApi(AMPLE_WEIGHT);

    const answer = await call({ query: anyOrder() });

    expect([answer.statusCode, stage.eventBus.calls]).toEqual([200, 0]);
  });
});

describe('the events of a batch', () => {
  test('of ten messages are one call, without those that go back', async () => {
    const call = await stage.loadQueue(WITH_BUS);
    const records = Array.from({ length: 9 }, () => sqsRecord(anyMessage()));
    const { orderId } = stage.exchange.place({ symbol: CALL });
    const lost = sqsRecord(JSON.stringify({ symbol: CALL, orderId }));
    stage.exchange.script(faults.firewall(), { orderId, ...ALWAYS });

    const answer = await call(sqsEvent([...records, lost]));

    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: lost.messageId }] });
    expect(stage.eventBus.calls).toBe(1);
    expect(requestIds()).toEqual(records.map(({ messageId }) => messageId).sort());
  });

  test('of more than ten messages are all published', async () => {
    const call = await stage.loadQueue(WITH_BUS);
    const records: SQSRecord[] = Array.from({ length: 12 }, () => sqsRecord(anyMessage()));

    await call(sqsEvent(records));

    expect(stage.eventBus.calls).toBe(2);
    expect(requestIds()).toEqual(records.map(({ messageId }) => messageId).sort());
  });

  test('of an API request for several orders are one call', async () => {
    const call = await stage.loadApi(WITH_BUS);
    const ids = [1, 2, 3].map(() => stage.exchange.place({ symbol: CALL }).orderId);

    await call({ path: '/eapi/v1/batchOrders', query: `symbol=${CALL}&orderIds=[${ids}]`, requestId: 'r' });

    expect(stage.eventBus.calls).toBe(1);
    expect(requestIds()).toEqual(['r/0', 'r/1', 'r/2']);
  });
});

const requestIds = () =>
  published()
    .map((detail) => Object(detail).requestId)
    .sort();

describe.each([
  ['is down', () => stage.eventBus.stop(), /^Error$/],
  [
    'denies access',
    () => {
      stage.eventBus.fault = 'refuse';
    },
    /^AccessDeniedException$/,
  ],
  [
    'fails',
    () => {
      stage.eventBus.fault = 'fail';
    },
    /InternalException/,
  ],
  [
    'hangs',
    () => {
      stage.eventBus.fault = 'hang';
    },
    /^TimeoutError$/,
  ],
  [
    'refuses the event',
    () => {
      stage.eventBus.fault = 'partial';
    },
    /^InternalFailure$/,
  ],
] as const)('a bus that %s', (_, fail, cause) => {
  /** Starts the bus again where it was stopped. */
  const recover = async () => {
    await stage.eventBus.stop();
    await stage.eventBus.start();
    stage.eventBus.reset();
  };

  test('changes no answer, is not waited for long, and costs one error line', async () => {
    const call = await stage.loadApi(LOUD);
    await fail();
    using output = captureOutput();
    const startedAt = performance.now();

    const answer = await call({ query: anyOrder() });

    expect(performance.now() - startedAt).toBeLessThan(5000);
    await recover();
    expect([answer.statusCode, answer.headers['x-cancel-outcome']]).toEqual([200, 'canceled']);
    expect(outcomeIn(output, 'cancel settled')).toMatchObject({ outcome: 'canceled', next: 'done' });
    expect(errorsIn(output)).toEqual([
      expect.objectContaining({
        message: 'could not publish outcome events',
        unpublished: 1,
        cause: expect.stringMatching(cause),
      }),
    ]);
  });

  test('sends no message back to its queue', async () => {
    const call = await stage.loadQueue(WITH_BUS);
    await fail();

    const answer = await call(sqsEvent([sqsRecord(anyMessage()), sqsRecord('{}')]));

    await recover();
    expect(answer).toEqual({ batchItemFailures: [] });
    expect(await stage.takeDeadLetters()).toHaveLength(1);
  });

  test('receives the next invocation’s events when it works again', async () => {
    const call = await stage.loadApi(WITH_BUS);
    await fail();
    await call({ query: anyOrder() });
    await recover();

    await call({ query: anyOrder(), requestId: 'the next' });

    expect(requestIds()).toEqual(['the next']);
  });
});
