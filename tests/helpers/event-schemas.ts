import { readFile } from 'node:fs/promises';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { isJsonObject, type JsonObject } from '../../lib/json.ts';
import type { BusEvent } from './event-bus.ts';

const FILES = { 'Cancel Settled': 'cancel-settled', 'Kill Settled': 'kill-settled' } as const;

/** The JSON Schemas of docs/events. */
export interface EventSchemas {
  /** Returns `valid` or the schema errors of an event's detail. */
  check(event: Pick<BusEvent, 'detail-type' | 'detail'>): string;
  /** Returns each field of a detail-type as a path, such as `orders.seen`, with its description. */
  fields(detailType: keyof typeof FILES): ReadonlyMap<string, unknown>;
}

/** Reads the schemas, of which Ajv's strict mode must approve. */
export async function readEventSchemas(): Promise<EventSchemas> {
  const ajv = new Ajv2020({ strict: true });
  const schemas = new Map<string, JsonObject>();
  for (const [detailType, file] of Object.entries(FILES)) {
    const url = new URL(`../../docs/events/${file}.schema.json`, import.meta.url);
    const schema: unknown = JSON.parse(await readFile(url, 'utf8'));
    if (!isJsonObject(schema)) throw new Error(`${url} is not a schema`);
    schemas.set(detailType, schema);
  }
  return {
    check: ({ 'detail-type': detailType, detail }) => {
      const schema = schemas.get(detailType);
      if (schema === undefined) return `no schema describes ${detailType}`;
      return ajv.validate(schema, detail) ? 'valid' : ajv.errorsText();
    },
    fields: (detailType) => new Map(fieldsOf(schemas.get(detailType))),
  };
}

/** Goes through properties, items of arrays and alternatives. */
function fieldsOf(schema: unknown, path = ''): [string, unknown][] {
  if (!isJsonObject(schema)) return [];
  const { properties, items, oneOf } = schema;
  const own = isJsonObject(properties) ? Object.entries(properties) : [];
  const alternatives: readonly unknown[] = Array.isArray(oneOf) ? oneOf : [];
  return [
    ...own.flatMap(([name, field]): [string, unknown][] => [
      [path + name, isJsonObject(field) ? field.description : undefined],
      ...fieldsOf(field, `${path}${name}.`),
    ]),
    ...fieldsOf(items, path),
    ...alternatives.flatMap((alternative) => fieldsOf(alternative, path)),
  ];
}

/** Returns the paths of all fields of a JSON value, as `EventSchemas.fields` names them. */
export function pathsIn(value: unknown, path = ''): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((item) => pathsIn(item, path));
  if (!isJsonObject(value)) return [];
  return Object.entries(value).flatMap(([name, field]) => [
    path + name,
    ...pathsIn(field, `${path}${name}.`),
  ]);
}
