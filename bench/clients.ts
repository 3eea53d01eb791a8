import { binance, OperationFailed } from 'ccxt';
import { connectorOf } from './connector.ts';

/** A key for a service that signs with its own. */
const KEY = { apiKey: 'caller', secret: 'caller' };

/** Milliseconds that a client waits for an answer: a kill needs a second for its proof. */
const TIMEOUT_MS = 10_000;

/** The exchange's usual clients, pointed at one service. */
export type Clients = Awaited<ReturnType<typeof clientsOf>>;

/**
 * Returns the clients for a base URL. ccxt repeats a call once where it raises an error that it calls
 * retryable (by default it repeats none), and reads the list of contracts from `exchangeUrl`.
 * `connector` repeats a call as often as it does by default; `patient` is the same with `retries: 0`.
 */
export async function clientsOf(basePath: string, exchangeUrl: string) {
  const ccxt = ccxtOf(KEY, basePath, exchangeUrl);
  ccxt.timeout = TIMEOUT_MS;
  ccxt.options.maxRetriesOnFailure = 1;
  await ccxt.loadMarkets();
  const keys = { apiKey: KEY.apiKey, apiSecret: KEY.secret };
  const options = { ...keys, basePath, backoff: 1, timeout: TIMEOUT_MS };
  return { ccxt, connector: connectorOf(options), patient: connectorOf({ ...options, retries: 0 }) };
}

/**
 * Returns ccxt for options only. Every address leads to `publicUrl`, except that of the signed
 * options calls.
 */
export function ccxtOf(key: typeof KEY, privateUrl: string, publicUrl: string): binance {
  const options = { fetchMarkets: { types: ['option'] }, fetchCurrencies: false };
  const client = new binance({ ...key, options });
  for (const name of Object.keys(client.urls.api)) client.urls.api[name] = `${publicUrl}/eapi/v1`;
  client.urls.api.eapiPrivate = `${privateUrl}/eapi/v1`;
  return client;
}

/** Returns true for an error after which ccxt repeats a call, and after which its callers may. */
export const isRetryable = (error: unknown): boolean => error instanceof OperationFailed;
