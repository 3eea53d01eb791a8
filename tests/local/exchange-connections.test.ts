import { once } from 'node:events';
import { Agent, createServer, request } from 'node:http';
import { describe, expect, test } from '@jest/globals';
import { freshCertificate } from '../../local/exchange/certificate.ts';
import { faults, startExchange } from '../../local/exchange.ts';
import { http, SYMBOL, signedCall, until, withHmac } from './signed-call.ts';

const BY_ID = `${SYMBOL}&orderId=4611875134427365377`;

/** Sends a ping through the agent. Resolves with the local port that it left from. */
async function portOfPing(url: string, agent: Agent): Promise<number | undefined> {
  return await new Promise((resolve, reject) => {
    const sent = request(`${url}/eapi/v1/ping`, { agent }, (response) => {
      const port = response.socket.localPort;
      response.on('end', () => resolve(port)).resume();
    });
    sent.on('error', reject).end();
  });
}

describe('calls', () => {
  test('are recorded exactly as received, with the status of their answer', async () => {
    let now = 1_592_465_880_000;
    await using exchange = await startExchange({ now: () => now });
    exchange.clockSkewMs = 7;
    const rawQuery = `${withHmac(`${SYMBOL}&clientOrderId=a%2fb`)}&x=%41`;

    await http('DELETE', `${exchange.url}/eapi/v1/order?${rawQuery}`, {
      body: 'recvWindow=1',
      headers: { 'X-Trace': 't' },
    });
    now += 5;
    await http('GET', `${exchange.url}/eapi/v1/time`);

    expect(exchange.calls).toMatchObject([
      {
        method: 'DELETE',
        path: '/eapi/v1/order',
        rawQuery,
        body: 'recvWindow=1',
        headers: { 'x-trace': 't' },
        at: 1_592_465_880_007,
        status: 401,
        madeWhile: undefined,
      },
      { method: 'GET', path: '/eapi/v1/time', rawQuery: '', body: '', at: 1_592_465_880_012, status: 200 },
    ]);
    exchange.resetCalls();
    expect(exchange.calls).toEqual([]);
  });

  test('share a keep-alive connection', async () => {
    await using exchange = await startExchange();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });

    const ports = [await portOfPing(exchange.url, agent), await portOfPing(exchange.url, agent)];
    agent.destroy();

    expect(ports[0]).toBeDefined();
    expect(ports[1]).toBe(ports[0]);
  });
});

describe('an exchange', () => {
  test('that was down is up again at the same address with its book', async () => {
    await using exchange = await startExchange();
    const { url } = exchange;
    exchange.place();

    await exchange.down();
    const refused = signedCall(exchange, 'DELETE', BY_ID);
    await expect(refused).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await exchange.up();
    const answer = await signedCall(exchange, 'DELETE', BY_ID);

    expect(exchange.url).toBe(url);
    expect(answer.status).toBe(200);
  });

  test('that stops breaks calls it has not answered', async () => {
    const exchange = await startExchange();
    exchange.script(faults.hang());
    const call = signedCall(exchange, 'DELETE', BY_ID);
    const ended = expect(call).rejects.toThrow(/hang up|ECONNRESET/);
    await until(() => exchange.calls.length === 1);

    await exchange.stop();

    await ended;
    await expect(exchange.stop()).resolves.toBeUndefined();
  });

  test('breaks a call that meets a defect, reports the defect in one line, and serves others', async () => {
    const defects: string[] = [];
    await using exchange = await startExchange({ onDefect: ({ message }) => defects.push(message) });
    exchange.script({
      answer: () => {
        throw new Error('order 7 is CANCELLED, not open');
      },
    });

    await expect(http('DELETE', `${exchange.url}/eapi/v1/order`)).rejects.toThrow();

    expect(defects).toEqual(['embedded exchange: DELETE /eapi/v1/order: order 7 is CANCELLED, not open']);
    expect(await http('GET', `${exchange.url}/eapi/v1/ping`)).toMatchObject({ status: 200 });
  });

  test('does not come up again while its port is taken', async () => {
    await using exchange = await startExchange();
    await exchange.down();
    await using other = createServer();
    await once(other.listen(Number(new URL(exchange.url).port), '127.0.0.1'), 'listening');

    await expect(exchange.up()).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});

describe('over TLS', () => {
  test('a client accepts the certificate only when it trusts it', async () => {
    const tls = await freshCertificate();
    await using exchange = await startExchange({ tls });

    const trusted = await http('GET', `${exchange.url}/eapi/v1/ping`, { ca: tls.cert });
    const stranger = http('GET', `${exchange.url}/eapi/v1/ping`);

    await expect(stranger).rejects.toThrow(/self-signed certificate/);
    expect(exchange.url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
    expect(trusted).toMatchObject({ status: 200, body: '{}' });
  });

  test('a reset breaks the connection', async () => {
    const tls = await freshCertificate();
    await using exchange = await startExchange({ tls });
    exchange.script(faults.reset(), { path: '/eapi/v1/ping' });

    const call = http('GET', `${exchange.url}/eapi/v1/ping`, { ca: tls.cert });

    await expect(call).rejects.toMatchObject({ code: 'ECONNRESET' });
  });
});
