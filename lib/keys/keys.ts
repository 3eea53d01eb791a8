import * as v from 'valibot';
import { hmacSigner, privateKeySigner, type Sign } from './signing.ts';

/**
 * The keys that sign a call. `version`, the secret's version, tells one set of keys from the next.
 */
export interface Keys {
  readonly apiKey: string;
  readonly sign: Sign;
  readonly version: string;
}

/**
 * Error thrown when the secret's text holds no usable keys. The message names the field, never its
 * content.
 */
export class SecretFormatError extends Error {
  override readonly name = 'SecretFormatError';
}

/** Error thrown when the secret is absent or may not be read. The message holds no part of it. */
export class SecretRefusedError extends Error {
  override readonly name = 'SecretRefusedError';
}

const API_KEY = 'apiKey must be the API key: visible ASCII without spaces';
const ONE_SECRET = 'apiSecret (HMAC) or privateKey (PEM) must be given, and not both';

const ESCAPED_TWICE =
  'privateKey has a backslash and an n in place of its line breaks: write \\n in the JSON, not \\\\n';

const schema = v.object(
  {
    apiKey: v.pipe(v.string(API_KEY), v.regex(/^[\x21-\x7e]{1,256}$/, API_KEY)),
    apiSecret: v.optional(
      v.pipe(
        v.string('apiSecret must be text'),
        v.nonEmpty('apiSecret is empty'),
        v.check((text) => !/[\r\n]/.test(text), 'apiSecret has a line break: store it on one line'),
        v.check((text) => !/[^\S\r\n]/.test(text), 'apiSecret has a blank: store it without blanks'),
      ),
    ),
    privateKey: v.optional(
      v.pipe(
        v.string('privateKey must be PEM text'),
        v.check((text) => !text.includes('\\n'), ESCAPED_TWICE),
      ),
    ),
    privateKeyPassphrase: v.optional(v.string('privateKeyPassphrase must be text')),
  },
  (issue) => (issue.expected === 'Object' ? 'it must be a JSON object' : API_KEY),
);

/**
 * Reads keys from a `SecretString`: `{"apiKey","apiSecret"}` for HMAC, or
 * `{"apiKey","privateKey"[,"privateKeyPassphrase"]}` for RSA and Ed25519.
 *
 * @throws SecretFormatError
 */
export function readKeys(secretString: string, version: string): Keys {
  const result = v.safeParse(schema, parse(secretString));
  if (!result.success) throw new SecretFormatError(result.issues.map(({ message }) => message).join('; '));
  return { apiKey: result.output.apiKey, sign: signerOf(result.output), version };
}

function parse(secretString: string): unknown {
  if (secretString.startsWith('\uFEFF'))
    throw new SecretFormatError('it begins with a byte-order mark: save it as UTF-8 without one');
  try {
    return JSON.parse(secretString);
  } catch {
    // the message of JSON.parse quotes the text; the schema refuses undefined
  }
  return undefined;
}

function signerOf({ apiSecret, privateKey, privateKeyPassphrase }: v.InferOutput<typeof schema>): Sign {
  if ((apiSecret === undefined) === (privateKey === undefined)) throw new SecretFormatError(ONE_SECRET);
  if (apiSecret !== undefined) return hmacSigner(apiSecret);
  try {
    // Stryker disable next-line StringLiteral: only the compiler does not know that privateKey is there
    return privateKeySigner(privateKey ?? '', privateKeyPassphrase);
  } catch (error) {
    // Stryker disable next-line StringLiteral: the signer throws nothing but errors
    throw new SecretFormatError(error instanceof Error ? error.message : 'privateKey cannot be used');
  }
}
