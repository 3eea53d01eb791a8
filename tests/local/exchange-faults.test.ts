import { describe, expect, test } from '@jest/globals';
import { type EmbeddedExchange, type Fault, faults, startExchange } from '../../local/exchange.ts';
import { defaultKey } from '../../local/keys.ts';
import { http, SYMBOL, signedCall, until, withHmac } from './signed-call.ts';

const ID = '4611875134427365377';
const BY_ID = `${SYMBOL}&orderId=${ID}`;

async function startWithOrder(): Promise<EmbeddedExchange> {
  const exchange = await startExchange();
  exchange.place();
  return exchange;
}

/** Returns a sleep that lasts until it is released. */
function heldSleep() {
  const asleep = Promise.withResolvers<number>();
  const released = Promise.withResolvers<void>();
  const sleep = async (ms: number) => {
    asleep.resolve(ms);
    await released.promise;
  };
  return { sleep, asleep: asleep.promise, release: released.resolve };
}

describe('an answer in place of the exchange’s own', () => {
  const unknown = '{"code":-1000,"msg":"Unknown error, please check your request or try again later."}';
  const timeout =
    '{"code":-1007,"msg":"Timeout waiting for response from backend server. ' +
    'Send status unknown; execution status unknown."}';
  const internal = '{"code":-1001,"msg":"Internal error; unable to process your request. Please try again."}';
  const restricted =
    '{"code":0,"msg":"Service unavailable from a restricted location according to the terms of use."}';

  test.each([
    ['unknown503', faults.unknown503(), 503, unknown, 'ACCEPTED'],
    ['unknown503, executed', faults.unknown503({ executed: true }), 503, unknown, 'CANCELLED'],
    [
      'unavailable503',
      faults.unavailable503(),
      503,
      '{"code":-1000,"msg":"Service Unavailable."}',
      'ACCEPTED',
    ],
    ['internal503', faults.internal503(), 503, internal, 'ACCEPTED'],
    ['timeout', faults.timeout(), 408, timeout, 'ACCEPTED'],
    ['timeout, executed', faults.timeout({ executed: true }), 408, timeout, 'CANCELLED'],
    ['unknownOrder', faults.unknownOrder(), 400, '{"code":-2011,"msg":"Unknown order sent."}', 'ACCEPTED'],
    ['firewall', faults.firewall(), 403, '<html><body>Request blocked.</body></html>', 'ACCEPTED'],
    ['restrictedRegion', faults.restrictedRegion(), 451, restricted, 'ACCEPTED'],
    ['unreadable200', faults.unreadable200(), 200, '<html><body>Please wait.</body></html>', 'ACCEPTED'],
    [
      'unreadable200, executed',
      faults.unreadable200({ executed: true }),
      200,
      '<html><body>Please wait.</body></html>',
      'CANCELLED',
    ],
    ['code', faults.code(500, -1006, 'Odd.'), 500, '{"code":-1006,"msg":"Odd."}', 'ACCEPTED'],
    ['answer', faults.answer(200, { code: '0' }), 200, '{"code":"0"}', 'ACCEPTED'],
  ])('%s', async (_name, fault, status, body, after) => {
    await using exchange = await startWithOrder();
    exchange.script(fault);

    const answer = await signedCall(exchange, 'DELETE', BY_ID);

    expect(answer).toMatchObject({ status, body });
    expect(answer.headers['x-mbx-used-weight-1m']).toBe('1');
    expect(exchange.order(ID)?.status).toBe(after);
    expect(exchange.calls.map((call) => call.status)).toEqual([status]);
  });

  test('has the content type and headers of the fault', async () => {
    await using exchange = await startWithOrder();
    exchange.script(faults.answer(302, 'moved', { contentType: 'text/plain', headers: { Location: '/x' } }));
    exchange.script(faults.redirect('https://example.invalid/'));

    const own = await signedCall(exchange, 'DELETE', BY_ID);
    const redirect = await signedCall(exchange, 'DELETE', BY_ID);

    expect(own).toMatchObject({ status: 302, headers: { 'content-type': 'text/plain', location: '/x' } });
    expect(redirect).toMatchObject({ status: 307, headers: { location: 'https://example.invalid/' } });
  });

  test.each([
    ['unsigned', `${BY_ID}&timestamp=${Date.now()}&signature=00`],
    ['invalid', withHmac(`${SYMBOL}&timestamp=${Date.now()}`)],
  ])('is given to an %s call too, which is not executed', async (_what, query) => {
    await using exchange = await startWithOrder();
    exchange.script(faults.unknown503({ executed: true }));

    const headers = { 'X-MBX-APIKEY': defaultKey.apiKey };
    const answer = await http('DELETE', `${exchange.url}/eapi/v1/order?${query}`, { headers });

    expect(answer.status).toBe(503);
    expect(exchange.order(ID)?.status).toBe('ACCEPTED');
  });
});

