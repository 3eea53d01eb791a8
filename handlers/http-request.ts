import type { APIGatewayProxyEventV2WithIAMAuthorizer } from 'aws-lambda';
import { fieldsFromBody, fieldsFromForm, joinFields } from '../lib/cancel/fields.ts';
import type { Parsed } from '../lib/cancel/request.ts';
import type { JsonObject } from '../lib/json.ts';

/**
 * A request of an HTTP API of API Gateway (payload 2.0), signed with IAM where the API asks for
 * that.
 */
export type HttpEvent = APIGatewayProxyEventV2WithIAMAuthorizer;

/** A path of the API: that of a route, and the account in front of it. */
export interface ApiPath {
  readonly route: string;
  /** Not checked yet. */
  readonly account: string | undefined;
}

/** Splits `/accounts/{account}` from the front of a path. */
export function pathOf(rawPath: string): ApiPath {
  const [, account, route] = /^\/accounts\/([^/]*)(\/.*)$/.exec(rawPath) ?? [];
  return { route: route ?? rawPath, account };
}

/**
 * Reads the fields of a request from its query and its body (form or JSON), and the account from
 * its path alone: IAM allows callers paths, so a field would get round it.
 */
export function fieldsOf(event: HttpEvent, account: string | undefined): Parsed<JsonObject> {
  const { rawQueryString, body, isBase64Encoded, headers } = event;
  const text = isBase64Encoded ? Buffer.from(body ?? '', 'base64').toString() : (body ?? '');
  const fields = joinFields(fieldsFromForm(rawQueryString), fieldsFromBody(text, headers['content-type']));
  if (!fields.ok) return fields;
  if (Object.hasOwn(fields.value, 'account')) return ACCOUNT_FIELD;
  return account === undefined ? fields : { ok: true, value: { ...fields.value, account } };
}

const ACCOUNT_FIELD: Parsed<never> = {
  ok: false,
  errors: ['account is not a field here: put it in front of the path, /accounts/{account}/eapi/v1/order'],
};

/** Returns true if the caller asks not to wait (`Prefer: respond-async`, RFC 7240). */
export const prefersAsync = ({ headers }: HttpEvent): boolean =>
  (headers.prefer ?? '').split(',').some((preference) => /^\s*respond-async\s*(;|$)/i.test(preference));
