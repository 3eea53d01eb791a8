import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { fieldsFromBody, fieldsFromForm, joinFields } from '../lib/cancel/fields.ts';
import { type CancelRequest, type Parsed, parseCancelRequest } from '../lib/cancel/request.ts';
import { loadConfig } from '../lib/config.ts';
import { Service } from '../lib/service.ts';
import { type HttpAnswer, toHttpAnswer } from './http-answer.ts';

const service = new Service(loadConfig(process.env), 'api');

/** Handles `DELETE /eapi/v1/order`, with the exchange's own parameters, from an HTTP API of API Gateway (payload 2.0). */
export async function handler(event: APIGatewayProxyEventV2, context: Context): Promise<HttpAnswer> {
  const { requestId } = event.requestContext;
  try {
    const { settlement, deadLetterMessageId } = await service.settle({
      parsed: parse(event),
      requestId,
      remainingMs: () => context.getRemainingTimeInMillis(),
      confirm: false,
    });
    return toHttpAnswer(settlement, { requestId, deadLetterMessageId });
  } finally {
    service.telemetry.flush();
  }
}

function parse({
  rawQueryString,
  body,
  isBase64Encoded,
  headers,
}: APIGatewayProxyEventV2): Parsed<CancelRequest> {
  const text = isBase64Encoded ? Buffer.from(body ?? '', 'base64').toString() : (body ?? '');
  const fields = joinFields(fieldsFromForm(rawQueryString), fieldsFromBody(text, headers['content-type']));
  return fields.ok ? parseCancelRequest(fields.value) : fields;
}
