import { connectorOf } from '../connector.ts';
import { handlerOf, jsonAnswer, parametersOf, readSecret } from './shared.ts';

/**
 * The connector's defaults: three retries, a growing pause, 1 s timeout, keep-alive, compression.
 */
const connector = readSecret().then((keys) =>
  connectorOf({ ...keys, basePath: process.env.BINANCE_BASE_URL ?? '' }),
);

/** The connector's errors of a 4xx have a code. With any other error no usable answer came. */
const isRefusal = (error: unknown) => error instanceof Error && 'code' in error;

/** Cancels with the exchange's official connector and a key from Secrets Manager. */
export const handler = handlerOf(async (event) => {
  const call = await connector;
  return jsonAnswer(200, await call('DELETE', '/eapi/v1/order', parametersOf(event)));
}, isRefusal);
