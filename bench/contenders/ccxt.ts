import { binance, NetworkError } from 'ccxt';
import { handlerOf, jsonAnswer, parametersOf, readSecret } from './shared.ts';

const exchange = readSecret().then(({ apiKey, apiSecret }) => {
  const client = new binance({ apiKey, secret: apiSecret, options: { maxRetriesOnFailure: 3 } });
  client.urls.api.eapiPrivate = `${process.env.BINANCE_BASE_URL}/eapi/v1`;
  return client;
});

/**
 * Cancels with ccxt's method for this endpoint and a key from Secrets Manager. The rate limiter is
 * on, which is ccxt's default.
 */
export const handler = handlerOf(
  async (event) => jsonAnswer(200, await (await exchange).eapiPrivateDeleteOrder(parametersOf(event))),
  (error) => !(error instanceof NetworkError),
);
