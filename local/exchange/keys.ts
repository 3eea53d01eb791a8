import { createHmac, createPublicKey, verify } from 'node:crypto';

interface KeyOfAccount {
  readonly apiKey: string;
  /** A call acts only on the orders of its key's account. Default `main`. */
  readonly account?: string;
}

/** A key that signs with HMAC-SHA256. */
export interface HmacKey extends KeyOfAccount {
  readonly apiSecret: string;
}

/** A key whose private half only the client has. */
interface PublicKey extends KeyOfAccount {
  /** PEM; RSA or Ed25519. */
  readonly publicKey: string;
}

export type ExchangeKey = HmacKey | PublicKey;

/** Checks a signature (the decoded parameter) against the payload (one character per byte). */
export type Verifier = (payload: string, signature: string) => boolean;

/**
 * Returns the check of a key's signatures.
 *
 * @throws Error when a PEM holds neither an RSA nor an Ed25519 public key
 */
export function verifierOf(key: ExchangeKey): Verifier {
  if ('apiSecret' in key) {
    const hmac = (payload: string) =>
      createHmac('sha256', key.apiSecret).update(payload, 'latin1').digest('hex');
    return (payload, signature) => hmac(payload) === signature.toLowerCase();
  }
  const publicKey = createPublicKey(key.publicKey);
  const type = publicKey.asymmetricKeyType;
  if (type !== 'rsa' && type !== 'ed25519') {
    throw new Error(`API key ${key.apiKey}: its public key is neither RSA nor Ed25519`);
  }
  const digest = type === 'rsa' ? 'sha256' : null;
  return (payload, signature) =>
    verify(digest, Buffer.from(payload, 'latin1'), publicKey, Buffer.from(signature, 'base64'));
}
