import { createHmac, createPrivateKey, type KeyObject, sign as signWith } from 'node:crypto';

/**
 * Signs the exact bytes of a payload and returns the value of the `signature` parameter,
 * percent-encoded, ready to be sent.
 */
export type Sign = (payload: string) => string;

/** Signs with HMAC-SHA256, in hex: what the exchange expects of a key made with a secret. */
export function hmacSigner(apiSecret: string): Sign {
  return (payload) => createHmac('sha256', apiSecret).update(payload).digest('hex');
}

/**
 * Signs with the private key of an RSA (PKCS #1 v1.5, SHA-256) or Ed25519 pair, in base64; the key
 * itself says which.
 *
 * @param pem PEM text, encrypted or not
 * @throws Error when the PEM or its passphrase is wrong, or the key is of another kind; the message
 * holds no key material
 */
export function privateKeySigner(pem: string, passphrase?: string): Sign {
  const key = readPrivateKey(pem, passphrase);
  const digest = digestFor(key);
  return (payload) => encodeURIComponent(signWith(digest, Buffer.from(payload), key).toString('base64'));
}

function readPrivateKey(pem: string, passphrase: string | undefined): KeyObject {
  try {
    return createPrivateKey({ key: pem, format: 'pem', passphrase });
  } catch {
    throw new Error(
      'privateKey cannot be read: it must be PEM text, with privateKeyPassphrase if it is encrypted',
    );
  }
}

function digestFor(key: KeyObject): 'sha256' | null {
  if (key.asymmetricKeyType === 'rsa') return 'sha256';
  if (key.asymmetricKeyType === 'ed25519') return null;
  throw new Error(`privateKey must be an RSA or Ed25519 key, not ${key.asymmetricKeyType}`);
}
