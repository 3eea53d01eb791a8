import { PutEventsCommand, type PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { until } from '../local/signed-call.ts';
import { busClient } from './bus.ts';
import { type EmbeddedEventBus, startEventBus } from './event-bus.ts';

let bus: EmbeddedEventBus;

beforeEach(async () => {
  bus = await startEventBus();
});

afterEach(() => bus.stop());

const ENTRY = { Source: 'desk', DetailType: 'Drill', Detail: '{"a":1}' };

const put = (...Entries: PutEventsRequestEntry[]) => busClient(bus).send(new PutEventsCommand({ Entries }));

describe('an event', () => {
  test('is kept with its bus, source, detail-type and detail, under the id that is answered', async () => {
    const answer = await put({ ...ENTRY, EventBusName: 'outcomes' }, ENTRY);

    expect(bus.events).toEqual([
      {
        id: answer.Entries?.[0]?.EventId,
        bus: 'outcomes',
        source: 'desk',
        'detail-type': 'Drill',
        detail: { a: 1 },
      },
      {
        id: answer.Entries?.[1]?.EventId,
        bus: 'default',
        source: 'desk',
        'detail-type': 'Drill',
        detail: { a: 1 },
      },
    ]);
    expect([answer.FailedEntryCount, bus.calls]).toEqual([0, 1]);
  });

  test.each([
    ['whose detail is not an object', { ...ENTRY, Detail: '[1]' }, 'MalformedDetail'],
    ['whose detail is not JSON', { ...ENTRY, Detail: 'a' }, 'MalformedDetail'],
    ['without a source', { ...ENTRY, Source: undefined }, 'InvalidArgument'],
  ])('%s is refused, and the others of its call are kept', async (_, entry, code) => {
    const answer = await put(entry, ENTRY);

    expect(answer).toMatchObject({ FailedEntryCount: 1, Entries: [{ ErrorCode: code }, {}] });
    expect(bus.events).toHaveLength(1);
  });
});

describe('a call', () => {
  test.each([
    ['of no entry', []],
    ['of eleven entries', Array<PutEventsRequestEntry>(11).fill(ENTRY)],
    [
      'of more than 256 KB',
      Array<PutEventsRequestEntry>(9).fill({ ...ENTRY, Detail: `{"a":"${'x'.repeat(30_000)}"}` }),
    ],
  ])('%s is refused', async (_, entries) => {
    await expect(put(...entries)).rejects.toMatchObject({ name: 'ValidationException' });
    expect([bus.calls, bus.events]).toEqual([1, []]);
  });

  test('of 256 KB is taken', async () => {
    const around = `{"a":""}${ENTRY.Source}${ENTRY.DetailType}`.length;
    const Detail = `{"a":"${'x'.repeat(256 * 1024 - around)}"}`;

    await expect(put({ ...ENTRY, Detail })).resolves.toMatchObject({ FailedEntryCount: 0 });
    await expect(put({ ...ENTRY, Detail: `${Detail} ` })).rejects.toMatchObject({
      name: 'ValidationException',
    });
  });

  test.each([
    ['another operation', { 'X-Amz-Target': 'AWSEvents.PutRule' }, 'UnknownOperationException'],
    ['a call without a signature', {}, 'MissingAuthenticationTokenException'],
  ])('%s is refused', async (_, headers, type) => {
    const answer = await fetch(bus.url, {
      method: 'POST',
      headers: { 'X-Amz-Target': 'AWSEvents.PutEvents', ...headers },
      body: JSON.stringify({ Entries: [ENTRY] }),
    });

    expect([answer.status, await answer.json()]).toEqual([400, expect.objectContaining({ __type: type })]);
    expect(bus.events).toEqual([]);
  });
});

describe('a bus that fails', () => {
  test('denies access', async () => {
    bus.fault = 'refuse';

    await expect(put(ENTRY)).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });

  test('fails with 500', async () => {
    bus.fault = 'fail';

    await expect(put(ENTRY)).rejects.toMatchObject({ $metadata: { httpStatusCode: 500 } });
  });

  test('refuses the first entry of a call', async () => {
    bus.fault = 'partial';

    const answer = await put(ENTRY, ENTRY);

    expect(answer).toMatchObject({ FailedEntryCount: 1, Entries: [{ ErrorCode: 'InternalFailure' }, {}] });
    expect(bus.events).toHaveLength(1);
  });

  test('never answers, and takes nothing', async () => {
    bus.fault = 'hang';
    const caller = new AbortController();

    const silent = busClient(bus).send(new PutEventsCommand({ Entries: [ENTRY] }), {
      abortSignal: caller.signal,
    });
    const ended = expect(silent).rejects.toThrow('aborted');
    await until(() => bus.calls === 1);
    caller.abort();
    await ended;

    expect(bus.events).toEqual([]);
  });

  test('works again after a reset, which forgets its calls and events', async () => {
    await put(ENTRY);
    bus.fault = 'refuse';

    bus.reset();

    expect([bus.calls, bus.events]).toEqual([0, []]);
    await expect(put(ENTRY)).resolves.toMatchObject({ FailedEntryCount: 0 });
  });

  test('that was stopped starts again at the same address', async () => {
    const { url } = bus;
    await bus.stop();
    await expect(put(ENTRY)).rejects.toThrow('ECONNREFUSED');

    await bus.start();

    expect(bus.url).toBe(url);
    await expect(put(ENTRY)).resolves.toMatchObject({ FailedEntryCount: 0 });
  });
});
