import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Account } from '../../../lib/keys/account.ts';
import { KeyStore } from '../../../lib/keys/store.ts';
import { freshHmacKey } from '../../../local/keys.ts';
import type { EmbeddedSecrets } from '../../../local/secrets.ts';
import { manualEffects } from '../../helpers/manual-effects.ts';
import { SECRET_ID, secretSource, startSecretStore } from '../../helpers/secret-store.ts';

const ALWAYS = Number.POSITIVE_INFINITY;

let secrets: EmbeddedSecrets;
let account: Account;

beforeEach(async () => {
  secrets = await startSecretStore();
  account = new Account(
    new KeyStore({
      source: secretSource(),
      ttlMs: 300_000,
      effects: manualEffects(),
      onStale: () => undefined,
    }),
  );
});

afterEach(() => secrets.stop());

test('an account gives the keys of its secret', async () => {
  const { secret } = freshHmacKey();
  secrets.put(SECRET_ID, secret);

  expect(await account.keys()).toMatchObject({ ok: true, keys: { apiKey: secret.apiKey } });
});

describe('the failure to read a secret is final', () => {
  test('when it is malformed', async () => {
    secrets.put(SECRET_ID, '{"apiKey":"k"}');

    const detail = 'apiSecret (HMAC) or privateKey (PEM) must be given, and not both';
    expect(await account.keys()).toEqual({ ok: false, isFinal: true, detail });
  });

  test('when it is absent', async () => {
    const detail = expect.stringContaining(
      'there is no secret binance/options; create it (aws secretsmanager',
    );
    expect(await account.keys()).toEqual({ ok: false, isFinal: true, detail });
  });

  test('when it is forbidden', async () => {
    secrets.put(SECRET_ID, freshHmacKey().secret);
    secrets.fail(ALWAYS, { name: 'AccessDeniedException', status: 400 });

    const detail = 'AccessDeniedException to a read of binance/options';
    expect(await account.keys()).toEqual({ ok: false, isFinal: true, detail });
  });
});

describe('the failure to read a secret is not final', () => {
  beforeEach(() => {
    secrets.put(SECRET_ID, freshHmacKey().secret);
  });

  test('when the service fails', async () => {
    secrets.fail(ALWAYS);

    const detail = 'InternalServiceError';
    expect(await account.keys()).toEqual({ ok: false, isFinal: false, detail });
  });

  test('when the service hangs', async () => {
    secrets.hang(ALWAYS);

    expect(await account.keys()).toMatchObject({ ok: false, isFinal: false });
  });

  test.each<[string, unknown, string]>([
    ['its code', Object.assign(new Error('S3CR3T'), { code: 'ECONNREFUSED' }), 'ECONNREFUSED'],
    ['its name', Object.assign(new RangeError('S3CR3T'), { code: 5 }), 'RangeError'],
    ['its name', new TypeError('S3CR3T'), 'TypeError'],
    ['nothing', 'S3CR3T', 'unknown error'],
  ])('and of an error it shows %s alone', async (_, error, detail) => {
    const read = () => Promise.reject(error);
    const options = { ttlMs: 300_000, effects: manualEffects(), onStale: () => undefined };
    const failing = new Account(new KeyStore({ source: { read }, ...options }));

    expect(await failing.keys()).toEqual({ ok: false, isFinal: false, detail });
  });
});

test('an account has a replacement for keys when its secret has a new version', async () => {
  secrets.put(SECRET_ID, freshHmacKey().secret);
  const read = await account.keys();
  if (!read.ok) throw new Error(read.detail);
  secrets.put(SECRET_ID, freshHmacKey().secret);

  expect(await account.hasReplacementFor(read.keys)).toBe(true);
});