describe('a broken connection', () => {
  test.each<[string, Fault, RegExp, string, number | undefined]>([
    ['reset', faults.reset(), /ECONNRESET|hang up/, 'ACCEPTED', undefined],
    ['reset, executed', faults.reset({ executed: true }), /ECONNRESET|hang up/, 'CANCELLED', undefined],
    ['truncate', faults.truncate(), /aborted/, 'CANCELLED', 200],
  ])('%s', async (_name, fault, error, after, status) => {
    await using exchange = await startWithOrder();
    exchange.script(fault);

    const call = signedCall(exchange, 'DELETE', BY_ID);

    await expect(call).rejects.toThrow(error);
    expect(exchange.order(ID)?.status).toBe(after);
    expect(exchange.calls.map((received) => received.status)).toEqual([status]);
  });

  test.each<[string, Fault, string, number | undefined]>([
    ['hang', faults.hang(), 'ACCEPTED', undefined],
    ['hang, executed', faults.hang({ executed: true }), 'CANCELLED', undefined],
    ['stall', faults.stall(), 'CANCELLED', 200],
  ])('%s leaves the caller without an answer until it disconnects', async (_name, fault, after, status) => {
    await using exchange = await startWithOrder();
    exchange.script(fault);
    const caller = new AbortController();
    let answered = false;

    const call = signedCall(exchange, 'DELETE', BY_ID, { signal: caller.signal });
    const ended = expect(call.finally(() => (answered = true))).rejects.toThrow('aborted');
    await until(() => exchange.calls.length === 1);
    const later = await signedCall(exchange, 'GET', BY_ID);
    const answeredBefore = answered;
    caller.abort();
    await ended;

    expect(later.status).toBe(200);
    expect(answeredBefore).toBe(false);
    expect(exchange.order(ID)?.status).toBe(after);
    expect(exchange.calls[0]?.status).toBe(status);
  });
});

describe('a delay', () => {
  test('before the call lets it take effect later, even when the caller has disconnected', async () => {
    const { sleep, asleep, release } = heldSleep();
    await using exchange = await startExchange({ sleep });
    exchange.place();
    exchange.script(faults.delay({ beforeMs: 700 }));

    const caller = new AbortController();
    const call = signedCall(exchange, 'DELETE', BY_ID, { signal: caller.signal });
    const ended = expect(call).rejects.toThrow('aborted');
    const ms = await asleep;
    caller.abort();
    await ended;
    const whileDelayed = exchange.order(ID)?.status;
    release();
    await signedCall(exchange, 'GET', BY_ID);

    expect(ms).toBe(700);
    expect(whileDelayed).toBe('ACCEPTED');
    expect(exchange.order(ID)?.status).toBe('CANCELLED');
  });

  test('after the call delays only the answer', async () => {
    const { sleep, asleep, release } = heldSleep();
    await using exchange = await startExchange({ sleep, latencyMs: 20 });
    exchange.place();
    exchange.script(faults.delay({ afterMs: 700 }));

    const call = signedCall(exchange, 'DELETE', BY_ID);
    const ms = await asleep;
    const whileDelayed = exchange.order(ID)?.status;
    release();
    const answer = await call;

    expect(ms).toBe(720);
    expect(whileDelayed).toBe('CANCELLED');
    expect(answer.status).toBe(200);
  });

  test('combines with another fault', async () => {
    const { sleep, asleep, release } = heldSleep();
    await using exchange = await startExchange({ sleep });
    exchange.place();
    exchange.script({ ...faults.delay({ beforeMs: 50 }), ...faults.reset({ executed: true }) });

    const call = signedCall(exchange, 'DELETE', BY_ID);
    await asleep;
    const whileDelayed = exchange.order(ID)?.status;
    release();

    await expect(call).rejects.toThrow(/ECONNRESET|hang up/);
    expect(whileDelayed).toBe('ACCEPTED');
    expect(exchange.order(ID)?.status).toBe('CANCELLED');
  });
});

