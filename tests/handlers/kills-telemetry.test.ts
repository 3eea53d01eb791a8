import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { faults } from '../../local/exchange.ts';
import { sqsEvent } from '../helpers/events.ts';
import { CALL, emptyBook, killRecord, takeKills } from '../helpers/kill-stage.ts';
import { type CapturedOutput, captureOutput } from '../helpers/output.ts';
import { type Stage, startStage } from '../helpers/stage.ts';

const LOUD = {
  BINANCE_WEIGHT_LIMIT: '100000',
  POWERTOOLS_LOG_LEVEL: 'INFO',
  POWERTOOLS_METRICS_DISABLED: 'false',
};
const KILL = '{"kill":{"underlying":"BTCUSDT"},"reason":"vol limit"}';
const USER = 'arn:aws:iam::123456789012:user/risk';

let stage: Stage;

beforeAll(async () => {
  stage = await startStage({ weightLimit: 100_000 });
});

afterAll(() => stage.stop());

beforeEach(() => {
  stage.exchange.clearScripts();
  emptyBook(stage);
});

const linesIn = (output: CapturedOutput) => output.records().filter((record) => 'killId' in record);

/** The number of kills by outcome, as the embedded metrics say. */
const killsIn = (output: CapturedOutput) =>
  output
    .records()
    .filter((record) => 'Kills' in record)
    .map(({ trigger, outcome, Kills }) => [trigger, outcome, Kills]);

/** Asks for a kill through the API, signed by this user. */
async function killByApi() {
  const call = await stage.loadApi(LOUD);
  const request = { method: 'POST', path: '/kills', body: KILL, requestId: 'Jabc=', userArn: USER };
  return call({ ...request, timeEpoch: Date.now() });
}

describe('a kill', () => {
  test('is one line in the log with its result, its sender and what is next', async () => {
    const { orderId } = stage.exchange.place({ symbol: CALL });
    const call = await stage.loadQueue(LOUD);
    const sentAt = Date.now() - 10;
    const record = killRecord(stage, KILL, { receives: 3, sentAt });
    using output = captureOutput();

    await call(sqsEvent([record]));

    expect(linesIn(output)).toEqual([
      expect.objectContaining({
        level: 'INFO',
        trigger: 'queue',
        killId: record.messageId,
        scope: { underlying: 'BTCUSDT' },
        outcome: 'emptied',
        reason: 'vol limit',
        askedAt: new Date(sentAt).toISOString(),
        asOf: expect.any(String),
        late: false,
        orders: expect.objectContaining({ left: 0, newer: 0 }),
        results: expect.any(Array),
        calls: expect.objectContaining({ mass: 1 }),
        next: 'done',
        requestId: record.messageId,
        caller: record.attributes.SenderId,
        receives: 3,
        latencyMs: expect.any(Number),
      }),
    ]);
    expect(stage.exchange.order(orderId)?.status).toBe('CANCELLED');
  });

  test('that is handed over says who asked, and the message with which it goes on', async () => {
    stage.exchange.script(faults.firewall(), { times: Number.POSITIVE_INFINITY });
    using output = captureOutput();

    await killByApi();

    const [message] = await takeKills(stage);
    expect(linesIn(output)).toMatchObject([
      {
        level: 'ERROR',
        outcome: 'forbidden',
        detail: expect.stringContaining('403'),
        next: 'handed-over',
        queueMessageId: message?.messageId,
        requestId: 'Jabc=',
        caller: USER,
      },
    ]);
    expect(linesIn(output)[0]).not.toHaveProperty('receives');
    expect(killsIn(output)).toEqual([['api', 'forbidden', 1]]);
  });
});

test('kills of a batch have a line each, also of a run that they share, and are counted by outcome', async () => {
  const call = await stage.loadQueue(LOUD);
  const [one, two, wrong] = [KILL, KILL, '{"kill":{}}'].map((body) => killRecord(stage, body));
  using output = captureOutput();

  await call(sqsEvent([one, two, wrong].filter((record) => record !== undefined)));

  const [letter] = await stage.takeDeadLetters();
  const lines = linesIn(output).map(({ killId, outcome, next, deadLetterMessageId }) => [
    killId,
    outcome,
    next,
    deadLetterMessageId,
  ]);
  expect(lines).toHaveLength(3);
  expect(lines).toEqual(
    expect.arrayContaining([
      [one?.messageId, 'emptied', 'done', undefined],
      [two?.messageId, 'emptied', 'done', undefined],
      [wrong?.messageId, 'invalid-request', 'dead-letter', letter?.messageId],
    ]),
  );
  expect(killsIn(output).sort()).toEqual([
    ['queue', 'emptied', 2],
    ['queue', 'invalid-request', 1],
  ]);
});
