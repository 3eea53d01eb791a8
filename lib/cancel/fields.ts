import { isJsonObject, type JsonObject, parseJson } from '../json.ts';
import type { Parsed } from './request.ts';

/** What a Binance client sends along to sign its call: the service signs its own, and takes no notice. */
const CLIENT_SIGNING: ReadonlySet<string> = new Set(['timestamp', 'signature']);

/** Reads a query string or form, but for what signs it. A value that repeats is a fault: which one was meant cannot be known. */
export function fieldsFromForm(text: string): Parsed<JsonObject> {
  const params = [...new URLSearchParams(text)].filter(([name]) => !CLIENT_SIGNING.has(name));
  const names = params.map(([name]) => name);
  const repeated = [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];
  if (repeated.length > 0) {
    return { ok: false, faults: repeated.map((name) => `${name} is given more than once: send it once`) };
  }
  return { ok: true, value: Object.fromEntries(params) };
}

/** Reads a JSON object, every digit kept. A key that repeats with another value is a fault. */
export function fieldsFromJson(text: string): Parsed<JsonObject> {
  try {
    const value = parseJson(text);
    return isJsonObject(value) ? { ok: true, value } : notAnObject('it is JSON of another kind');
  } catch (error) {
    return notAnObject(error instanceof Error ? error.message : 'it cannot be read');
  }
}

/** Reads an HTTP body by its content type, without one by its look, but for what signs it. An empty body has no fields. */
export function fieldsFromBody(text: string, contentType = ''): Parsed<JsonObject> {
  if (text === '') return { ok: true, value: {} };
  if (/^application\/([\w.-]+\+)?json\b/i.test(contentType)) return unsigned(fieldsFromJson(text));
  if (/^application\/x-www-form-urlencoded\b/i.test(contentType)) return fieldsFromForm(text);
  if (contentType === '')
    return text.trimStart().startsWith('{') ? unsigned(fieldsFromJson(text)) : fieldsFromForm(text);
  return {
    ok: false,
    faults: ['content-type must be application/json or application/x-www-form-urlencoded for this body'],
  };
}

/** Joins a query's fields and a body's. A field that is in both with different values is a fault. */
export function joinFields(query: Parsed<JsonObject>, body: Parsed<JsonObject>): Parsed<JsonObject> {
  if (!query.ok || !body.ok)
    return { ok: false, faults: [query, body].flatMap((part) => (part.ok ? [] : part.faults)) };
  const differing = Object.keys(query.value).filter(
    (name) => Object.hasOwn(body.value, name) && String(body.value[name]) !== query.value[name],
  );
  if (differing.length === 0) return { ok: true, value: { ...body.value, ...query.value } };
  return {
    ok: false,
    faults: differing.map((name) => `${name} differs between query and body: send it once`),
  };
}

const notAnObject = (why: string): Parsed<JsonObject> => ({
  ok: false,
  faults: [`the body must be one JSON object: ${why}`],
});

function unsigned(fields: Parsed<JsonObject>): Parsed<JsonObject> {
  if (!fields.ok) return fields;
  const kept = Object.entries(fields.value).filter(([name]) => !CLIENT_SIGNING.has(name));
  return { ok: true, value: Object.fromEntries(kept) };
}
