import * as v from 'valibot';
import { isJsonObject, type JsonObject } from '../json.ts';
import { accountField, errorsOf, type Parsed } from './request.ts';

const schema = v.strictObject({ drill: v.literal(true, 'must be true'), account: accountField });

/** A request to prove the way to the exchange without touching an order. */
export type DrillRequest = Readonly<v.InferOutput<typeof schema>>;

/**
 * Returns true for a drill: an object with `drill: true` and no field but `account` beside it. With
 * any other field it is no drill, so that a mixed-up cancel or kill is refused, never skipped.
 */
export const isDrill = (fields: unknown): fields is JsonObject =>
  isJsonObject(fields) &&
  fields.drill === true &&
  Object.keys(fields).every((name) => name === 'drill' || name === 'account');

/** Parses a drill from its fields. An unknown field is an error. */
export function parseDrill(fields: unknown): Parsed<DrillRequest> {
  const result = v.safeParse(schema, fields);
  if (!result.success) return { ok: false, errors: errorsOf(result.issues, 'a drill') };
  return { ok: true, value: result.output };
}