describe('a read', () => {
  test('that is stale shows the order as it was placed, once', async () => {
    await using exchange = await startWithOrder();
    await signedCall(exchange, 'DELETE', BY_ID);
    exchange.script(faults.staleRead());

    const stale = await signedCall(exchange, 'GET', BY_ID);
    const fresh = await signedCall(exchange, 'GET', BY_ID);

    expect(JSON.parse(stale.body).status).toBe('ACCEPTED');
    expect(JSON.parse(fresh.body).status).toBe('CANCELLED');
  });

  test('that misses an order affects the next query, not a cancel before it', async () => {
    await using exchange = await startWithOrder();
    exchange.script(faults.staleRead('missing'));

    const cancel = await signedCall(exchange, 'DELETE', BY_ID);
    const missing = await signedCall(exchange, 'GET', BY_ID);
    const fresh = await signedCall(exchange, 'GET', BY_ID);

    expect(cancel.status).toBe(200);
    expect(JSON.parse(missing.body).code).toBe(-2013);
    expect(fresh.status).toBe(200);
  });
});

test('a huge answer is the exchange’s own, followed by megabytes of spaces', async () => {
  await using exchange = await startWithOrder();
  exchange.script(faults.huge(3));

  const answer = await signedCall(exchange, 'DELETE', BY_ID);

  expect(answer.body.length).toBeGreaterThan(3 * 1024 * 1024);
  expect(answer.headers['content-length']).toBeUndefined();
  expect(JSON.parse(answer.body).status).toBe('CANCELLED');
});

test('headers of a fault replace the exchange’s own', async () => {
  await using exchange = await startWithOrder();
  exchange.script(faults.headers({ 'X-MBX-USED-WEIGHT-1M': '2399' }));

  const answer = await signedCall(exchange, 'DELETE', BY_ID);

  expect(answer).toMatchObject({ status: 200, headers: { 'x-mbx-used-weight-1m': '2399' } });
});

describe('a script', () => {
  const statuses = async (exchange: EmbeddedExchange, calls: readonly [string, string][]) => {
    const answers: number[] = [];
    for (const [method, parameters] of calls) {
      answers.push((await signedCall(exchange, method, parameters)).status);
    }
    return answers;
  };

  test('affects the next signed call and no other', async () => {
    await using exchange = await startWithOrder();
    exchange.script(faults.unavailable503());

    const ping = await http('GET', `${exchange.url}/eapi/v1/ping`);
    const answers = await statuses(exchange, [
      ['GET', BY_ID],
      ['GET', BY_ID],
    ]);

    expect(ping.status).toBe(200);
    expect(answers).toEqual([503, 200]);
  });

  test('affects only a call with its method, path, id and name', async () => {
    await using exchange = await startWithOrder();
    exchange.place({ clientOrderId: 'named' });
    exchange.script(faults.code(501, -1, 'id'), { method: 'DELETE', orderId: ID });
    exchange.script(faults.code(502, -1, 'name'), { clientOrderId: 'named' });
    exchange.script(faults.code(504, -1, 'path'), { path: '/eapi/v1/time' });

    const time = await http('GET', `${exchange.url}/eapi/v1/time`);
    const answers = await statuses(exchange, [
      ['GET', BY_ID],
      ['DELETE', `${SYMBOL}&clientOrderId=named`],
      ['DELETE', BY_ID],
      ['DELETE', BY_ID],
    ]);

    expect(time.status).toBe(504);
    expect(answers).toEqual([200, 502, 501, 200]);
  });

  test('is used up after `times` calls, and the next script follows', async () => {
    await using exchange = await startWithOrder();
    exchange.script(faults.unavailable503(), { times: 2 });
    exchange.script(faults.unknownOrder());

    const answers = await statuses(exchange, [
      ['GET', BY_ID],
      ['GET', BY_ID],
      ['GET', BY_ID],
      ['GET', BY_ID],
    ]);

    expect(answers).toEqual([503, 503, 400, 200]);
  });

  test('with infinite `times` lasts until it is cleared', async () => {
    await using exchange = await startWithOrder();
    exchange.script(faults.unavailable503(), { times: Number.POSITIVE_INFINITY });

    const faulty = await statuses(exchange, [
      ['GET', BY_ID],
      ['GET', BY_ID],
    ]);
    exchange.clearScripts();
    const cleared = await statuses(exchange, [['GET', BY_ID]]);

    expect([...faulty, ...cleared]).toEqual([503, 503, 200]);
  });
});
