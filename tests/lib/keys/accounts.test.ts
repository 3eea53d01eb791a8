import { beforeEach, describe, expect, test } from '@jest/globals';
import { Accounts } from '../../../lib/keys/accounts.ts';
import type { SecretRead } from '../../../lib/keys/store.ts';
import { freshHmacKey } from '../../../local/keys.ts';
import { type ManualEffects, manualEffects } from '../../helpers/manual-effects.ts';

const MISS_MS = 10_000;

let effects: ManualEffects;
let secrets: Map<string, SecretRead>;
/** The secrets that were read, in order. */
let reads: string[];
let accounts: Accounts;

beforeEach(() => {
  effects = manualEffects();
  secrets = new Map();
  reads = [];
  accounts = new Accounts({
    secretId: 'main',
    prefix: 'desks/',
    ttlMs: 300_000,
    effects,
    open: (secretId) => ({
      read: async () => {
        reads.push(secretId);
        return secrets.get(secretId) ?? { refused: `no secret ${secretId}` };
      },
    }),
    onStale: () => undefined,
  });
});

/** Puts a new key into a secret, and returns its API key. */
function put(secretId: string, version = '1'): string {
  const { apiKey, apiSecret } = freshHmacKey().secret;
  secrets.set(secretId, { text: JSON.stringify({ apiKey, apiSecret }), version });
  return apiKey;
}

async function apiKeyOf(name?: string): Promise<string> {
  const read = await accounts.get(name).keys();
  return read.ok ? read.keys.apiKey : read.detail;
}

describe('an account', () => {
  test('has the keys of its own secret: the prefix and its name', async () => {
    const keys = [put('main'), put('desks/desk-a'), put('desks/desk-b')];

    expect([await apiKeyOf(), await apiKeyOf('desk-a'), await apiKeyOf('desk-b')]).toEqual(keys);
    expect(reads).toEqual(['main', 'desks/desk-a', 'desks/desk-b']);
  });

  test('is read once while its keys are fresh', async () => {
    put('desks/desk-a');

    await apiKeyOf('desk-a');
    await apiKeyOf('desk-a');

    expect(reads).toEqual(['desks/desk-a']);
  });

  test('has no other account’s keys when its own are replaced', async () => {
    put('desks/desk-a');
    const other = put('desks/desk-b');
    await apiKeyOf('desk-b');
    const read = await accounts.get('desk-a').keys();
    const renewed = put('desks/desk-a', '2');

    const isRenewed = read.ok && (await accounts.get('desk-a').hasReplacementFor(read.keys));

    expect(isRenewed).toBe(true);
    expect([await apiKeyOf('desk-a'), await apiKeyOf('desk-b')]).toEqual([renewed, other]);
  });
});

describe('an unknown account', () => {
  test('is read once in ten seconds, and then again', async () => {
    const first = await apiKeyOf('desk-a');
    const apiKey = put('desks/desk-a');
    effects.advance(MISS_MS - 1);
    const second = await apiKeyOf('desk-a');
    effects.advance(1);

    expect([first, second]).toEqual(['no secret desks/desk-a', 'no secret desks/desk-a']);
    expect(await apiKeyOf('desk-a')).toBe(apiKey);
    expect(reads).toHaveLength(2);
  });

  test('is one miss for all who ask at once', async () => {
    await Promise.all(Array.from({ length: 20 }, () => apiKeyOf('desk-a')));
    const apiKey = put('desks/desk-b');

    expect(await apiKeyOf('desk-b')).toBe(apiKey);
    expect(reads).toEqual(['desks/desk-a', 'desks/desk-b']);
  });

  test('that has lost its secret keeps its keys', async () => {
    const apiKey = put('desks/desk-a');
    await apiKeyOf('desk-a');
    secrets.delete('desks/desk-a');
    effects.advance(300_000);

    expect(await apiKeyOf('desk-a')).toBe(apiKey);
  });
});

describe('a flood of unknown accounts', () => {
  const flood = async (size: number) => {
    const found: string[] = [];
    for (let index = 0; index < size; index += 1) found.push(await apiKeyOf(`nobody-${index}`));
    return found;
  };

  test('costs ten reads in ten seconds; the others are not read and not final', async () => {
    await flood(500);

    expect(reads).toHaveLength(10);
    expect(await accounts.get('nobody-600').keys()).toEqual({
      ok: false,
      isFinal: false,
      isLimited: true,
      detail: 'not read: 10 unknown accounts were asked for within 10 s',
    });
  });

  test('holds up neither the default account nor one that has keys', async () => {
    const keys = [put('main'), put('desks/desk-a')];
    await apiKeyOf('desk-a');
    await flood(500);

    expect([await apiKeyOf(), await apiKeyOf('desk-a')]).toEqual(keys);
    expect(reads.filter((id) => id === 'desks/desk-a')).toHaveLength(1);
  });

  test('holds up a new account for ten seconds at most', async () => {
    await flood(500);
    const apiKey = put('desks/desk-a');
    effects.advance(MISS_MS);

    expect(await apiKeyOf('desk-a')).toBe(apiKey);
  });
});

test('a hundred accounts are kept, and the one used last is never forgotten', async () => {
  for (let index = 0; index <= 100; index += 1) {
    put(`desks/desk-${index}`);
    await apiKeyOf(`desk-${index}`);
    await apiKeyOf('desk-0');
  }
  reads = [];

  await apiKeyOf('desk-0');
  await apiKeyOf('desk-100');
  await apiKeyOf('desk-1');

  expect(reads).toEqual(['desks/desk-1']);
});
