import { generateKeyPairSync, randomBytes } from 'node:crypto';
import type { ExchangeKey, HmacKey, PublicKey } from './exchange/keys.ts';

/** The two halves of a new API key: one for the exchange, one for the service's secret. */
export interface FreshKey {
  readonly kind: 'HMAC' | 'RSA' | 'Ed25519';
  readonly exchangeKey: ExchangeKey;
  readonly secret: HmacKey | PrivateKeySecret;
}

/** The secret of a key that signs with a private key. */
export interface PrivateKeySecret {
  readonly apiKey: string;
  /** PEM (PKCS #8), encrypted when there is a passphrase. */
  readonly privateKey: string;
  readonly privateKeyPassphrase?: string;
}

/** Generates an HMAC key; both halves are the same. */
export function freshHmacKey(): FreshKey & { readonly exchangeKey: HmacKey; readonly secret: HmacKey } {
  const key = { apiKey: freshApiKey(), apiSecret: randomBytes(32).toString('hex') };
  return { kind: 'HMAC', exchangeKey: key, secret: key };
}

/** Generates an RSA key of 2048 bits; a passphrase encrypts its private half. */
export function freshRsaKey(passphrase?: string): PrivateFreshKey {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: privateKeyEncoding(passphrase),
  });
  return freshKey('RSA', publicKey, privateKey, passphrase);
}

/** Generates an Ed25519 key; a passphrase encrypts its private half. */
export function freshEd25519Key(passphrase?: string): PrivateFreshKey {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519', {
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: privateKeyEncoding(passphrase),
  });
  return freshKey('Ed25519', publicKey, privateKey, passphrase);
}

/** A key whose halves differ. */
export type PrivateFreshKey = FreshKey & {
  readonly exchangeKey: PublicKey;
  readonly secret: PrivateKeySecret;
};

/** The default key of an embedded exchange; every process generates its own. */
export const defaultKey: HmacKey = freshHmacKey().exchangeKey;

/** The key of the local stack's named account, whose orders are not those of the default key. */
export const deskKey: HmacKey & { readonly account: string } = {
  ...freshHmacKey().exchangeKey,
  account: 'desk-a',
};

function freshApiKey(): string {
  return randomBytes(32).toString('hex');
}

function privateKeyEncoding(passphrase: string | undefined) {
  const pem = { type: 'pkcs8', format: 'pem' } as const;
  return passphrase === undefined ? pem : { ...pem, cipher: 'aes-256-cbc', passphrase };
}

function freshKey(
  kind: 'RSA' | 'Ed25519',
  publicKey: string,
  privateKey: string,
  passphrase: string | undefined,
): PrivateFreshKey {
  const apiKey = freshApiKey();
  const secret = passphrase === undefined ? {} : { privateKeyPassphrase: passphrase };
  return { kind, exchangeKey: { apiKey, publicKey }, secret: { apiKey, privateKey, ...secret } };
}
