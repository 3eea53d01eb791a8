import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { SecretRefusedError } from '../../../lib/keys/keys.ts';
import { KeyStore } from '../../../lib/keys/store.ts';
import { freshHmacKey } from '../../../local/keys.ts';
import type { EmbeddedSecrets } from '../../../local/secrets.ts';
import { type ManualEffects, manualEffects } from '../../helpers/manual-effects.ts';
import { SECRET_ID, secretSource, startSecretStore } from '../../helpers/secret-store.ts';

const TTL_MS = 300_000;
const DENIED = { name: 'AccessDeniedException', status: 400 };
const ALWAYS = Number.POSITIVE_INFINITY;

let secrets: EmbeddedSecrets;
let effects: ManualEffects;
let warnings: unknown[];
const REFUSED = 'AccessDeniedException to a read of binance/options';

let store: KeyStore;

beforeEach(async () => {
  secrets = await startSecretStore();
  effects = manualEffects();
  warnings = [];
  store = new KeyStore({
    source: secretSource(),
    ttlMs: TTL_MS,
    effects,
    onStale: (error) => warnings.push(error),
  });
});

afterEach(() => secrets.stop());

/** Puts new keys into the secret, as a rotation does, and gives their API key. */
function rotate(): string {
  const { secret } = freshHmacKey();
  secrets.put(SECRET_ID, secret);
  return secret.apiKey;
}

describe('keys', () => {
  test('are read once for all who ask at the same time', async () => {
    const apiKey = rotate();

    const all = await Promise.all([store.get(), store.get(), store.get()]);

    expect(all.map((keys) => keys.apiKey)).toEqual([apiKey, apiKey, apiKey]);
    expect(secrets.calls).toBe(1);
  });

  test('are kept until their time is up, and then read again', async () => {
    const first = rotate();
    await store.get();
    const second = rotate();

    effects.advance(TTL_MS - 1);
    const kept = await store.get();
    effects.advance(1);
    const fresh = await store.get();

    expect([kept.apiKey, fresh.apiKey]).toEqual([first, second]);
    expect(secrets.calls).toBe(2);
    expect(warnings).toEqual([]);
  });

  test('that could not be read are read again at once: a failure is never cached', async () => {
    secrets.fail(1, DENIED);
    const apiKey = rotate();

    await expect(store.get()).rejects.toMatchObject({
      name: 'SecretRefusedError',
      message: REFUSED,
    });
    const keys = await store.get();

    expect(keys.apiKey).toBe(apiKey);
    expect(warnings).toEqual([]);
  });

  test('in a form that cannot be used are a failure like any other', async () => {
    secrets.put(SECRET_ID, 'no JSON');

    await expect(store.get()).rejects.toMatchObject({ name: 'SecretFormatError' });
    const apiKey = rotate();
    await expect(store.get()).resolves.toMatchObject({ apiKey });
  });

  test('that cannot be read again are warned of once, however many ask at the same time', async () => {
    rotate();
    await store.get();
    secrets.fail(ALWAYS, DENIED);
    effects.advance(TTL_MS);

    await Promise.all([store.get(), store.get(), store.get()]);

    expect(warnings).toHaveLength(1);
  });

  test('that are cached are used, with a warning, while they cannot be read again', async () => {
    const apiKey = rotate();
    await store.get();
    secrets.fail(ALWAYS, DENIED);

    effects.advance(TTL_MS);
    const keys = await store.get();

    expect(keys.apiKey).toBe(apiKey);
    expect(warnings).toEqual([new SecretRefusedError(REFUSED)]);
  });

  test('that are cached outlive a secret that has lost its form', async () => {
    const apiKey = rotate();
    await store.get();
    secrets.put(SECRET_ID, {});

    effects.advance(TTL_MS);
    const keys = await store.get();

    expect(keys.apiKey).toBe(apiKey);
    expect(warnings).toMatchObject([{ name: 'SecretFormatError' }]);
  });

  test('that could not be read again are tried again ten seconds later', async () => {
    rotate();
    await store.get();
    const renewed = rotate();
    secrets.fail(1, DENIED);
    effects.advance(TTL_MS);
    await store.get();

    effects.advance(9_999);
    await store.get();
    const readsBefore = secrets.calls;
    effects.advance(1);
    const keys = await store.get();

    expect(readsBefore).toBe(2);
    expect(keys.apiKey).toBe(renewed);
    expect(secrets.calls).toBe(3);
  });
});

