import type { Context } from 'aws-lambda';
import { fieldsFromJson } from '../lib/cancel/fields.ts';
import { type CancelRequest, type Parsed, parseCancelRequest, toMoment } from '../lib/cancel/request.ts';
import { loadConfig } from '../lib/config.ts';
import { isJsonObject, type JsonObject } from '../lib/json.ts';
import type { OutcomeKind } from '../lib/outcome.ts';
import { type Job, Service, type Settled } from '../lib/service.ts';

const service = new Service(loadConfig(process.env), 'schedule');

/** The result of an invocation. */
export interface ScheduleResult {
  readonly outcome: OutcomeKind;
  readonly orderId?: string;
  readonly status?: string;
  readonly deadLetterMessageId?: string;
}

/** Error thrown when a dead letter could not be written, so that Lambda retries and uses the failure destination. */
export class DeadLetterError extends Error {
  override readonly name = 'DeadLetterError';
}

/** Handles the input of an EventBridge Scheduler schedule, or an EventBridge event whose `detail` is a cancel request. */
export async function handler(event: unknown, context: Context): Promise<ScheduleResult> {
  try {
    return resultOf(await service.settle(jobOf(event, context)));
  } finally {
    service.telemetry.flush();
  }
}

function jobOf(event: unknown, context: Context): Job {
  const envelope = isJsonObject(event) && 'detail-type' in event ? event : undefined;
  const given = envelope === undefined ? event : envelope.detail;
  const parsed = parse(given);
  return {
    parsed,
    requestId: context.awsRequestId,
    remainingMs: context.getRemainingTimeInMillis(),
    askedAt: typeof envelope?.time === 'string' ? toMoment(envelope.time) : undefined,
    looksFirst: true,
    caller: resourceOf(envelope),
    ...(!parsed.ok && { body: JSON.stringify(given ?? event, markRounded) }),
  };
}

/** Parses a request that is an object, or its JSON text. */
function parse(given: unknown): Parsed<CancelRequest> {
  if (typeof given !== 'string') return parseCancelRequest(given);
  const fields = fieldsFromJson(given);
  return fields.ok ? parseCancelRequest(fields.value) : fields;
}

/** Returns the ARN of the schedule or rule that an envelope names. */
function resourceOf(envelope: JsonObject | undefined): string | undefined {
  const [resource]: readonly unknown[] = Array.isArray(envelope?.resources) ? envelope.resources : [];
  return typeof resource === 'string' ? resource : undefined;
}

function resultOf({ settlement: { outcome, orderId }, next, deadLetterMessageId }: Settled): ScheduleResult {
  if (next === 'back') throw new DeadLetterError(`${outcome.kind}, and its dead letter could not be written`);
  return {
    outcome: outcome.kind,
    ...(orderId !== undefined && { orderId }),
    ...('order' in outcome && outcome.order.status !== undefined && { status: outcome.order.status }),
    ...(deadLetterMessageId !== undefined && { deadLetterMessageId }),
  };
}

/** Marks a number that the platform has rounded, so that the dead letter never passes for a valid id. */
function markRounded(_: string, value: unknown): unknown {
  const isRounded = Number.isInteger(value) && !Number.isSafeInteger(value);
  return isRounded ? `${value} (rounded: send it as a string)` : value;
}
