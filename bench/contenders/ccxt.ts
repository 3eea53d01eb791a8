import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { binance, NetworkError } from 'ccxt';
import { errorAnswer, type HttpAnswer, jsonAnswer, parametersOf, readSecret } from './shared.ts';

const exchange = readSecret().then(({ apiKey, apiSecret }) => {
  const client = new binance({ apiKey, secret: apiSecret, options: { maxRetriesOnFailure: 3 } });
  client.urls.api.eapiPrivate = `${process.env.BINANCE_BASE_URL}/eapi/v1`;
  return client;
});

/**
 * Cancels with ccxt's method for this endpoint and a key from Secrets Manager. The rate limiter is
 * on, which is ccxt's default.
 */
export async function handler(event: APIGatewayProxyEventV2): Promise<HttpAnswer> {
  try {
    return jsonAnswer(200, await (await exchange).eapiPrivateDeleteOrder(parametersOf(event)));
  } catch (error) {
    return errorAnswer(error instanceof NetworkError ? 502 : 400, error);
  }
}
