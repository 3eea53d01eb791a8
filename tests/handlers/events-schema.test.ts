import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { SQSRecord } from 'aws-lambda';
import { CONSEQUENCES, KILL_CONSEQUENCES } from '../../lib/consequence.ts';
import { isJsonObject } from '../../lib/json.ts';
import { type CallMatch, type Fault, faults } from '../../local/exchange.ts';
import type { HttpRequestParts } from '../../local/http-event.ts';
import { defaultKey } from '../../local/keys.ts';
import { refuseDeadLetters } from '../../local/queues.ts';
import { BUS, warmUp } from '../helpers/bus.ts';
import type { BusEvent } from '../helpers/event-bus.ts';
import { type EventSchemas, pathsIn, readEventSchemas } from '../helpers/event-schemas.ts';
import { eventBridgeEvent, sqsEvent, sqsRecord } from '../helpers/events.ts';
import { AMPLE_WEIGHT, CALL, clear, killRecord } from '../helpers/kill-stage.ts';
import { type Stage, startStage } from '../helpers/stage.ts';

const ALWAYS = { times: Number.POSITIVE_INFINITY };
const ENV = {
  ...AMPLE_WEIGHT,
  ...BUS,
  BINANCE_MAX_ATTEMPTS: '1',
  BINANCE_ACCOUNT_SECRETS: 'binance/accounts/',
};
/** Milliseconds of an invocation that leave 1.1 s for the calls to the exchange. */
const SHORT_MS = 2600;
/** Too short for the proof of a kill, which takes a second. */
const TOO_SHORT_MS = 2400;

let stage: Stage;
let schemas: EventSchemas;
/** The pattern of the documented rule for outcomes that need a person. */
let pattern: unknown;

beforeAll(async () => {
  stage = await startStage({ weightLimit: 100_000 });
  stage.secrets.put('binance/accounts/desk-a', defaultKey);
  schemas = await readEventSchemas();
  pattern = await readPattern();
  await warmUp(stage.eventBus);
});

afterAll(() => stage.stop());

/** One event for each invocation, as it arrived at the bus. */
type Scenario = readonly [what: string, invoke: () => Promise<BusEvent>, expected: object];

const script = (fault: Fault, on: CallMatch = {}) => stage.exchange.script(fault, on);
const place = () => stage.exchange.place({ symbol: CALL, clientOrderId: 'desk-7' }).orderId;

/** Clears the stage, arranges it and returns the one event of an invocation. */
async function eventOf(arrange: () => unknown, invoke: () => Promise<unknown>): Promise<BusEvent> {
  clear(stage);
  stage.exchange.behaviour.acceptedForMs = undefined;
  stage.exchange.throttle(0);
  await arrange();
  stage.eventBus.reset();
  await invoke().catch(() => undefined);
  const [event, ...others] = stage.eventBus.events;
  if (event === undefined || others.length > 0) throw new Error(`${stage.eventBus.events.length} events`);
  return event;
}

const nothing = () => undefined;

/** A cancel of a new order through the API. */
function cancel(arrange: (orderId: string) => unknown = nothing, more = '', timeoutMs = SHORT_MS) {
  return async () => {
    let orderId = '';
    const arrangeOrder = () => {
      orderId = place();
      return arrange(orderId);
    };
    const call = await stage.loadApi(ENV);
    return eventOf(arrangeOrder, () =>
      call({ query: `symbol=${CALL}&orderId=${orderId}${more}` }, timeoutMs),
    );
  };
}

/** A message, once it is known which order it is about. */
function message(recordOf: (orderId: string) => SQSRecord, arrange: () => unknown = nothing) {
  return async () => {
    const call = await stage.loadQueue(ENV);
    let orderId = '';
    const arrangeOrder = () => {
      orderId = place();
      return arrange();
    };
    return eventOf(arrangeOrder, () => call(sqsEvent([recordOf(orderId)])));
  };
}

function kill(
  fields: object,
  arrange: () => unknown = nothing,
  parts: HttpRequestParts = {},
  timeoutMs = 10_000,
) {
  return async () => {
    const call = await stage.loadApi(ENV);
    const request = { method: 'POST', path: '/kills', body: JSON.stringify(fields), timeEpoch: Date.now() };
    return eventOf(arrange, () => call({ ...request, ...parts }, timeoutMs));
  };
}

/** A kill of the kill queue on its last receive, so that it is not handed over. */
function lastKill(arrange: () => unknown, timeoutMs = 10_000, more = {}) {
  return async () => {
    const call = await stage.loadQueue({ ...ENV, ...more });
    const record = killRecord(stage, JSON.stringify({ kill: { symbol: CALL } }), { receives: 20 });
    return eventOf(arrange, () => call(sqsEvent([record]), timeoutMs));
  };
}

