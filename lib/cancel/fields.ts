import { isJsonObject, type JsonObject, parseJson } from '../json.ts';
import type { Parsed } from './request.ts';

/**
 * Parameters with which a Binance client signs its call. The service ignores them and signs its own
 * call.
 */
const CLIENT_SIGNING: ReadonlySet<string> = new Set(['timestamp', 'signature']);

/** The longest body that is parsed, in characters. A request takes about 300. */
const MAX_LENGTH = 64 * 1024;

/**
 * Parses a query string or form, without the parameters that sign it. A value that repeats is an
 * error: which one was meant cannot be known.
 */
export function fieldsFromForm(text: string): Parsed<JsonObject> {
  if (text.length > MAX_LENGTH) return TOO_LONG;
  const fields = new Map<string, string>();
  const repeated = new Set<string>();
  for (const [name, value] of new URLSearchParams(text)) {
    if (CLIENT_SIGNING.has(name)) continue;
    if (fields.has(name)) repeated.add(name.slice(0, 64));
    fields.set(name, value);
  }
  if (repeated.size === 0) return { ok: true, value: Object.fromEntries(fields) };
  const errors = [...repeated].slice(0, 10).map((name) => `${name} is given more than once: send it once`);
  return { ok: false, errors };
}

/**
 * Parses a JSON object and keeps every digit. A key that repeats with another value is an error.
 */
export function fieldsFromJson(text: string): Parsed<JsonObject> {
  if (text.length > MAX_LENGTH) return TOO_LONG;
  try {
    const value = parseJson(text);
    return isJsonObject(value) ? { ok: true, value } : notAnObject('it is JSON of another kind');
  } catch (error) {
    // Stryker disable next-line StringLiteral: parseJson throws nothing but a SyntaxError
    return notAnObject(error instanceof Error ? error.message.slice(0, 200) : 'it cannot be read');
  }
}

/**
 * Parses an HTTP body by its content type, or by its first character without one. Leaves out the
 * parameters that sign it.
 */
export function fieldsFromBody(text: string, contentType = ''): Parsed<JsonObject> {
  if (text === '') return { ok: true, value: {} };
  if (/^application\/([\w.-]+\+)?json\b/i.test(contentType)) return unsigned(fieldsFromJson(text));
  if (/^application\/x-www-form-urlencoded\b/i.test(contentType)) return fieldsFromForm(text);
  if (contentType === '')
    return text.trimStart().startsWith('{') ? unsigned(fieldsFromJson(text)) : fieldsFromForm(text);
  return {
    ok: false,
    errors: ['content-type must be application/json or application/x-www-form-urlencoded for this body'],
  };
}

/** Joins the fields of query and body. A field with different values in both is an error. */
export function joinFields(query: Parsed<JsonObject>, body: Parsed<JsonObject>): Parsed<JsonObject> {
  if (!query.ok || !body.ok)
    return {
      ok: false,
      errors: [query, body].flatMap((part) => (part.ok ? [] : part.errors)).slice(0, 10),
    };
  const differing = Object.keys(query.value).filter(
    (name) => Object.hasOwn(body.value, name) && String(body.value[name]) !== query.value[name],
  );
  if (differing.length === 0) return { ok: true, value: { ...body.value, ...query.value } };
  return {
    ok: false,
    errors: differing
      .slice(0, 10)
      .map((name) => `${name.slice(0, 64)} differs between query and body: send it once`),
  };
}

const TOO_LONG: Parsed<never> = {
  ok: false,
  errors: [`the request is longer than ${MAX_LENGTH} characters: send one cancel`],
};

const notAnObject = (why: string): Parsed<JsonObject> => ({
  ok: false,
  errors: [`the body must be one JSON object: ${why}`],
});

function unsigned(fields: Parsed<JsonObject>): Parsed<JsonObject> {
  if (!fields.ok) return fields;
  const kept = Object.entries(fields.value).filter(([name]) => !CLIENT_SIGNING.has(name));
  return { ok: true, value: Object.fromEntries(kept) };
}
