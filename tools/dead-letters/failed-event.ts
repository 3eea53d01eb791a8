import * as v from 'valibot';
import { isDrill } from '../../lib/cancel/drill-request.ts';
import { fieldsFromJson } from '../../lib/cancel/fields.ts';
import { isKill, parseKill } from '../../lib/cancel/kill-request.ts';
import { type Parsed, parseCancelRequest, toMoment } from '../../lib/cancel/request.ts';
import { isJsonObject, type JsonObject } from '../../lib/json.ts';
import { type Letter, NO_REDRIVE_OF_A_DRILL, type Redrive } from './letter.ts';
import type { HeldMessage } from './reader.ts';

/** See https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html */
const invocationRecord = v.pipe(
  v.object({
    requestContext: v.object({
      requestId: v.optional(v.string()),
      condition: v.optional(v.string(), 'failed'),
    }),
    requestPayload: v.unknown(),
    responsePayload: v.fallback(
      v.object({ errorType: v.optional(v.string()), errorMessage: v.optional(v.string()) }),
      {},
    ),
  }),
  v.transform(({ requestContext: { requestId, condition }, requestPayload, responsePayload }) => {
    const { errorType, errorMessage } = responsePayload;
    const detail = [errorType, errorMessage].filter((part) => part !== undefined).join(': ');
    return { event: requestPayload, outcome: condition, detail, requestId };
  }),
);

/**
 * Reads a message of the queue of failed events: Lambda's record of an invocation; or the event that
 * Scheduler or a rule could not deliver, with the reason in attributes. Scheduler's body is the call
 * of Lambda's API with the event as its `Payload`.
 *
 * A redrive sends the request alone. Its attribute `askedAt` is the event's time, or else that of
 * the schedule; never that of the failure, since orders may have been placed in between. A request
 * that does not say its moment in any way is not redriven, unless it is the cancel of one `orderId`.
 *
 * See https://docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html
 */
export function failedEventOf(message: HeldMessage): Letter {
  const { attributes, sentAt } = message;
  const { SCHEDULED_TIME } = attributes;
  const body = parsed(message.body.replaceAll(KEYWORD, SCHEDULED_TIME ?? KEYWORD));
  const record = v.safeParse(invocationRecord, body);
  const { event, ...failure } = record.success ? record.output : undelivered(body, attributes);
  const envelope = isJsonObject(event) && 'detail-type' in event ? event : undefined;
  const given = envelope === undefined ? event : envelope.detail;
  const text = typeof given === 'string' ? given : (JSON.stringify(given) ?? '');
  const fields = fieldsFromJson(text);
  return {
    message,
    ...failure,
    failedAt: Date.parse(sentAt),
    fields: fields.ok ? fields.value : undefined,
    redrive: redriveOf(fields, text, [envelope?.time, SCHEDULED_TIME]),
  };
}

/** Scheduler should have replaced it; no page says that it has in a dead letter. */
const KEYWORD = '<aws.scheduler.scheduled-time>';

function undelivered(body: unknown, attributes: HeldMessage['attributes']) {
  const { ERROR_CODE = 'none', ERROR_MESSAGE = '', EXECUTION_ID } = attributes;
  const payload = isJsonObject(body) && 'Payload' in body ? body.Payload : body;
  const event = typeof payload === 'string' ? parsed(payload) : payload;
  return { event, outcome: ERROR_CODE, detail: ERROR_MESSAGE, requestId: EXECUTION_ID };
}

function redriveOf(fields: Parsed<JsonObject>, body: string, moments: readonly unknown[]): Redrive {
  if (!fields.ok) return refused(`the request cannot be read: ${fields.errors.join('; ')}`);
  if (isDrill(fields.value)) return NO_REDRIVE_OF_A_DRILL;
  const request = isKill(fields.value) ? parseKill(fields.value) : parseCancelRequest(fields.value);
  if (!request.ok) return refused(request.errors.join('; '));
  const askedAt = moments.find((moment) => typeof moment === 'string' && toMoment(moment) !== undefined);
  if (typeof askedAt === 'string') return { ok: true, body, attributes: { askedAt } };
  const isOneOrder = 'order' in request.value && request.value.order.orderId !== undefined;
  if (request.value.askedAt === undefined && !isOneOrder) return refused(NO_MOMENT);
  return { ok: true, body, attributes: {} };
}

const refused = (error: string): Redrive => ({ ok: false, error });

const NO_MOMENT = 'it does not say when it was wanted: send it with npm run send and its askedAt';

/**
 * Parses JSON as the platform does, and marks a number that loses digits, so that it never passes
 * for a valid id.
 */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text, (_, value) =>
      Number.isInteger(value) && !Number.isSafeInteger(value)
        ? `${value} (rounded: send it as a string)`
        : value,
    );
  } catch {
    return undefined;
  }
}
