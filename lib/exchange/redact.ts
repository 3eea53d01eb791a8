/** Replaces every occurrence of a secret in the text. */
export function redact(text: string, secrets: readonly string[]): string {
  return secrets.reduce((clean, secret) => clean.replaceAll(secret, '[redacted]'), text);
}

/**
 * Returns the spellings in which an answer may echo a percent-encoded signature. The spelling
 * within JSON comes first: replaced after the plain one, it would leave the backslash of a leading
 * `\/` behind, and the body would not be JSON.
 */
export function spellingsOf(signature: string): readonly string[] {
  const decoded = decodeURIComponent(signature);
  const inLowerCase = signature.replace(/%[0-9A-F]{2}/g, (byte) => byte.toLowerCase());
  return [decoded.replaceAll('/', '\\/'), decoded, signature, inLowerCase];
}
