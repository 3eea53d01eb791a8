import { ConfigurationRestAPI } from '@binance/common';
import { binance, OperationFailed } from 'ccxt';
import { signed } from './connector-call.ts';

/** A key for a service that signs with its own. */
const KEY = { apiKey: 'caller', secret: 'caller' };

/** How often each client repeats a call. ccxt needs to be told; the connector's default is three calls in all. */
const RETRIES = { ccxt: 2, connector: 3 };

/** The clients of the exchange that callers use, as they are installed. */
export interface Clients {
  readonly ccxt: binance;
  /** Sends a signed request through the official connector. */
  readonly connector: (
    method: 'GET' | 'DELETE',
    path: string,
    parameters: Record<string, unknown>,
  ) => Promise<unknown>;
}

/**
 * Returns both clients, pointed at a service, with the timeout that a kill needs. ccxt reads the list of contracts
 * from `exchangeUrl` and has no other address.
 */
export async function clientsOf(
  serviceUrl: string,
  exchangeUrl: string,
  timeoutMs: number,
): Promise<Clients> {
  const ccxt = ccxtOf({ ...KEY, privateUrl: serviceUrl, publicUrl: exchangeUrl });
  Object.assign(ccxt, { timeout: timeoutMs });
  ccxt.options.maxRetriesOnFailure = RETRIES.ccxt;
  await ccxt.loadMarkets();
  const configuration = new ConfigurationRestAPI({
    apiKey: KEY.apiKey,
    apiSecret: KEY.secret,
    basePath: serviceUrl,
    retries: RETRIES.connector,
    backoff: 1,
    timeout: timeoutMs,
  });
  return { ccxt, connector: (method, path, parameters) => signed(configuration, method, path, parameters) };
}

/** Returns ccxt for options only. Every address leads to `publicUrl`, except that of the signed options calls. */
export function ccxtOf({
  privateUrl,
  publicUrl,
  ...keys
}: Record<'apiKey' | 'secret' | 'privateUrl' | 'publicUrl', string>) {
  const options = { fetchMarkets: { types: ['option'] }, fetchCurrencies: false };
  const client = new binance({ ...keys, options });
  for (const name of Object.keys(client.urls.api)) client.urls.api[name] = `${publicUrl}/eapi/v1`;
  client.urls.api.eapiPrivate = `${privateUrl}/eapi/v1`;
  return client;
}

/** Returns true for an error after which ccxt repeats a call, and after which its callers may. */
export const isRetryable = (error: unknown): boolean => error instanceof OperationFailed;