const onBehalfOf = (record: SQSRecord): SQSRecord => ({
  ...record,
  messageAttributes: {
    onBehalfOf: {
      stringValue: 'arn:aws:iam::123456789012:user/desk',
      stringListValues: [],
      binaryListValues: [],
      dataType: 'String',
    },
  },
});

const cancelBody = (orderId: string, more = {}) => JSON.stringify({ symbol: CALL, orderId, ...more });
const forbid = () => script(faults.firewall(), ALWAYS);
const acceptOnly = () => {
  stage.exchange.behaviour.acceptedForMs = 60_000;
};
const refuseLetters = () => {
  forbid();
  stage.queues.fault = refuseDeadLetters;
};

const CANCELS: readonly Scenario[] = [
  ['canceled', cancel(), { outcome: 'canceled', next: 'done', status: 'CANCELLED' }],
  ['accepted', cancel(acceptOnly, '&confirm=false'), { outcome: 'accepted', next: 'done' }],
  ['accepted only', cancel(acceptOnly), { outcome: 'accepted', next: 'dead-letter' }],
  ['filled', cancel((orderId) => stage.exchange.fill(orderId)), { outcome: 'filled', next: 'done' }],
  ['closed', cancel((orderId) => stage.exchange.settle(orderId, 'EXPIRED')), { outcome: 'closed' }],
  [
    'not-found',
    cancel(() => script(faults.code(400, -2013, 'No.'), ALWAYS), '', 10_000),
    { outcome: 'not-found' },
  ],
  ['invalid-request', cancel(nothing, '&orderID=1'), { outcome: 'invalid-request', next: 'done' }],
  ['expired', cancel(nothing, '&expiresAt=1'), { outcome: 'expired', next: 'done' }],
  ['throttled', cancel(() => script(faults.tooMany(1))), { outcome: 'throttled', next: 'dead-letter' }],
  [
    'credentials',
    cancel(() => script(faults.code(401, -2015, 'No.'), ALWAYS)),
    { outcome: 'credentials', code: -2015 },
  ],
  ['forbidden', cancel(forbid), { outcome: 'forbidden', next: 'dead-letter' }],
  ['forbidden, not kept', cancel(refuseLetters), { outcome: 'forbidden', next: 'back' }],
  ['unavailable', cancel(() => script(faults.unavailable503(), ALWAYS)), { outcome: 'unavailable' }],
  ['unknown', cancel(() => script(faults.unknown503(), ALWAYS)), { outcome: 'unknown' }],
  [
    'a message of an account, sent for somebody',
    message((orderId) =>
      onBehalfOf(sqsRecord(cancelBody(orderId, { account: 'desk-a', clientOrderId: 'desk-7' }))),
    ),
    { outcome: 'canceled', trigger: 'queue', account: 'desk-a' },
  ],
  [
    'a message that is not JSON',
    message(() => sqsRecord('cancel')),
    { outcome: 'invalid-request', next: 'dead-letter' },
  ],
  [
    'an event of a rule',
    async () => {
      const call = await stage.loadSchedule(ENV);
      let orderId = '';
      return eventOf(
        () => {
          orderId = place();
        },
        () => call(eventBridgeEvent({ symbol: CALL, orderId }, 'desk.risk', new Date().toISOString())),
      );
    },
    { outcome: 'canceled', trigger: 'schedule' },
  ],
];

