import { ApiError } from './answers.ts';
import type { ReceivedCall } from './calls.ts';
import { type ExchangeKey, type Verifier, verifierOf } from './keys.ts';
import { MAIN_ACCOUNT } from './orders.ts';
import { integer, legal, mandatory, type Parameters } from './parameters.ts';

/** The known keys, by their `apiKey`. */
export type KeyRing = ReadonlyMap<string, { readonly account: string; readonly verifier: Verifier }>;

const DEFAULT_RECV_WINDOW_MS = 5000n;
const LONGEST_RECV_WINDOW_MS = 60_000;
const FUTURE_TOLERANCE_MS = 1000;

/** Returns the keys with their checks. @throws Error as `verifierOf` does */
export function keyRing(keys: readonly ExchangeKey[]): KeyRing {
  return new Map(
    keys.map((key) => [key.apiKey, { account: key.account ?? MAIN_ACCOUNT, verifier: verifierOf(key) }]),
  );
}

/**
 * Checks key, signature and timestamp (ms). Returns the account of the key.
 *
 * @throws ApiError as documented
 */
export function authenticate(keys: KeyRing, call: ReceivedCall, parameters: Parameters, now: number): string {
  const apiKey = String(call.headers['x-mbx-apikey'] ?? '');
  if (!/^[\w-]{1,128}$/.test(apiKey)) throw new ApiError(401, -2014, 'API-key format invalid.');
  const key = keys.get(apiKey);
  if (!key) throw new ApiError(401, -2015, 'Invalid API-key, IP, or permissions for action.');
  const timestamp = Number(legal('timestamp', mandatory(parameters, 'timestamp'), /^[0-9]{1,20}$/));
  const recvWindow = Number(integer(parameters, 'recvWindow') ?? DEFAULT_RECV_WINDOW_MS);
  if (recvWindow >= LONGEST_RECV_WINDOW_MS) {
    throw new ApiError(400, -1131, 'recvWindow must be less than 60000');
  }
  mandatory(parameters, 'signature');
  checkSignature(call, key.verifier);
  checkWindow(timestamp, recvWindow, now);
  return key.account;
}

const LAST_PARAMETER = /(?:^|&)signature=([^&]*)$/;

/** The signature covers query and body joined without an `&`, and is the last parameter of both. */
function checkSignature({ rawQuery, body }: ReceivedCall, verifier: Verifier): void {
  const match = LAST_PARAMETER.exec(body || rawQuery);
  const signature = match && new URLSearchParams(match[0]).get('signature');
  if (match && signature && verifier((rawQuery + body).slice(0, -match[0].length), signature)) return;
  throw new ApiError(400, -1022, 'Signature for this request is not valid.');
}

function checkWindow(timestamp: number, recvWindow: number, serverTime: number): void {
  if (timestamp >= serverTime + FUTURE_TOLERANCE_MS) {
    throw new ApiError(400, -1021, "Timestamp for this request was 1000ms ahead of the server's time.");
  }
  if (serverTime - timestamp > recvWindow) {
    throw new ApiError(400, -1021, 'Timestamp for this request is outside of the recvWindow.');
  }
}
