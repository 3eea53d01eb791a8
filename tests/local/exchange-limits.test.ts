import { describe, expect, test } from '@jest/globals';
import { faults, startExchange } from '../../local/exchange.ts';
import { http, type Received, SYMBOL, signedCall } from './signed-call.ts';

const NOW = 1_592_465_880_000 - 40_000;

const BY_ID = `${SYMBOL}&orderId=4611875134427365377`;
const TOO_MANY =
  '{"code":-1003,"msg":"Too much request weight used; current limit is 2 request weight per 1 MINUTE. ' +
  'Please use the websocket for live updates to avoid polling the API."}';

function verdict({ status, headers }: Received): unknown[] {
  return [status, headers['x-mbx-used-weight-1m'], headers['retry-after']];
}

describe('weight', () => {
  test('is shown on every answer and starts again each minute', async () => {
    let now = NOW;
    await using exchange = await startExchange({ now: () => now });
    const ping = () => http('GET', `${exchange.url}/eapi/v1/ping`);

    const first = await ping();
    const refused = await signedCall(exchange, 'DELETE', '', { timestamp: now });
    exchange.useWeight(100);
    const shared = await ping();
    now += 39_999;
    const lastOfMinute = await ping();
    now += 1;
    const firstOfNext = await ping();

    const used = [first, refused, shared, lastOfMinute, firstOfNext].map(verdict);
    expect(used.map(([, weight]) => weight)).toEqual(['1', '2', '103', '104', '1']);
    expect(first.body).toBe('{}');
  });

  test('over the limit is refused until the minute ends, and changes nothing', async () => {
    let now = NOW;
    await using exchange = await startExchange({ now: () => now, weightLimit: 2 });
    exchange.place();
    const cancel = () => signedCall(exchange, 'DELETE', BY_ID, { timestamp: now });
    await http('GET', `${exchange.url}/eapi/v1/ping`);

    const atLimit = await http('GET', `${exchange.url}/eapi/v1/time`);
    const over = await cancel();
    const statusAfter = exchange.order('4611875134427365377')?.status;
    now += 38_500;
    const lateInMinute = await cancel();
    now += 1_500;
    const nextMinute = await cancel();

    expect(verdict(atLimit)).toEqual([200, '2', undefined]);
    expect(verdict(over)).toEqual([429, '3', '40']);
    expect(over.body).toBe(TOO_MANY);
    expect(statusAfter).toBe('ACCEPTED');
    expect(verdict(lateInMinute)).toEqual([429, '4', '2']);
    expect(verdict(nextMinute)).toEqual([200, '1', undefined]);
  });
});

describe('a throttle', () => {
  test('ends after its seconds', async () => {
    let now = NOW;
    await using exchange = await startExchange({ now: () => now });
    const query = () => signedCall(exchange, 'GET', BY_ID, { timestamp: now });

    exchange.throttle(10);
    const first = await query();
    now += 9_999;
    const last = await query();
    now += 1;
    const after = await query();

    expect(verdict(first)).toEqual([429, '1', '10']);
    expect(verdict(last)).toEqual([429, '2', '1']);
    expect(JSON.parse(after.body).code).toBe(-2013);
  });

  test('becomes a ban with the fifth call, and each of these calls is marked', async () => {
    const now = NOW;
    await using exchange = await startExchange({ now: () => now, weightLimit: 2 });
    exchange.useWeight(2);

    const answers: Received[] = [];
    for (let call = 0; call < 7; call += 1) {
      answers.push(await signedCall(exchange, 'GET', BY_ID, { timestamp: now }));
    }

    expect(answers.map(({ status }) => status)).toEqual([429, 429, 429, 429, 429, 418, 418]);
    const marks = exchange.calls.map(({ madeWhile }) => madeWhile);
    const throttled = ['throttled', 'throttled', 'throttled', 'throttled', 'throttled'];
    expect(marks).toEqual([undefined, ...throttled, 'banned']);
  });
});

describe('a ban', () => {
  test('states its end in the text, and ends then', async () => {
    let now = NOW;
    await using exchange = await startExchange({ now: () => now });
    const ping = () => http('GET', `${exchange.url}/eapi/v1/ping`);

    exchange.ban(120);
    const banned = await ping();
    now += 119_999;
    const last = await ping();
    now += 1;
    const after = await ping();

    expect(banned).toMatchObject({ status: 418, headers: { 'retry-after': '120' } });
    expect(banned.body).toBe(
      '{"code":-1003,"msg":"Way too many requests; IP banned until 1592465960000. ' +
        'Please use the websocket for live updates to avoid bans."}',
    );
    expect(last.status).toBe(418);
    expect(after.status).toBe(200);
  });

  test('does not use up scripts', async () => {
    let now = NOW;
    await using exchange = await startExchange({ now: () => now });
    exchange.script(faults.unknownOrder());

    exchange.ban(120);
    const banned = await signedCall(exchange, 'GET', BY_ID, { timestamp: now });
    now += 120_000;
    const scripted = await signedCall(exchange, 'GET', BY_ID, { timestamp: now });

    expect(banned.status).toBe(418);
    expect(JSON.parse(scripted.body).code).toBe(-2011);
  });
});

test.each([
  ['tooMany', faults.tooMany(30), 429, 200],
  ['tooMany, enforced', faults.tooMany(30, { enforced: true }), 429, 429],
  ['banned', faults.banned(300), 418, 200],
  ['banned, enforced', faults.banned(300, { enforced: true }), 418, 418],
])('the fault %s answers once, and lasts only when enforced', async (_name, fault, status, nextStatus) => {
  await using exchange = await startExchange({ now: () => NOW });
  exchange.place();
  exchange.script(fault);

  const faulty = await signedCall(exchange, 'GET', BY_ID, { timestamp: NOW });
  const next = await signedCall(exchange, 'GET', BY_ID, { timestamp: NOW });

  expect(faulty.status).toBe(status);
  expect(faulty.headers['retry-after']).toBe(status === 429 ? '30' : '300');
  expect(faulty.body.includes(`IP banned until ${NOW + 300_000}.`)).toBe(status === 418);
  expect(next.status).toBe(nextStatus);
});
