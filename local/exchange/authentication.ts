import { ApiError } from './answers.ts';
import { type ExchangeKey, type Verifier, verifierOf } from './keys.ts';
import { MAIN_ACCOUNT } from './orders.ts';
import { legal, long, mandatory, optional, type Parameters } from './parameters.ts';

/** The parts of a call that are signed: the bytes as received, one character per byte. */
export interface SignedBytes {
  readonly apiKey: string | undefined;
  readonly rawQuery: string;
  readonly body: string;
}

interface KnownKey {
  readonly account: string;
  readonly verifier: Verifier;
}

const DEFAULT_RECV_WINDOW_MS = 5000;
const LONGEST_RECV_WINDOW_MS = 60_000;
const FUTURE_TOLERANCE_MS = 1000;

export class KeyRing {
  #known: ReadonlyMap<string, KnownKey> = new Map();

  /** Replaces all keys. @throws Error when a public key is neither RSA nor Ed25519 */
  set(keys: readonly ExchangeKey[]): void {
    const known = (key: ExchangeKey) => ({ account: key.account ?? MAIN_ACCOUNT, verifier: verifierOf(key) });
    this.#known = new Map(keys.map((key) => [key.apiKey, known(key)]));
  }

  /**
   * Checks key, signature and timestamp (ms). Returns the account of the key.
   *
   * @throws ApiError as documented
   */
  authenticate(call: SignedBytes, parameters: Parameters, serverTime: number): string {
    const { verifier, account } = this.#keyOf(call.apiKey);
    const timestamp = Number(legal('timestamp', mandatory(parameters, 'timestamp'), /^[0-9]{1,20}$/));
    const recvWindow = recvWindowOf(parameters);
    mandatory(parameters, 'signature');
    checkSignature(call, verifier);
    checkWindow(timestamp, recvWindow, serverTime);
    return account;
  }

  #keyOf(apiKey: string | undefined): KnownKey {
    if (apiKey === undefined || !/^[\w-]{1,128}$/.test(apiKey)) {
      throw new ApiError(401, -2014, 'API-key format invalid.');
    }
    const known = this.#known.get(apiKey);
    if (known) return known;
    throw new ApiError(401, -2015, 'Invalid API-key, IP, or permissions for action.');
  }
}

function recvWindowOf(parameters: Parameters): number {
  const value = optional(parameters, 'recvWindow');
  const recvWindow = value === undefined ? DEFAULT_RECV_WINDOW_MS : Number(long('recvWindow', value));
  if (recvWindow < LONGEST_RECV_WINDOW_MS) return recvWindow;
  throw new ApiError(400, -1131, 'recvWindow must be less than 60000');
}

const LAST_PARAMETER = /(?:^|&)signature=([^&]*)$/;

/** The signature covers query and body joined without an `&`, and is the last parameter of both. */
function checkSignature({ rawQuery, body }: SignedBytes, verifier: Verifier): void {
  const lastPart = body === '' ? rawQuery : body;
  const match = LAST_PARAMETER.exec(lastPart);
  const signature = match && new URLSearchParams(match[0]).get('signature');
  const before = body === '' ? '' : rawQuery;
  if (match && signature && verifier(before + lastPart.slice(0, match.index), signature)) return;
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
