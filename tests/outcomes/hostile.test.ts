import { describe, expect, test } from '@jest/globals';
import { type Fault, faults } from '../../local/exchange.ts';
import { cancelThrough, ORDER_ID, orderAnswer } from '../helpers/cancel-through.ts';
import { httpAnswer, startRawServer } from '../helpers/raw-server.ts';
import { startWorkbench } from '../helpers/workbench.ts';

/** Where a call has to time out; the exchange's other answers must come within it. */
const timeoutMs = 600;

/** A body that claims the order is cancelled, in a form that must not be believed. */
const claims: readonly (readonly [string, Fault])[] = [
  ['an array', faults.answer(200, `[{"orderId":${ORDER_ID},"status":"CANCELLED"}]`)],
  ['truncated JSON', faults.answer(200, `{"orderId":${ORDER_ID},"status":"CANCELLED"`)],
  ['JSON with more after it', faults.answer(200, `{"orderId":${ORDER_ID},"status":"CANCELLED"}{}`)],
  [
    'a key twice, with another value',
    faults.answer(200, `{"orderId":${ORDER_ID},"orderId":7,"status":"CANCELLED"}`),
  ],
  ['a status twice', faults.answer(200, `{"orderId":${ORDER_ID},"status":"FILLED","status":"CANCELLED"}`)],
  ['JSON nested too deeply', faults.answer(200, nested(`{"orderId":${ORDER_ID},"status":"CANCELLED","x":`))],
  ['HTML', faults.answer(200, '<html>CANCELLED</html>', { contentType: 'text/html' })],
  ['no UTF-8', faults.answer(200, '', { headers: { 'Content-Encoding': 'gzip' } })],
  ['a string', faults.answer(200, '"CANCELLED"')],
  ['null', faults.answer(200, 'null')],
  ['an order without an id', faults.answer(200, '{"status":"CANCELLED"}')],
  ['an id that is no whole number', faults.answer(200, `{"orderId":${ORDER_ID}.0,"status":"CANCELLED"}`)],
  ['an id that is null', faults.answer(200, '{"orderId":null,"status":"CANCELLED"}')],
  [
    'an id in its prototype',
    faults.answer(200, `{"__proto__":{"orderId":${ORDER_ID},"status":"CANCELLED"}}`),
  ],
  ['an id with digits lost', faults.answer(200, '{"orderId":4611875134427365000,"status":"CANCELLED"}')],
  ['another order', orderAnswer({ status: 'CANCELLED' }, '4611875134427365378')],
  ['the order of another symbol', orderAnswer({ status: 'CANCELLED', symbol: 'BTC-200730-9000-P' })],
  ['code 0 and "success"', faults.answer(200, '{"code":0,"msg":"success"}')],
  ['code 0 with an error status', faults.code(400, 0, 'success')],
  ['code 0 with a server error', faults.code(500, 0, 'success')],
  ['the order with an error status', { ...orderAnswer({ status: 'CANCELLED' }), ...status(400) }],
  ['the order with status 201', { ...orderAnswer({ status: 'CANCELLED' }), ...status(201) }],
  ['a redirect', faults.redirect('http://127.0.0.1:1/eapi/v1/order')],
];

