import { describe, expect, test } from '@jest/globals';
import { queryOrder } from '../../../lib/exchange/endpoints.ts';
import { startExchange } from '../../../local/exchange.ts';
import { defaultKeys, exchangeClient } from '../../helpers/exchange-client.ts';
import { manualEffects } from '../../helpers/manual-effects.ts';
import { httpAnswer, startRawServer } from '../../helpers/raw-server.ts';

const parameters = { symbol: 'BTC-200730-9000-C', orderId: '4611875134427365377' };
const inTenSeconds = (now: number) => now + 10_000;

describe.each([3_600_000, -3_600_000, 0])('an exchange whose clock is %d ms ahead', (skewMs) => {
  test('is called with timestamps of its own time', async () => {
    const effects = manualEffects();
    await using embedded = await startExchange({ now: effects.now });
    embedded.clockSkewMs = skewMs;
    const { exchange, offsets } = exchangeClient(embedded.url, { effects });
    const deadlineAt = inTenSeconds(effects.monotonic());

    const isRead = await exchange.readClock(deadlineAt);
    await exchange.call({ endpoint: queryOrder, parameters, recvWindow: 1, deadlineAt }, defaultKeys);

    const timestamp = new URLSearchParams(embedded.calls[1]?.rawQuery).get('timestamp');
    expect([isRead, offsets]).toEqual([true, [skewMs]]);
    expect(timestamp).toBe(String(effects.now() + skewMs));
    expect(exchange.toExchangeTime(effects.now())).toBe(effects.now() + skewMs);
  });
});

test('the exchange’s time is taken to be that of the middle of the call', async () => {
  const effects = manualEffects();
  await using server = await startRawServer((socket) => {
    effects.advance(30);
    socket.write(httpAnswer(200, `{"serverTime":${effects.now() + 5000}}`));
    effects.advance(30);
  });
  const { exchange, offsets } = exchangeClient(server.origin, { effects });

  await exchange.readClock(inTenSeconds(effects.monotonic()));

  expect(offsets).toEqual([5000]);
});

test('half a millisecond of offset gives a whole number of milliseconds', async () => {
  const effects = manualEffects();
  await using server = await startRawServer((socket) => {
    socket.write(httpAnswer(200, `{"serverTime":${effects.now()}}`));
    effects.advance(5);
  });
  const { exchange, offsets } = exchangeClient(server.origin, { effects });

  await exchange.readClock(inTenSeconds(effects.monotonic()));

  expect(offsets).toEqual([-2.5]);
  expect(exchange.toExchangeTime(1000)).toBe(998);
});

test('those who read the clock at the same time share one call', async () => {
  const effects = manualEffects();
  await using embedded = await startExchange({ now: effects.now });
  const { exchange } = exchangeClient(embedded.url, { effects });
  const deadlineAt = inTenSeconds(effects.monotonic());

  const all = await Promise.all([exchange.readClock(deadlineAt), exchange.readClock(deadlineAt)]);
  const again = await exchange.readClock(deadlineAt);

  expect([all, again]).toEqual([[true, true], true]);
  expect(embedded.calls.map(({ method, path }) => `${method} ${path}`)).toEqual(
    Array(2).fill('GET /eapi/v1/time'),
  );
});

test('the clock is read without key and signature', async () => {
  await using embedded = await startExchange();
  const { exchange, effects } = exchangeClient(embedded.url);

  await exchange.readClock(inTenSeconds(effects.monotonic()));

  expect(embedded.calls[0]).toMatchObject({ rawQuery: '', body: '' });
  expect(embedded.calls[0]?.headers).not.toHaveProperty('x-mbx-apikey');
});

describe('an offset once read stays when the next answer', () => {
  test.each([
    ['is an error', httpAnswer(500, '{"serverTime":1769860800000}')],
    ['has no time', httpAnswer(200, '{}')],
    ['has a time in words', httpAnswer(200, '{"serverTime":"noon"}')],
    ['has a time of nothing', httpAnswer(200, '{"serverTime":null}')],
    ['has an empty time', httpAnswer(200, '{"serverTime":""}')],
    ['has a time in seconds', httpAnswer(200, '{"serverTime":1769860800}')],
    ['has a list of times', httpAnswer(200, '{"serverTime":[1769860800000]}')],
    ['is HTML', httpAnswer(200, '<html></html>')],
    ['is empty', httpAnswer(200, '')],
    ['is not HTTP', 'what time?\r\n\r\n'],
  ])('%s', async (_what, bytes) => {
    const effects = manualEffects();
    await using server = await startRawServer((socket, number) =>
      socket.write(number === 1 ? httpAnswer(200, `{"serverTime":${effects.now() + 7}}`) : bytes),
    );
    const { exchange, offsets } = exchangeClient(server.origin, { effects });
    const deadlineAt = inTenSeconds(effects.monotonic());

    const reads = [await exchange.readClock(deadlineAt), await exchange.readClock(deadlineAt)];

    expect([reads, offsets]).toEqual([[true, false], [7]]);
    expect(exchange.toExchangeTime(1000)).toBe(1007);
  });
});
