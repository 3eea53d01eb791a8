import { describe, expect, test } from '@jest/globals';
import { type Call, createTransport } from '../../../lib/exchange/transport.ts';
import { manualEffects } from '../../helpers/manual-effects.ts';
import { httpAnswer, type OnRequest, startRawServer } from '../../helpers/raw-server.ts';

const OK: OnRequest = (socket) => socket.write(httpAnswer(200, '{}'));
const call: Call = { method: 'GET', path: '/eapi/v1/time', timeoutMs: 10_000 };

describe('a request', () => {
  test('is the method, the path and the key as given, without a body', async () => {
    await using server = await startRawServer(OK);
    const send = createTransport(server.origin, manualEffects());

    await send({ ...call, method: 'DELETE', path: '/eapi/v1/order?a=1&signature=2', apiKey: 'the-key' });

    expect(server.requests).toEqual([
      [
        'DELETE /eapi/v1/order?a=1&signature=2 HTTP/1.1',
        'User-Agent: binance-options-cancel',
        'X-MBX-APIKEY: the-key',
        `Host: ${server.origin.host}`,
        'Connection: keep-alive',
        '\r\n',
      ].join('\r\n'),
    ]);
  });

  test('without a key has no header for it', async () => {
    await using server = await startRawServer(OK);

    await createTransport(server.origin, manualEffects())(call);

    expect(server.requests[0]).not.toMatch(/apikey/i);
  });

  test('carries every visible character of its query byte for byte', async () => {
    await using server = await startRawServer(OK);
    const visible = String.fromCharCode(...Array.from({ length: 94 }, (_, index) => 0x21 + index));
    const path = `/eapi/v1/order?clientOrderId=${visible}%20%2b%2B%00%ff%&&==#?../..//`;

    await createTransport(server.origin, manualEffects())({ ...call, path });

    expect(server.requests[0]).toMatch(/^GET /);
    expect(server.requests[0]?.split(' ')[1]).toBe(path);
  });

  test('goes to an IPv6 loopback address too', async () => {
    const origin = new URL('http://[::1]:1/');

    const reply = await createTransport(origin, manualEffects())(call);

    expect(reply).toMatchObject({ kind: 'no-answer', sent: false });
    expect(reply).not.toMatchObject({ reason: 'ENOTFOUND' });
  });
});

describe('a connection', () => {
  test('serves one call after another', async () => {
    await using server = await startRawServer(OK);
    const send = createTransport(server.origin, manualEffects());

    for (let number = 0; number < 20; number++) await send(call);

    expect(server.requests).toHaveLength(20);
    expect(server.connections).toBe(1);
  });

  test('is opened for each call at the same time, and kept for later ones', async () => {
    await using server = await startRawServer(OK);
    const send = createTransport(server.origin, manualEffects());

    await Promise.all([send(call), send(call), send(call)]);
    await Promise.all([send(call), send(call), send(call)]);

    expect(server.requests).toHaveLength(6);
    expect(server.connections).toBe(3);
  });

  test('is used again after 15 s', async () => {
    await using server = await startRawServer(OK);
    const effects = manualEffects();
    const send = createTransport(server.origin, effects);
    await send(call);

    effects.advance(15_000);
    await send(call);

    expect(server.connections).toBe(1);
  });

  test('is used for as long as no pause is longer', async () => {
    await using server = await startRawServer(OK);
    const effects = manualEffects();
    const send = createTransport(server.origin, effects);

    for (let number = 0; number < 5; number++) {
      await send(call);
      effects.advance(10_000);
    }

    expect(server.requests).toHaveLength(5);
    expect(server.connections).toBe(1);
  });

  test('is not used again after more than 15 s', async () => {
    await using server = await startRawServer(OK);
    const effects = manualEffects();
    effects.advance(60_000);
    const send = createTransport(server.origin, effects);
    await Promise.all([send(call), send(call)]);

    effects.advance(15_001);
    const replies = await Promise.all([send(call), send(call)]);

    expect(replies).toMatchObject([{ status: 200 }, { status: 200 }]);
    expect(server.connections).toBe(4);
  });

  test('that was idle for more than 15 s is dropped although another was busy', async () => {
    await using server = await startRawServer(OK);
    const effects = manualEffects();
    const send = createTransport(server.origin, effects);
    await Promise.all([send(call), send(call)]);

    for (const _ of ['10 s', '20 s']) {
      effects.advance(10_000);
      await send(call);
    }
    const serial = server.connections;
    await Promise.all([send(call), send(call)]);

    expect([serial, server.connections]).toEqual([2, 3]);
  });

  test('that the exchange closes after its answer is not used again', async () => {
    await using server = await startRawServer((socket) =>
      socket.end(httpAnswer(200, '{}', { Connection: 'close' })),
    );
    const send = createTransport(server.origin, manualEffects());

    const replies = [await send(call), await send(call)];

    expect(replies).toMatchObject([{ status: 200 }, { status: 200 }]);
    expect(server.connections).toBe(2);
  });
});

test('an answer has the moments at which its request went out and it was complete', async () => {
  const effects = manualEffects(1_000_000);
  await using server = await startRawServer((socket) => {
    effects.advance(40);
    socket.write(httpAnswer(200, '{}'));
  });
  const send = createTransport(server.origin, effects);

  const replies = [await send(call), await send(call)];

  expect(replies).toMatchObject([
    { sentAt: 1_000_000, receivedAt: 1_000_040 },
    { sentAt: 1_000_040, receivedAt: 1_000_080 },
  ]);
});

test('a request goes out when its connection is open, not when the call is made', async () => {
  const effects = manualEffects(1_000_000);
  await using server = await startRawServer(OK);

  const reply = createTransport(server.origin, effects)(call);
  effects.advance(5);

  expect(await reply).toMatchObject({ sentAt: 1_000_005, receivedAt: 1_000_005 });
});

test('no timer outlives its call', async () => {
  await using server = await startRawServer(OK);
  const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  const before = timers();

  await createTransport(server.origin, manualEffects())({ ...call, timeoutMs: 600_000 });

  expect(timers()).toBe(before);
});
