import { parse } from 'lossless-json';

/**
 * A JSON object whose numbers are the digits they were written with, as strings: no 64-bit id is
 * ever rounded.
 */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Narrows to a JSON object: not null, not an array. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Parses JSON text. Every number becomes the string it was written as (`4611875134427365377` stays
 * `'4611875134427365377'`); everything else is as `JSON.parse` has it.
 *
 * @throws SyntaxError when the text is not JSON, or names a key twice with different values
 */
export function parseJson(text: string): unknown {
  try {
    return parse(text, undefined, (digits) => digits);
  } catch (error) {
    if (error instanceof SyntaxError) throw error;
    throw new SyntaxError('nested too deeply', { cause: error });
  }
}

/**
 * Parses text that should be a JSON object, as `parseJson` does. Returns undefined for any other
 * text.
 */
export function parseObject(text: string): JsonObject | undefined {
  const value = parsed(text);
  return isJsonObject(value) ? value : undefined;
}

/**
 * Parses text that should be a JSON array, as `parseJson` does. Returns undefined for any other
 * text.
 */
export function parseArray(text: string): readonly unknown[] | undefined {
  const value = parsed(text);
  return Array.isArray(value) ? value : undefined;
}

function parsed(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}
