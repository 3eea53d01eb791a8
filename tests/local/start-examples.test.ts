import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { examples, placeOrders } from '../../local/start/examples.ts';
import { type ApiCall, type Stage, startStage } from '../helpers/stage.ts';

let stage: Stage;
let api: ApiCall;
beforeAll(async () => {
  stage = await startStage({ weightLimit: 100_000 });
  api = await stage.loadApi({ BINANCE_WEIGHT_LIMIT: '100000' });
});
afterAll(() => stage.stop());

const CURL =
  /curl -i -X (\w+) 'http:\/\/localhost:3000([^'?]+)\??([^']*)'(?: -H '([^:]+): ([^']+)')?(?: -d '(.+)')?/g;

test('every curl line that npm start prints is a request that the API carries out', async () => {
  const text = examples('http://localhost:3000', placeOrders(stage.exchange), 'desk ', 'log');

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
