import { describe, expect, test } from '@jest/globals';
import { type Call, createTransport } from '../../../lib/exchange/transport.ts';
import { manualEffects } from '../../helpers/manual-effects.ts';
import { httpAnswer, type OnRequest, startRawServer } from '../../helpers/raw-server.ts';

const call: Call = { method: 'DELETE', path: '/eapi/v1/order?signature=S3CR3T', timeoutMs: 10_000 };

/** What the transport makes of an exchange that does this to a request. */
async function replyTo(onRequest: OnRequest, timeoutMs = call.timeoutMs) {
  await using server = await startRawServer(onRequest);
  return await createTransport(server.origin, manualEffects())({ ...call, timeoutMs });
}

describe('a request that went out', () => {
  test('and is never answered gives up when its time is up', async () => {
    const reply = await replyTo(() => undefined, 1000);

    expect(reply).toEqual({ kind: 'no-answer', sent: true, cause: 'no answer within 1000 ms' });
  });

  test('and is answered only with 100 Continue gives up when its time is up', async () => {
    const reply = await replyTo((socket) => socket.write('HTTP/1.1 100 Continue\r\n\r\n'), 1000);

    expect(reply).toEqual({ kind: 'no-answer', sent: true, cause: 'no answer within 1000 ms' });
  });

  const ENDINGS: readonly [string, OnRequest, string][] = [
    ['is reset', (socket) => socket.resetAndDestroy(), 'ECONNRESET'],
    ['is closed without a word', (socket) => socket.end(), 'ECONNRESET'],
    ['is closed in mid-header', (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-'), 'ECONNRESET'],
    ['is answered in another protocol', (socket) => socket.end('220 mail ready\r\n'), 'HPE_INVALID_CONSTANT'],
    [
      'is answered with headers without end',
      (socket) => socket.write(httpAnswer(200, '{}', { 'X-Long': 'x'.repeat(20_000) })),
      'HPE_HEADER_OVERFLOW',
    ],
    [
      'is answered with two lengths',
      (socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}'),
      'HPE_UNEXPECTED_CONTENT_LENGTH',
    ],
  ];

  test.each(ENDINGS)('and %s has no answer', async (_what, onRequest, cause) => {
    expect(await replyTo(onRequest)).toEqual({ kind: 'no-answer', sent: true, cause });
  });

  test('over a connection used before, and is never answered, is known to have gone out', async () => {
    await using server = await startRawServer((socket, number) => {
      if (number === 1) socket.write(httpAnswer(200, '{}'));
    });
    const send = createTransport(server.origin, manualEffects());
    await send(call);

    const reply = await send({ ...call, timeoutMs: 50 });

    expect(reply).toEqual({ kind: 'no-answer', sent: true, cause: 'no answer within 50 ms' });
    expect(server.connections).toBe(1);
  });

  test('and fails leaves the next one a connection of its own', async () => {
    await using server = await startRawServer((socket, number) =>
      number === 1 ? socket.resetAndDestroy() : socket.write(httpAnswer(200, '{}')),
    );
    const send = createTransport(server.origin, manualEffects());

    const replies = [await send(call), await send(call)];

    expect(replies).toMatchObject([
      { kind: 'no-answer', sent: true },
      { kind: 'answer', status: 200 },
    ]);
    expect(server.connections).toBe(2);
  });
});

test('a request that is refused a connection was not sent', async () => {
  const server = await startRawServer(() => undefined);
  await server[Symbol.asyncDispose]();

  const reply = await createTransport(server.origin, manualEffects())(call);

  expect(reply).toEqual({ kind: 'no-answer', sent: false, cause: 'ECONNREFUSED' });
});
