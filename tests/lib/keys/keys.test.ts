import { createHmac, createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { readKeys, SecretFormatError } from '../../../lib/keys/keys.ts';
import { freshEd25519Key, freshHmacKey, freshRsaKey } from '../../../local/keys.ts';

const payload = 'symbol=BTC-200730-9000-C&orderId=4611875134427365377&timestamp=1611825601400';

describe('a secret with usable keys', () => {
  test('for HMAC signs with its apiSecret', () => {
    const { secret } = freshHmacKey();

    const keys = readKeys(JSON.stringify(secret), 'v1');

    expect(keys).toMatchObject({ apiKey: secret.apiKey, version: 'v1' });
    expect(keys.sign(payload)).toBe(createHmac('sha256', secret.apiSecret).update(payload).digest('hex'));
  });

  test.each([
    ['RSA', 'sha256', freshRsaKey()],
    ['RSA with a passphrase', 'sha256', freshRsaKey('pass phrase')],
    ['Ed25519', null, freshEd25519Key()],
    ['Ed25519 with a passphrase', null, freshEd25519Key('pass phrase')],
  ] as const)('for %s signs with its privateKey', (_kind, digest, { secret, exchangeKey }) => {
    const keys = readKeys(JSON.stringify(secret), 'v2');

    const signature = Buffer.from(decodeURIComponent(keys.sign(payload)), 'base64');
    expect(keys).toMatchObject({ apiKey: secret.apiKey, version: 'v2' });
    expect(verify(digest, Buffer.from(payload), createPublicKey(exchangeKey.publicKey), signature)).toBe(
      true,
    );
  });

  test('may have an API key of 256 visible characters, from ! to ~', () => {
    const { secret } = freshHmacKey();
    const apiKey = `!~${'k'.repeat(254)}`;

    expect(readKeys(JSON.stringify({ ...secret, apiKey }), 'v1').apiKey).toBe(apiKey);
  });

  test('may hold more than keys', () => {
    const { secret } = freshHmacKey();

    expect(readKeys(JSON.stringify({ ...secret, note: 'desk 7' }), 'v1').apiKey).toBe(secret.apiKey);
  });
});

describe('a secret without usable keys', () => {
  const apiKey = 'S3CR3T-key';
  const apiSecret = 'S3CR3T-hmac';
  const pem = freshRsaKey('S3CR3T-passphrase').secret.privateKey;
  const ecKey = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
    type: 'pkcs8',
    format: 'pem',
  });
  const NEITHER_OR_BOTH = 'apiSecret (HMAC) or privateKey (PEM) must be given, and not both';
  const API_KEY = 'apiKey must be the API key: visible ASCII without spaces';
  const UNREADABLE =
    'privateKey cannot be read: it must be PEM text, with privateKeyPassphrase if it is encrypted';

  test.each([
    ['not JSON', apiSecret, 'it must be a JSON object'],
    ['JSON that is cut off', `{"apiKey":"${apiKey}","apiSecret":"S3CR3T`, 'it must be a JSON object'],
    ['empty', '', 'it must be a JSON object'],
    ['a JSON string', `"${apiSecret}"`, 'it must be a JSON object'],
    ['null', 'null', 'it must be a JSON object'],
    ['without apiKey', { apiSecret }, API_KEY],
    ['with an empty apiKey', { apiKey: '', apiSecret }, API_KEY],
    ['with an apiKey of two lines', { apiKey: `${apiKey}\n${apiKey}`, apiSecret }, API_KEY],
    ['with an apiKey that has a space behind it', { apiKey: `${apiKey} `, apiSecret }, API_KEY],
    ['with an apiKey that has a space before it', { apiKey: ` ${apiKey}`, apiSecret }, API_KEY],
    ['with an apiKey of 257 characters', { apiKey: 'k'.repeat(257), apiSecret }, API_KEY],
    ['a JSON array', '[]', API_KEY],
    ['with a numeric apiKey', { apiKey: 5, apiSecret }, API_KEY],
    ['with an empty apiSecret', { apiKey, apiSecret: '' }, 'apiSecret is empty'],
    [
      'with an apiSecret that has a line break behind it',
      { apiKey, apiSecret: `${apiSecret}\n` },
      'apiSecret has a line break: store it on one line',
    ],
    [
      'with an apiSecret of two lines',
      { apiKey, apiSecret: `${apiSecret}\r\n${apiSecret}` },
      'apiSecret has a line break: store it on one line',
    ],
    [
      'with an apiSecret that has a blank',
      { apiKey, apiSecret: ` ${apiSecret}` },
      'apiSecret has a blank: store it without blanks',
    ],
    [
      'with an apiSecret that has a tab',
      { apiKey, apiSecret: `${apiSecret}\t` },
      'apiSecret has a blank: store it without blanks',
    ],
    [
      'with an apiSecret that has a carriage return before it',
      { apiKey, apiSecret: `\r${apiSecret}` },
      'apiSecret has a line break: store it on one line',
    ],
    [
      'with a private key of another kind',
      { apiKey, privateKey: ecKey },
      'privateKey must be an RSA or Ed25519 key, not ec',
    ],
    [
      'with a privateKey whose line breaks are escaped twice',
      { apiKey, privateKey: pem.replaceAll('\n', '\\n') },
      'privateKey has a backslash and an n in place of its line breaks: write \\n in the JSON, not \\\\n',
    ],
    [
      'with a byte-order mark before the JSON',
      `\uFEFF${JSON.stringify({ apiKey, apiSecret })}`,
      'it begins with a byte-order mark: save it as UTF-8 without one',
    ],
    ['with a numeric apiSecret', { apiKey, apiSecret: 5 }, 'apiSecret must be text'],
    ['with a privateKey that is no text', { apiKey, privateKey: [pem] }, 'privateKey must be PEM text'],
    [
      'with a passphrase that is no text',
      { apiKey, privateKey: pem, privateKeyPassphrase: 5 },
      'privateKeyPassphrase must be text',
    ],
    ['with neither apiSecret nor privateKey', { apiKey }, NEITHER_OR_BOTH],
    ['with both of them', { apiKey, apiSecret, privateKey: pem }, NEITHER_OR_BOTH],
    ['with an encrypted key and no passphrase', { apiKey, privateKey: pem }, UNREADABLE],
    [
      'with an encrypted key and the wrong passphrase',
      { apiKey, privateKey: pem, privateKeyPassphrase: 'S3CR3T-other' },
      UNREADABLE,
    ],
    ['with a privateKey that is not PEM', { apiKey, privateKey: 'S3CR3T' }, UNREADABLE],
    ['with two faults', { apiSecret: '' }, `${API_KEY}; apiSecret is empty`],
  ])('(%s) is refused without a word of what it holds', (_what, secret, message) => {
    const text = typeof secret === 'string' ? secret : JSON.stringify(secret);
    const error = errorOf(() => readKeys(text, 'v1'));

    expect(error).toBeInstanceOf(SecretFormatError);
    expect(error).toMatchObject({ name: 'SecretFormatError', message });
    const shown = inspect(error, { depth: Number.POSITIVE_INFINITY, showHidden: true });
    expect(shown).not.toContain('S3CR3T');
    for (const line of pem.split('\n').slice(1, -2)) expect(shown).not.toContain(line);
  });
});

function errorOf(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
}