function nested(start: string): string {
  return `${start}${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
}

function status(code: number): Fault {
  return faults.answer(code, `{"orderId":${ORDER_ID},"status":"CANCELLED"}`);
}

describe('an answer that claims what it does not prove', () => {
  test.each(claims)('%s: is settled by a query and a second cancel', async (_, fault) => {
    const told = await cancelThrough({ faults: [fault] });

    expect(told).toMatchObject({ outcome: { kind: 'canceled' }, status: 'CANCELLED', attempts: 2 });
    expect(told.calls).toEqual(['DELETE orderId', 'GET orderId', 'DELETE orderId']);
  });

  test.each(claims)('%s: is never believed, however often it comes', async (_, fault) => {
    const told = await cancelThrough({ cancels: fault, queries: fault });

    expect(told).toMatchObject({ outcome: { kind: 'unknown' }, attempts: 1, status: 'ACCEPTED' });
  });
});

describe('an answer by name', () => {
  test('about an order of another name proves nothing', async () => {
    const fault = orderAnswer({ status: 'CANCELLED', clientOrderId: 'desk-8' });
    const told = await cancelThrough({ by: 'clientOrderId', cancels: fault, queries: fault });

    expect(told.outcome.kind).toBe('unknown');
  });

  test('is believed when it leaves the name out, as the documentation shows it', async () => {
    const fault = orderAnswer({ status: 'CANCELLED', clientOrderId: '' });
    const told = await cancelThrough({ by: 'clientOrderId', faults: [fault] });

    expect(told.outcome.kind).toBe('canceled');
  });
});

describe('a body that does not end well', () => {
  test.each<[string, Fault]>([
    ['20 MiB', faults.huge(20)],
    ['closed halfway', faults.truncate()],
    ['stopped halfway', faults.stall()],
    ['closed halfway, of an error', { ...faults.code(400, -1121, 'Invalid symbol.'), ...faults.truncate() }],
    ['stopped halfway, of an error', { ...faults.code(400, -1121, 'Invalid symbol.'), ...faults.stall() }],
  ])('(%s) leaves the outcome to a query', async (_, fault) => {
    const told = await cancelThrough({ timeoutMs, faults: [fault] });

    expect(told).toMatchObject({ outcome: { kind: 'canceled' }, status: 'CANCELLED' });
    expect(told.calls.slice(0, 2)).toEqual(['DELETE orderId', 'GET orderId']);
  });

  test.each<[string, Fault]>([
    ['20 MiB', faults.huge(20)],
    ['closed halfway', faults.truncate()],
    ['stopped halfway', faults.stall()],
  ])('(%s) of a throttle still throttles', async (_, fault) => {
    const told = await cancelThrough({ timeoutMs, faults: [{ ...faults.tooMany(30), ...fault }] });

    expect(told).toMatchObject({ outcome: { kind: 'throttled' }, throttledForMs: 30_000 });
    expect(told.calls).toEqual(['DELETE orderId']);
  });
});

describe('a redirect', () => {
  test('is not followed: what is signed goes to the exchange alone', async () => {
    await using elsewhere = await startRawServer((socket) => socket.end(httpAnswer(200, '{}')));
    const told = await cancelThrough({
      faults: [faults.redirect(`${elsewhere.origin}eapi/v1/order`, { executed: true })],
    });

    expect(told.outcome.kind).toBe('canceled');
    expect(elsewhere.connections).toBe(0);
  });
});

describe('a success with content of another type', () => {
  test('is read for what it says', async () => {
    const told = await cancelThrough({ faults: [faults.headers({ 'Content-Type': 'text/html' })] });

    expect([told.outcome.kind, told.calls.length]).toEqual(['canceled', 1]);
  });
});

describe('Retry-After', () => {
  test.each([
    ['99999999999999999999', 3 * 24 * 3_600_000],
    ['0', 1000],
    ['soon', 60_000],
    ['-5', 60_000],
    ['30.5', 60_000],
    ['1.5', 60_000],
    ['Sat, 31 Jan 2026 12:00:45 GMT', 45_000],
    ['Sat, 31 Jan 1970 12:00:45 GMT', 1000],
  ])('of %s holds for %i ms', async (value, ms) => {
    const told = await cancelThrough({
      faults: [faults.answer(429, '', { headers: { 'Retry-After': value } })],
    });

    expect(told.throttledForMs).toBe(ms);
  });
});

test('a ban that ends in the year 2286 is heeded for three days', async () => {
  const told = await cancelThrough({
    faults: [faults.code(418, -1003, 'IP banned until 9999999999999.')],
  });

  expect(told.throttledForMs).toBe(3 * 24 * 3_600_000);
});

test.each([
  '{"serverTime":null}',
  '{"serverTime":""}',
  '{"serverTime":0}',
  '{"serverTime":1e300}',
  '{"serverTime":[1769860800000]}',
  '[]',
  '<html></html>',
])('a clock that says %s is not set by', async (text) => {
  await using bench = await startWorkbench();
  bench.exchange.script(faults.answer(200, text), { path: '/eapi/v1/time' });

  const wasRead = await bench.client.readClock(bench.time.now() + 1000);

  expect([wasRead, bench.client.toExchangeTime(1000)]).toEqual([false, 1000]);
});
