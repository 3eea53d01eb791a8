import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import type { HmacKey } from './exchange/keys.ts';

/** The two halves of a new API key: one for the exchange, one for the service's secret. */
export type FreshKey = ReturnType<typeof freshHmacKey | typeof freshRsaKey>;

/** Generates an HMAC key; both halves are the same. */
export function freshHmacKey() {
  const key = { apiKey: randomHex(), apiSecret: randomHex() };
  return { exchangeKey: key, secret: key };
}

/** Generates an RSA key of 2048 bits; a passphrase encrypts its private half. */
export function freshRsaKey(passphrase?: string) {
  return freshKey(generateKeyPairSync('rsa', { modulusLength: 2048 }), passphrase);
}

/** Generates an Ed25519 key; a passphrase encrypts its private half. */
export function freshEd25519Key(passphrase?: string) {
  return freshKey(generateKeyPairSync('ed25519'), passphrase);
}

/** The default key of an embedded exchange; every process generates its own. */
export const defaultKey: HmacKey = freshHmacKey().exchangeKey;

/** The key of the local stack's named account, whose orders are not those of the default key. */
export const deskKey = { ...freshHmacKey().exchangeKey, account: 'desk-a' };

function randomHex(): string {
  return randomBytes(32).toString('hex');
}

/** The private half is a PEM (PKCS #8). */
function freshKey(pair: Record<'publicKey' | 'privateKey', KeyObject>, passphrase: string | undefined) {
  const apiKey = randomHex();
  const cipher = passphrase === undefined ? {} : { cipher: 'aes-256-cbc', passphrase };
  const pem = pair.privateKey.export({ type: 'pkcs8', format: 'pem', ...cipher }).toString();
  return {
    exchangeKey: { apiKey, publicKey: pair.publicKey.export({ type: 'spki', format: 'pem' }).toString() },
    secret: {
      apiKey,
      privateKey: pem,
      ...(passphrase !== undefined && { privateKeyPassphrase: passphrase }),
    },
  };
}
