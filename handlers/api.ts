import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { fieldsFromBody, fieldsFromForm, joinFields } from '../lib/cancel/fields.ts';
import { type CancelRequest, type Parsed, parseCancelRequest, toJson } from '../lib/cancel/request.ts';
import { loadConfig } from '../lib/config.ts';
import type { OutcomeKind } from '../lib/outcome.ts';
import { Service } from '../lib/service.ts';
import { type HttpAnswer, toHttpAnswer } from './http-answer.ts';

const service = new Service(loadConfig(process.env), 'api');

/** Outcomes after which nobody can know that the order is dealt with: they are kept in the dead-letter queue. */
const DEAD_LETTERED: ReadonlySet<OutcomeKind> = new Set([
  'throttled',
  'credentials',
  'forbidden',
  'unavailable',
  'unknown',
]);

/** API Gateway, HTTP API, payload 2.0: `DELETE /eapi/v1/order` with the exchange's own parameters. */
export async function handler(event: APIGatewayProxyEventV2, context: Context): Promise<HttpAnswer> {
  const { requestId } = event.requestContext;
  const parsed = parse(event);
  const job = {
    parsed,
    requestId,
    remainingMs: () => context.getRemainingTimeInMillis(),
    confirm: false,
  };
  try {
    const settlement = await service.cancel(job);
    const deadLetterMessageId =
      parsed.ok && DEAD_LETTERED.has(settlement.outcome.kind)
        ? await service.deadLetter(job, settlement, toJson(parsed.value))
        : undefined;
    service.report(job, settlement, deadLetterMessageId);
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
