import { createHmac, type KeyObject, sign } from 'node:crypto';
import { type IncomingHttpHeaders, request } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { text } from 'node:stream/consumers';
import type { EmbeddedExchange, HmacKey } from '../../local/exchange.ts';
import { defaultKey } from '../../local/keys.ts';

/** A response as received, the body as text. */
export interface Received {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

interface HttpOptions {
  readonly headers?: Record<string, string>;
  readonly body?: string;
  readonly ca?: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Sends one HTTP request on a connection of its own. Rejects when the connection breaks or the
 * signal aborts.
 */
export async function http(method: string, url: string, more: HttpOptions = {}): Promise<Received> {
  const { headers = {}, body = '', ca, signal } = more;
  const { protocol, hostname, port, origin } = new URL(url);
  // Node sends no Content-Length of its own for the body of a GET or a DELETE.
  const length = body === '' ? {} : { 'Content-Length': String(Buffer.byteLength(body)) };
  // The URL class would percent-encode an apostrophe and so change the signed bytes.
  const path = url.slice(origin.length);
  const options = { hostname, port, path, method, headers: { ...headers, ...length }, agent: false as const };
  const start = protocol === 'https:' ? tlsRequest : request;
  return await new Promise((resolve, reject) => {
    const sent = start({ ...options, ...(ca && { ca }), ...(signal && { signal }) }, (response) => {
      const { statusCode: status = 0, headers } = response;
      text(response).then((body) => resolve({ status, headers, body }), reject);
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/** Appends the payload's HMAC as last parameter. */
export function withHmac(payload: string, secret: string = defaultKey.apiSecret): string {
  return `${payload}&signature=${createHmac('sha256', secret).update(payload).digest('hex')}`;
}

/**
 * Appends an RSA (`sha256`) or Ed25519 (`null`) signature, base64 and percent-encoded, as last
 * parameter.
 */
export function withSignature(payload: string, algorithm: 'sha256' | null, key: KeyObject): string {
  const signature = sign(algorithm, Buffer.from(payload), key).toString('base64');
  return `${payload}&signature=${encodeURIComponent(signature)}`;
}

export const SYMBOL = 'symbol=BTC-200730-9000-C';

interface SignedOptions {
  readonly path?: string;
  readonly key?: HmacKey;
  readonly timestamp?: number;
  readonly signal?: AbortSignal;
}

/** Sends one signed call, by default to `/eapi/v1/order`, with the current time of this process. */
export async function signedCall(
  exchange: EmbeddedExchange,
  method: string,
  parameters: string,
  { path = '/eapi/v1/order', key = defaultKey, timestamp = Date.now(), signal }: SignedOptions = {},
): Promise<Received> {
  const payload = parameters === '' ? `timestamp=${timestamp}` : `${parameters}&timestamp=${timestamp}`;
  const url = `${exchange.url}${path}?${withHmac(payload, key.apiSecret)}`;
  return await http(method, url, { headers: { 'X-MBX-APIKEY': key.apiKey }, signal });
}

/** Resolves once the condition holds. Rejects after 10 s. */
export async function until(condition: () => boolean): Promise<void> {
  const end = Date.now() + 10_000;
  while (!condition()) {
    if (Date.now() > end) throw new Error('the condition did not become true within 10 s');
    await new Promise(setImmediate);
  }
}
