import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createTransport } from '../../../lib/exchange/transport.ts';
import { freshCertificate } from '../../../local/exchange/certificate.ts';
import { faults, startExchange } from '../../../local/exchange.ts';
import { manualEffects } from '../../helpers/manual-effects.ts';
import { passOnTo, startTcpServer } from '../../helpers/raw-server.ts';

const time = { method: 'GET', path: '/eapi/v1/time', timeoutMs: 10_000 } as const;
const trustedByDefault = getCACertificates('default');

afterEach(() => setDefaultCACertificates(trustedByDefault));

const httpsAt = (port: number) => new URL(`https://127.0.0.1:${port}`);

/** An exchange over TLS whose certificate this process trusts for the rest of the test. */
async function startTrustedExchange() {
  const tls = await freshCertificate();
  setDefaultCACertificates([tls.cert]);
  return startExchange({ tls });
}

describe('a request that was not sent', () => {
  test('is one whose TLS handshake is never answered', async () => {
    await using server = await startTcpServer(() => undefined);

    const reply = await createTransport(httpsAt(server.port), manualEffects())({ ...time, timeoutMs: 300 });

    expect(reply).toEqual({ kind: 'no-answer', sent: false, cause: 'no answer within 300 ms' });
  });

  test('is one whose connection is reset in the TLS handshake', async () => {
    await using server = await startTcpServer((socket) =>
      socket.once('data', () => socket.resetAndDestroy()),
    );

    const reply = await createTransport(httpsAt(server.port), manualEffects())(time);

    expect(reply).toEqual({ kind: 'no-answer', sent: false, cause: 'ECONNRESET' });
  });

  test('is one to a server whose certificate is not trusted', async () => {
    await using exchange = await startExchange({ tls: await freshCertificate() });

    const reply = await createTransport(new URL(exchange.url), manualEffects())(time);

    expect(reply).toEqual({ kind: 'no-answer', sent: false, cause: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
    expect(exchange.calls).toEqual([]);
  });
});

describe('over TLS with a trusted certificate', () => {
  test('calls are answered, one connection for all', async () => {
    await using exchange = await startTrustedExchange();
    await using counter = await startTcpServer(passOnTo(Number(new URL(exchange.url).port)));
    const send = createTransport(httpsAt(counter.port), manualEffects());

    const replies = [await send(time), await send(time), await send(time)];

    expect(replies).toMatchObject([{ status: 200 }, { status: 200 }, { status: 200 }]);
    expect(counter.connections).toBe(1);
  });

  test.each([
    ['reset', faults.reset(), 10_000, /^ECONNRESET$/],
    ['never answered', faults.hang(), 1000, /^no answer within 1000 ms$/],
  ])('a request that is %s went out', async (_what, fault, timeoutMs, reason) => {
    await using exchange = await startTrustedExchange();
    exchange.script(fault, { path: time.path });

    const reply = await createTransport(new URL(exchange.url), manualEffects())({ ...time, timeoutMs });

    expect(reply).toMatchObject({ kind: 'no-answer', sent: true, cause: expect.stringMatching(reason) });
    expect(exchange.calls).toHaveLength(1);
  });
});
