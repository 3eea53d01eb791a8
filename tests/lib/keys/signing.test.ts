import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { hmacSigner, privateKeySigner } from '../../../lib/keys/signing.ts';
import { freshEd25519Key, freshRsaKey } from '../../../local/keys.ts';

const pem = { type: 'pkcs8', format: 'pem' } as const;
const payload =
  'symbol=BTC-200730-9000-C&orderId=4611875134427365377&recvWindow=5000&timestamp=1611825601400';

describe('a signature with HMAC-SHA256', () => {
  test.each([
    [
      // The page now shows quantity=1 above this signature, which is still that of its first edition's 0.01.
      'options',
      'YtP1BudNOWZE1ag5uzCkh4hIC7qSmQOu797r5EJBFGhxBYivjj8HIX0iiiPof5yG',
      'symbol=BTC-210129-40000-C&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01&price=2000&recvWindow=5000' +
        '&timestamp=1611825601400',
      '7c12045972f6140e765e0f2b67d28099718df805732676494238f50be830a7d7',
    ],
    [
      'spot',
      'NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j',
      'symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559',
      'c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71',
    ],
  ])('is the one that the %s documentation publishes', (_api, secret, text, signature) => {
    expect(hmacSigner(secret)(text)).toBe(signature);
  });
});

describe.each([
  ['RSA', 'sha256', freshRsaKey()],
  ['RSA with a passphrase', 'sha256', freshRsaKey('Correct horse, battery staple')],
  ['Ed25519', null, freshEd25519Key()],
  ['Ed25519 with a passphrase', null, freshEd25519Key('Correct horse, battery staple')],
] as const)('a signature with %s', (_kind, digest, { secret, exchangeKey }) => {
  const sign = privateKeySigner(secret.privateKey, secret.privateKeyPassphrase);
  const publicKey = createPublicKey(exchangeKey.publicKey);
  const fits = (text: string, signature: string) =>
    verify(digest, Buffer.from(text), publicKey, Buffer.from(decodeURIComponent(signature), 'base64'));

  test('is verified by the public key, for any payload', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(fits(text, sign(text))).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  test('fits no other payload', () => {
    expect(fits(payload.replace('365377', '365378'), sign(payload))).toBe(false);
  });

  test('is base64, percent-encoded to go into a query as it is', () => {
    const signature = sign(payload);
    const base64 = decodeURIComponent(signature);

    expect(signature).toMatch(/^(?:[A-Za-z0-9]|%2B|%2F|%3D)+$/);
    expect(Buffer.from(base64, 'base64').toString('base64')).toBe(base64);
  });
});

describe('a private key', () => {
  const unreadable =
    'privateKey cannot be read: it must be PEM text, with privateKeyPassphrase if it is encrypted';
  const encrypted = freshEd25519Key('right').secret.privateKey;

  test.each([
    ['is not PEM', 'not a key', undefined],
    ['is empty', '', undefined],
    ['is a public key', freshRsaKey().exchangeKey.publicKey, undefined],
    ['is encrypted and has no passphrase', encrypted, undefined],
    ['is encrypted with another passphrase', encrypted, 'wrong'],
    ['is cut off', encrypted.slice(0, 80), 'right'],
  ])('that %s is refused', (_what, key, passphrase) => {
    expect(() => privateKeySigner(key, passphrase)).toThrow(new Error(unreadable));
  });

  test.each([
    ['ec', generateKeyPairSync('ec', { namedCurve: 'P-256' })],
    ['x25519', generateKeyPairSync('x25519')],
    ['rsa-pss', generateKeyPairSync('rsa-pss', { modulusLength: 2048 })],
  ])('of the kind %s is refused', (kind, { privateKey }) => {
    expect(() => privateKeySigner(privateKey.export(pem).toString())).toThrow(
      new Error(`privateKey must be an RSA or Ed25519 key, not ${kind}`),
    );
  });

  test('that is not encrypted needs no passphrase, and takes one', () => {
    const { privateKey } = freshEd25519Key().secret;

    expect(privateKeySigner(privateKey, 'unused')(payload)).toBe(privateKeySigner(privateKey)(payload));
  });

  test('of the older RSA form, PKCS #1, is taken', () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const sign = privateKeySigner(privateKey.export({ type: 'pkcs1', format: 'pem' }).toString());

    const signature = Buffer.from(decodeURIComponent(sign(payload)), 'base64');

    expect(verify('sha256', Buffer.from(payload), publicKey, signature)).toBe(true);
  });
});
