/** The text with every occurrence of a secret replaced: an answer may echo the request. */
export function redact(text: string, secrets: readonly string[]): string {
  return secrets.reduce((clean, secret) => clean.replaceAll(secret, '[redacted]'), text);
}

/**
 * A percent-encoded signature as an echo may spell it. The spelling within JSON comes first: taken out after the plain one, it
 * would leave the backslash of a leading `\/` behind, and the body would be JSON no more.
 */
export function spellingsOf(signature: string): readonly string[] {
  const decoded = decodeURIComponent(signature);
  const inLowerCase = signature.replace(/%[0-9A-F]{2}/g, (byte) => byte.toLowerCase());
  return [decoded.replaceAll('/', '\\/'), decoded, signature, inLowerCase];
}
