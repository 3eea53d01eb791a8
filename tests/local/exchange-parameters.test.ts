import { describe, expect, test } from '@jest/globals';
import { startExchange } from '../../local/exchange.ts';
import { defaultKey } from '../../local/keys.ts';
import { http, SYMBOL, signedCall, withHmac } from './signed-call.ts';

const ID = 'orderId=4611875134427365377';

describe('a cancel and a query are refused for', () => {
  const missing = (name: string) =>
    `Mandatory parameter '${name}' was not sent, was empty/null, or malformed.`;
  const neither = "Param 'orderId' or 'clientOrderId' must be sent, but both were empty/null!";
  const illegal = (name: string, range: string) =>
    `Illegal characters found in parameter '${name}'; legal range is '${range}'.`;
  const digits = '^[0-9]{1,20}$';
  const invalidId = "Data sent for parameter 'orderId' is not valid.";

  test.each([
    ['no symbol', ID, -1102, missing('symbol')],
    ['an empty symbol', `symbol=&${ID}`, -1102, missing('symbol')],
    ['a symbol that is no option', `symbol=BTCUSDT&${ID}`, -1121, 'Invalid symbol.'],
    ['a lower-case symbol', `symbol=btc&${ID}`, -1100, illegal('symbol', '^[A-Z0-9.-]{1,40}$')],
    ['neither identifier', SYMBOL, -1102, neither],
    ['the futures parameter for the name', `${SYMBOL}&origClientOrderId=a`, -1102, neither],
    ['an empty id', `${SYMBOL}&orderId=`, -1105, "Parameter 'orderId' was empty."],
    ['an empty name', `${SYMBOL}&clientOrderId=`, -1105, "Parameter 'clientOrderId' was empty."],
    ['an id with letters', `${SYMBOL}&orderId=12a`, -1100, illegal('orderId', digits)],
    ['a negative id', `${SYMBOL}&orderId=-1`, -1100, illegal('orderId', digits)],
    ['an id above 2^63 - 1', `${SYMBOL}&orderId=9223372036854775808`, -1130, invalidId],
    ['a name with a space', `${SYMBOL}&clientOrderId=a+b`, -1100, illegal('clientOrderId', '^[!-~]{1,64}$')],
    ['a repeated parameter', `${SYMBOL}&${ID}&${ID}`, -1101, 'Duplicate values for a parameter detected.'],
    [
      'a recvWindow of a minute',
      `${SYMBOL}&${ID}&recvWindow=60000`,
      -1131,
      'recvWindow must be less than 60000',
    ],
    [
      'a recvWindow that is no number',
      `${SYMBOL}&${ID}&recvWindow=long`,
      -1100,
      illegal('recvWindow', digits),
    ],
  ])('%s', async (_what, parameters, code, msg) => {
    await using exchange = await startExchange();
    exchange.place();

    const cancel = await signedCall(exchange, 'DELETE', parameters);
    const query = await signedCall(exchange, 'GET', parameters);

    expect(cancel).toMatchObject({ status: 400, body: JSON.stringify({ code, msg }) });
    expect(query).toMatchObject({ status: 400, body: JSON.stringify({ code, msg }) });
    expect(exchange.order('4611875134427365377')?.status).toBe('ACCEPTED');
  });

  test.each([
    ['no timestamp', withHmac(`${SYMBOL}&${ID}`), -1102],
    ['a timestamp that is no number', withHmac(`${SYMBOL}&${ID}&timestamp=now`), -1100],
    ['no signature', `${SYMBOL}&${ID}&timestamp=${Date.now()}`, -1102],
  ])('%s', async (_what, query, code) => {
    await using exchange = await startExchange();

    const headers = { 'X-MBX-APIKEY': defaultKey.apiKey };
    const answer = await http('DELETE', `${exchange.url}/eapi/v1/order?${query}`, { headers });

    expect(JSON.parse(answer.body).code).toBe(code);
  });
});

describe('parameters', () => {
  const headers = {
    'X-MBX-APIKEY': defaultKey.apiKey,
    'Content-Type': 'application/x-www-form-urlencoded',
  };

  test('are read from a form body too, and the query wins', async () => {
    await using exchange = await startExchange();
    const [first, second] = [exchange.place(), exchange.place()];
    const query = `${SYMBOL}&orderId=${second.orderId}`;
    const body = `orderId=${first.orderId}&timestamp=${Date.now()}`;
    const signature = withHmac(query + body).slice((query + body).length);

    const answer = await http('DELETE', `${exchange.url}/eapi/v1/order?${query}`, {
      headers,
      body: body + signature,
    });

    expect(answer.status).toBe(200);
    expect(exchange.order(first.orderId)?.status).toBe('ACCEPTED');
    expect(exchange.order(second.orderId)?.status).toBe('CANCELLED');
  });

  test('are not read from a body that says it is JSON', async () => {
    await using exchange = await startExchange();

    const answer = await http('DELETE', `${exchange.url}/eapi/v1/order`, {
      headers: { ...headers, 'Content-Type': 'application/json' },
      body: withHmac(`${SYMBOL}&${ID}&timestamp=${Date.now()}`),
    });

    expect(JSON.parse(answer.body)).toMatchObject({
      code: -1102,
      msg: expect.stringContaining("'timestamp'"),
    });
  });
});

test('an unknown path or method is refused', async () => {
  await using exchange = await startExchange();

  const path = await http('GET', `${exchange.url}/eapi/v1/nothing`);
  const method = await http('PUT', `${exchange.url}/eapi/v1/order`);

  expect(path).toMatchObject({
    status: 404,
    body: '{"code":-5000,"msg":"Path /eapi/v1/nothing, Method GET is invalid"}',
  });
  expect(method.status).toBe(404);
});
