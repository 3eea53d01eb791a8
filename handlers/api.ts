import type { APIGatewayProxyEventV2WithIAMAuthorizer, Context } from 'aws-lambda';
import { fieldsFromBody, fieldsFromForm, joinFields } from '../lib/cancel/fields.ts';
import { type CancelRequest, type Parsed, parseCancelRequest } from '../lib/cancel/request.ts';
import { loadConfig } from '../lib/config.ts';
import { Service } from '../lib/service.ts';
import { type HttpAnswer, methodNotAllowed, notFound, toHttpAnswer } from './http-answer.ts';

const service = new Service(loadConfig(process.env), 'api');

type HttpEvent = APIGatewayProxyEventV2WithIAMAuthorizer;

const PATH = '/eapi/v1/order';

/** Handles `DELETE /eapi/v1/order`, with the exchange's own parameters, from an HTTP API of API Gateway (payload 2.0). */
export async function handler(event: HttpEvent, context: Context): Promise<HttpAnswer> {
  const { requestId, http } = event.requestContext;
  if (event.rawPath !== PATH) return notFound(event.rawPath, requestId);
  if (http.method !== 'DELETE') return methodNotAllowed(http.method, 'DELETE', requestId);
  try {
    const { settlement, deadLetterMessageId } = await service.settle({
      parsed: parse(event),
      requestId,
      remainingMs: context.getRemainingTimeInMillis(),
      askedAt: event.requestContext.timeEpoch,
      looksFirst: false,
      caller: event.requestContext.authorizer?.iam?.userArn,
    });
    return toHttpAnswer(settlement, { requestId, deadLetterMessageId });
  } finally {
    service.telemetry.flush();
  }
}

function parse({ rawQueryString, body, isBase64Encoded, headers }: HttpEvent): Parsed<CancelRequest> {
  const text = isBase64Encoded ? Buffer.from(body ?? '', 'base64').toString() : (body ?? '');
  const fields = joinFields(fieldsFromForm(rawQueryString), fieldsFromBody(text, headers['content-type']));
  return fields.ok ? parseCancelRequest(fields.value) : fields;
}
