import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ExchangeOrder } from '../../local/exchange.ts';
import { examples, placeOrders } from '../../local/start/examples.ts';
import { type ApiCall, type Stage, startStage } from '../helpers/stage.ts';

let stage: Stage;
let api: ApiCall;
let orders: readonly ExchangeOrder[];
beforeAll(async () => {
  stage = await startStage({ weightLimit: 100_000 });
  api = await stage.loadApi({ BINANCE_WEIGHT_LIMIT: '100000' });
  orders = placeOrders(stage.exchange);
});
afterAll(() => stage.stop());

const README = new URL('../../README.md', import.meta.url);

test('every order that README names is one that npm start places', async () => {
  const placed = orders.map(({ symbol, clientOrderId }) => `${symbol} ${clientOrderId}`);
  const named = (await readFile(README, 'utf8')).matchAll(
    /symbol(?:=|: ')([\w.-]+)(?:&|', )clientOrderId(?:=|: ')([\w-]+)/g,
  );

  const inReadme = [...named].map(([, symbol, name]) => `${symbol} ${name}`);

  expect(inReadme).toHaveLength(3);
  for (const order of inReadme) expect(placed).toContain(order);
});

const CURL =
  /curl -i -X (\w+) 'http:\/\/localhost:3000([^'?]+)\??([^']*)'(?: -H '([^:]+): ([^']+)')?(?: -d '(.+)')?/g;

test('every curl line that npm start prints is a request that the API carries out', async () => {
  const text = examples('http://localhost:3000', 'desk ', 'log');

  const answers: string[] = [];
  for (const [, method = '', path = '', query = '', name = '', value = '', body] of text.matchAll(CURL)) {
    const request = { method, path, query, headers: { [name]: value }, timeEpoch: Date.now() };
    const { statusCode } = await api(body === undefined ? request : { ...request, body });
    answers.push(`${method} ${path} ${statusCode}`);
  }

  expect(answers).toEqual([
    'DELETE /eapi/v1/order 200',
    'DELETE /eapi/v1/order 404',
    'DELETE /eapi/v1/order 202',
    'GET /eapi/v1/order 200',
    'POST /kills 200',
    'DELETE /eapi/v1/allOpenOrders 200',
    'DELETE /accounts/desk-a/eapi/v1/order 200',
  ]);
});
