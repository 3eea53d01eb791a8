import { createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { verifierOf } from '../../local/exchange/keys.ts';
import { defaultKey, freshEd25519Key, freshHmacKey, freshRsaKey } from '../../local/keys.ts';

describe('a fresh key', () => {
  test('of HMAC has two equal halves and differs every time', () => {
    const key = freshHmacKey();

    expect(key.exchangeKey).toEqual(key.secret);
    expect(freshHmacKey().secret.apiSecret).not.toBe(key.secret.apiSecret);
    expect(defaultKey.apiKey).toMatch(/^\w{64}$/);
  });

  test.each([
    ['RSA', freshRsaKey(), 'sha256'],
    ['Ed25519', freshEd25519Key(), null],
  ] as const)('of %s has two halves that match', (_kind, key, algorithm) => {
    const signature = sign(algorithm, Buffer.from('payload'), createPrivateKey(key.secret.privateKey));
    const verifies = verifierOf(key.exchangeKey);

    expect(key.secret.apiKey).toBe(key.exchangeKey.apiKey);
    expect(verifies('payload', signature.toString('base64'))).toBe(true);
    expect(verifies('payloae', signature.toString('base64'))).toBe(false);
  });

  test.each([
    ['RSA', freshRsaKey('open sesame')],
    ['Ed25519', freshEd25519Key('open sesame')],
  ])('of %s opens only with its passphrase', (_kind, { secret, exchangeKey }) => {
    const open = (passphrase: string) => createPrivateKey({ key: secret.privateKey, passphrase });
    const ownPublicKey = createPublicKey(open('open sesame')).export({ type: 'spki', format: 'pem' });

    expect(secret.privateKeyPassphrase).toBe('open sesame');
    expect(ownPublicKey).toBe(exchangeKey.publicKey);
    expect(() => open('something else')).toThrow();
  });
});
