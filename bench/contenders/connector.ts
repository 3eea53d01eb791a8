import { ConfigurationRestAPI } from '@binance/common';
import { signed } from '../connector-call.ts';
import { handlerOf, jsonAnswer, parametersOf, readSecret } from './shared.ts';

/** The connector's defaults: three retries, a growing pause, 1 s timeout, keep-alive, compression. */
const configuration = readSecret().then(
  (keys) => new ConfigurationRestAPI({ ...keys, basePath: process.env.BINANCE_BASE_URL ?? '' }),
);

/** Cancels with the exchange's official connector and a key from Secrets Manager. */
export const handler = handlerOf(async (event) => {
  const answer = await signed(await configuration, 'DELETE', '/eapi/v1/order', parametersOf(event));
  return jsonAnswer(200, answer);
}, isRefusal);

/** The connector's errors of a 4xx have a code. With any other error no usable answer came. */
function isRefusal(error: unknown): boolean {
  return error instanceof Error && 'code' in error;
}