describe('keys that are cached', () => {
  /** Puts in place of the store one whose second read ends when the test says so. */
  async function startSlowRead() {
    const { promise, resolve: finish } = Promise.withResolvers<string>();
    const versions = [Promise.resolve('old'), promise];
    const read = async () => ({
      text: '{"apiKey":"k","apiSecret":"s"}',
      version: (await versions.shift()) ?? 'newest',
    });
    store = new KeyStore({ source: { read }, ttlMs: TTL_MS, effects, onStale: () => undefined });
    await store.get();
    effects.advance(TTL_MS);
    return finish;
  }

  test('are used while a later read hangs', async () => {
    await startSlowRead();

    expect((await store.get()).version).toBe('old');
    expect((await store.get()).version).toBe('old');
  });

  test('are replaced when a slow read ends at last', async () => {
    const finish = await startSlowRead();
    await store.get();

    finish('new');

    expect((await store.get()).version).toBe('new');
  });

  test('are kept for their time, whatever the wall clock is set to', async () => {
    rotate();
    await store.get();

    effects.setBack(-3_600_000);
    await store.get();
    const ahead = secrets.calls;
    effects.setBack(2 * 3_600_000);
    effects.advance(TTL_MS);
    await store.get();

    expect([ahead, secrets.calls]).toEqual([1, 2]);
  });
});

describe('keys that the exchange has rejected', () => {
  test('have a replacement when the secret has a new version, which is used from then on', async () => {
    rotate();
    const rejected = await store.get();
    const renewed = rotate();

    expect(await store.hasReplacementFor(rejected)).toBe(true);
    expect((await store.get()).apiKey).toBe(renewed);
    expect(secrets.calls).toBe(2);
  });

  test('have a replacement although none are cached yet', async () => {
    const renewed = rotate();
    const rejected = { apiKey: 'k', sign: () => '', version: 'of another store' };

    expect(await store.hasReplacementFor(rejected)).toBe(true);
    expect((await store.get()).apiKey).toBe(renewed);
    expect(secrets.calls).toBe(1);
  });

  test('have none while the secret has the same version', async () => {
    const apiKey = rotate();
    const rejected = await store.get();

    expect(await store.hasReplacementFor(rejected)).toBe(false);
    expect((await store.get()).apiKey).toBe(apiKey);
    expect(secrets.calls).toBe(2);
  });

  test('are looked up at most once in ten seconds', async () => {
    rotate();
    const rejected = await store.get();
    await store.hasReplacementFor(rejected);
    rotate();

    effects.advance(9_999);
    const tooSoon = await store.hasReplacementFor(rejected);
    const readsBefore = secrets.calls;
    effects.advance(1);
    const inTime = await store.hasReplacementFor(rejected);

    expect([tooSoon, readsBefore]).toEqual([false, 2]);
    expect([inTime, secrets.calls]).toEqual([true, 3]);
  });

  test('are looked up once for all who were rejected at the same time', async () => {
    rotate();
    const rejected = await store.get();
    rotate();

    const answers = await Promise.all(Array.from({ length: 50 }, () => store.hasReplacementFor(rejected)));

    expect(answers).toEqual(Array(50).fill(true));
    expect(secrets.calls).toBe(2);
  });

  test('are replaced without a read when others are cached already', async () => {
    rotate();
    const rejected = await store.get();
    rotate();
    await store.hasReplacementFor(rejected);

    expect(await store.hasReplacementFor(rejected)).toBe(true);
    expect(secrets.calls).toBe(2);
  });

  test('are found, by all who ask, though a read was under way that had begun before they were replaced', async () => {
    const { promise: begun, resolve: finish } = Promise.withResolvers<void>();
    let reads = 0;
    let current = 'old';
    const read = async () => {
      reads += 1;
      const version = current;
      if (reads === 2) await begun;
      return { text: '{"apiKey":"k","apiSecret":"s"}', version };
    };
    store = new KeyStore({ source: { read }, ttlMs: TTL_MS, effects, onStale: () => undefined });
    const rejected = await store.get();
    effects.advance(TTL_MS);
    const underWay = store.get();
    current = 'new';

    const found = [store.hasReplacementFor(rejected), store.hasReplacementFor(rejected)];
    finish();

    expect(await Promise.all(found)).toEqual([true, true]);
    expect((await underWay).version).toBe('old');
    expect(reads).toBe(3);
  });

  test('have none, with a warning, when the secret cannot be read', async () => {
    const apiKey = rotate();
    const rejected = await store.get();
    secrets.fail(ALWAYS, DENIED);

    expect(await store.hasReplacementFor(rejected)).toBe(false);
    expect((await store.get()).apiKey).toBe(apiKey);
    expect(warnings).toEqual([new SecretRefusedError(REFUSED)]);
  });
});
