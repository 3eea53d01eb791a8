import { describe, expect, test } from '@jest/globals';
import { type Call, createTransport } from '../../../lib/exchange/transport.ts';
import { manualEffects } from '../../helpers/manual-effects.ts';
import { httpAnswer, type OnRequest, startRawServer } from '../../helpers/raw-server.ts';

const MIB = 1024 * 1024;
const call: Call = { method: 'GET', path: '/eapi/v1/time', timeoutMs: 10_000 };

/** What the transport makes of one exchange that answers so. */
async function replyTo(onRequest: OnRequest, timeoutMs = call.timeoutMs) {
  await using server = await startRawServer(onRequest);
  return await createTransport(server.origin, manualEffects())({ ...call, timeoutMs });
}

const replyToBytes = (bytes: string | Buffer) => replyTo((socket) => socket.write(bytes));

describe('an answer', () => {
  test('keeps status, text and headers', async () => {
    const body = '{"code":-1003,"msg":"Too many requests; 请稍候 😀"}';

    const reply = await replyToBytes(
      httpAnswer(429, body, { 'Retry-After': '17', 'X-MBX-USED-WEIGHT-1M': '2401' }),
    );

    expect(reply).toMatchObject({
      kind: 'answer',
      status: 429,
      text: body,
      retryAfter: '17',
      usedWeight: 2401,
    });
  });

  test('in chunks is put together', async () => {
    const reply = await replyToBytes(
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n{"a\r\n4\r\n":1}\r\n0\r\n\r\n',
    );

    expect(reply).toMatchObject({ status: 200, text: '{"a":1}' });
  });

  test.each(['', '-1', '1.5', '0x10', '12345678901', 'many'])(
    'has no used weight when it says %j',
    async (weight) => {
      const reply = await replyToBytes(httpAnswer(200, '{}', { 'X-MBX-USED-WEIGHT-1M': weight }));

      expect(reply).toMatchObject({ status: 200, usedWeight: undefined });
    },
  );

  test.each([301, 302, 303, 307, 308])(
    'that redirects (%d) is the answer: it is not followed',
    async (status) => {
      await using elsewhere = await startRawServer((socket) => socket.write(httpAnswer(200, '{}')));

      const reply = await replyToBytes(httpAnswer(status, 'moved', { Location: `${elsewhere.origin}` }));

      expect(reply).toMatchObject({ kind: 'answer', status, text: 'moved' });
      expect(elsewhere.connections).toBe(0);
    },
  );

  test('that switches protocols is an answer that cannot be read', async () => {
    const reply = await replyToBytes(
      'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n',
    );

    expect(reply).toMatchObject({ kind: 'answer', status: 101, text: undefined });
  });

  test('that switches protocols has its connection closed', async () => {
    const closed = Promise.withResolvers<void>();
    await using server = await startRawServer((socket) => {
      socket.on('end', closed.resolve);
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n');
    });

    await createTransport(server.origin, manualEffects())(call);

    await expect(closed.promise).resolves.toBeUndefined();
  });
});

describe('a body', () => {
  test('of 1 MiB is read', async () => {
    const reply = await replyToBytes(httpAnswer(200, ' '.repeat(MIB)));

    expect(reply).toMatchObject({ status: 200, text: ' '.repeat(MIB) });
  });

  test.each([
    [10, 10],
    [2 * MIB, 8 * MIB],
  ])('of %d bytes is read by a call that takes %d', async (length, maxBytes) => {
    await using server = await startRawServer((socket) => socket.write(httpAnswer(200, ' '.repeat(length))));

    const reply = await createTransport(server.origin, manualEffects())({ ...call, maxBytes });

    expect(reply).toMatchObject({ status: 200, text: expect.any(String) });
    expect(reply).toHaveProperty('text.length', length);
  });

  test('of more bytes than a call takes is left', async () => {
    await using server = await startRawServer((socket) => socket.write(httpAnswer(200, ' '.repeat(11))));

    const reply = await createTransport(server.origin, manualEffects())({ ...call, maxBytes: 10 });

    expect(reply).toMatchObject({ kind: 'answer', status: 200, text: undefined });
  });

  test('of more than 1 MiB is left, and the connection with it', async () => {
    await using server = await startRawServer((socket) => socket.write(httpAnswer(200, ' '.repeat(MIB + 1))));
    const send = createTransport(server.origin, manualEffects());

    const replies = [await send(call), await send(call)];

    expect(replies).toMatchObject([
      { status: 200, text: undefined },
      { status: 200, text: undefined },
    ]);
    expect(server.connections).toBe(2);
  });

  test('that never ends is left once it is over 1 MiB', async () => {
    const reply = await replyTo((socket) => {
      const more = () => {
        while (!socket.destroyed && socket.write(' '.repeat(64 * 1024)));
      };
      socket.on('drain', more).write('HTTP/1.1 429 Text\r\nRetry-After: 17\r\n\r\n');
      more();
    });

    expect(reply).toMatchObject({ kind: 'answer', status: 429, retryAfter: '17', text: undefined });
  });

  test.each([
    ['is cut off', 'Content-Length: 20\r\n\r\n{"code":-1003'],
    ['breaks its own encoding', 'Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\nx\r\n'],
  ])('that %s leaves status and headers', async (_what, rest) => {
    const reply = await replyTo((socket) => socket.end(`HTTP/1.1 429 Text\r\nRetry-After: 17\r\n${rest}`));

    expect(reply).toMatchObject({ kind: 'answer', status: 429, retryAfter: '17', text: undefined });
  });

  test('that is reset halfway leaves status and headers', async () => {
    const reply = await replyTo((socket) => {
      const half = 'HTTP/1.1 429 Text\r\nRetry-After: 17\r\nContent-Length: 20\r\n\r\n{"code"';
      socket.write(half, () => socket.resetAndDestroy());
    });

    expect(reply).toMatchObject({ kind: 'answer', status: 429, retryAfter: '17', text: undefined });
  });

  test('that stalls until the time is up leaves status and headers', async () => {
    const reply = await replyTo((socket) => {
      socket.write('HTTP/1.1 429 Text\r\nRetry-After: 17\r\nContent-Length: 20\r\n\r\n{"code"');
    }, 1000);

    expect(reply).toMatchObject({ kind: 'answer', status: 429, retryAfter: '17', text: undefined });
  });

  test.each([
    ['a lone continuation byte', [0x7b, 0x80, 0x7d]],
    ['an overlong form', [0xc0, 0xaf]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
    ['half a character', [0x7b, 0xe6, 0x92]],
  ])('that is not UTF-8 (%s) is not read', async (_what, bytes) => {
    const body = Buffer.from(bytes);
    const head = Buffer.from(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n`);

    const reply = await replyToBytes(Buffer.concat([head, body]));

    expect(reply).toMatchObject({ kind: 'answer', status: 200, text: undefined });
  });

  test('that begins with a byte-order mark keeps it', async () => {
    const reply = await replyToBytes(httpAnswer(200, '\uFEFF{}'));

    expect(reply).toMatchObject({ status: 200, text: '\uFEFF{}' });
  });

  test('that is empty is empty text', async () => {
    expect(await replyToBytes(httpAnswer(502, ''))).toMatchObject({ status: 502, text: '' });
  });
});
