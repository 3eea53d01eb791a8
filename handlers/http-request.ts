import type { APIGatewayProxyEventV2WithIAMAuthorizer } from 'aws-lambda';
import { fieldsFromBody, fieldsFromForm, joinFields } from '../lib/cancel/fields.ts';
import type { Parsed } from '../lib/cancel/request.ts';
import type { JsonObject } from '../lib/json.ts';

/**
 * A request of an HTTP API of API Gateway (payload 2.0), signed with IAM where the API asks for
 * that.
 */
export type HttpEvent = APIGatewayProxyEventV2WithIAMAuthorizer;

/** Reads the fields of a request from its query and its body (form or JSON). */
export function fieldsOf({ rawQueryString, body, isBase64Encoded, headers }: HttpEvent): Parsed<JsonObject> {
  const text = isBase64Encoded ? Buffer.from(body ?? '', 'base64').toString() : (body ?? '');
  return joinFields(fieldsFromForm(rawQueryString), fieldsFromBody(text, headers['content-type']));
}
