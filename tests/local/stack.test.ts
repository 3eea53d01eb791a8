import { expect, test } from '@jest/globals';
import { deskKey } from '../../local/keys.ts';
import { startStage } from '../helpers/stage.ts';

test('the local stack has a named account, with a key and a book of its own', async () => {
  const stage = await startStage();
  const api = await stage.loadApi();
  const named = { clientOrderId: 'quote-1' };
  const main = stage.exchange.place(named);
  const own = stage.exchange.place({ ...named, account: deskKey.account });

  const answer = await api({
    path: `/accounts/${deskKey.account}/eapi/v1/order`,
    query: `symbol=${own.symbol}&clientOrderId=quote-1`,
  });
  await stage.stop();

  expect(answer.body).toContain(`"orderId":${own.orderId},`);
  expect(stage.exchange.order(own.orderId)?.status).toBe('CANCELLED');
  expect(stage.exchange.order(main.orderId)?.status).toBe('ACCEPTED');
});