const KILLS: readonly Scenario[] = [
  [
    'emptied by the API',
    kill({ kill: { symbol: CALL }, reason: 'vol limit', killId: 'k-1' }, place),
    { outcome: 'emptied' },
  ],
  [
    'emptied with a narrowed scope',
    kill(
      {
        kill: { underlying: 'BTCUSDT' },
        only: { side: 'BUY', optionSide: 'CALL', clientOrderIdPrefix: 'desk' },
      },
      place,
    ),
    { outcome: 'emptied', only: { side: 'BUY', optionSide: 'CALL', clientOrderIdPrefix: 'desk' } },
  ],
  [
    'a dry run of everything of an account',
    kill({ kill: { everything: true }, dryRun: true }, place, { path: '/accounts/desk-a/kills' }),
    { outcome: 'dry-run', account: 'desk-a' },
  ],
  ['invalid-request', kill({ kill: {} }), { outcome: 'invalid-request', next: 'done' }],
  ['expired', kill({ kill: { symbol: CALL }, expiresAt: 1 }), { outcome: 'expired', next: 'done' }],
  [
    'emptied by a message, sent for somebody',
    message(() => onBehalfOf(killRecord(stage, JSON.stringify({ kill: { symbol: CALL } })))),
    { outcome: 'emptied', trigger: 'queue' },
  ],
  ['not-emptied', lastKill(place, TOO_SHORT_MS), { outcome: 'not-emptied', next: 'dead-letter' }],
  ['throttled', lastKill(() => script(faults.tooMany(1))), { outcome: 'throttled', next: 'dead-letter' }],
  [
    'credentials',
    lastKill(() => script(faults.code(401, -2015, 'No.'), ALWAYS)),
    { outcome: 'credentials', code: -2015 },
  ],
  ['forbidden', lastKill(forbid), { outcome: 'forbidden', next: 'dead-letter' }],
  ['unknown', lastKill(() => script(faults.unknown503(), ALWAYS), SHORT_MS), { outcome: 'unknown' }],
  [
    'unavailable',
    async () => {
      const call = await stage.loadQueue(ENV);
      const body = JSON.stringify({ kill: { symbol: CALL }, only: { side: 'BUY' } });
      return eventOf(
        () => script(faults.unavailable503(), ALWAYS),
        () => call(sqsEvent([killRecord(stage, body, { receives: 20 })]), SHORT_MS),
      );
    },
    { outcome: 'unavailable', next: 'dead-letter' },
  ],
  [
    'forbidden, neither handed over nor kept',
    kill({ kill: { symbol: CALL } }, () => {
      forbid();
      stage.queues.fault = (action) =>
        action.startsWith('SendMessage')
          ? { status: 503, name: 'ServiceUnavailable', message: 'No.' }
          : undefined;
    }),
    { outcome: 'forbidden', next: 'back' },
  ],
  [
    'emptied by a schedule',
    async () => {
      const call = await stage.loadSchedule(ENV);
      return eventOf(place, () => call({ kill: { symbol: CALL } }));
    },
    { outcome: 'emptied', trigger: 'schedule' },
  ],
];

const sent = { 'Cancel Settled': new Map<string, BusEvent>(), 'Kill Settled': new Map<string, BusEvent>() };

describe.each([
  ['Cancel Settled', CANCELS, Object.keys(CONSEQUENCES)],
  ['Kill Settled', KILLS, Object.keys(KILL_CONSEQUENCES)],
] as const)('the event %s', (detailType, scenarios, outcomes) => {
  beforeAll(async () => {
    for (const [what, invoke] of scenarios) sent[detailType].set(what, await invoke());
  }, 120_000);

  test.each(scenarios)('%s: matches its schema', (what, _, expected) => {
    const event = sent[detailType].get(what);

    expect(event).toMatchObject({
      source: 'binance-options-cancel',
      'detail-type': detailType,
      detail: expected,
    });
    expect(event && schemas.check(event)).toBe('valid');
  });

  test.each(scenarios)('%s: matches the documented pattern only where a person is needed', (what) => {
    const event = sent[detailType].get(what);
    const { next } = Object(event?.detail);

    expect(matches(pattern, event)).toBe(next === 'dead-letter' || next === 'back');
  });

  test('was sent with every outcome', () => {
    const seen = [...sent[detailType].values()].map(({ detail }) => Object(detail).outcome);
    expect([...new Set(seen)].sort()).toEqual(outcomes.toSorted());
  });

  test('has a description of every field, and every field was sent', () => {
    const fields = schemas.fields(detailType);
    const paths = [...sent[detailType].values()].flatMap(({ detail }) => pathsIn(detail));

    expect([...new Set(paths)].sort()).toEqual([...fields.keys()].sort());
    for (const description of fields.values()) expect(description).toMatch(/^[A-Z`].{10,}\.$/);
  });

  test('does not match with a field that is not described', () => {
    for (const { detail } of sent[detailType].values())
      expect(schemas.check({ 'detail-type': detailType, detail: { ...Object(detail), more: 1 } })).not.toBe(
        'valid',
      );
  });
});

/** Returns true if an event matches a rule's pattern of values: those of each field are alternatives. */
function matches(wanted: unknown, value: unknown): boolean {
  if (Array.isArray(wanted)) return wanted.includes(value);
  if (!isJsonObject(wanted) || !isJsonObject(value)) return false;
  return Object.entries(wanted).every(([name, inner]) => matches(inner, value[name]));
}

const reference = () => readFile(new URL('../../docs/reference.md', import.meta.url), 'utf8');

async function readPattern(): Promise<unknown> {
  const [, json = ''] = /--event-pattern '([^']+)'/.exec(await reference()) ?? [];
  return JSON.parse(json);
}

test('the documented sample event has a detail that matches its schema', async () => {
  const [, json = ''] = /```json\n(\{\n {2}"version": "0",[^`]+)```/.exec(await reference()) ?? [];
  const sample: BusEvent = JSON.parse(json);

  expect(schemas.check(sample)).toBe('valid');
});
