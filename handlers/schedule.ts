import type { Context } from 'aws-lambda';
import { isDrill, parseDrill } from '../lib/cancel/drill-request.ts';
import { fieldsFromJson } from '../lib/cancel/fields.ts';
import { isKill, parseKill } from '../lib/cancel/kill-request.ts';
import { parseCancelRequest, toMoment } from '../lib/cancel/request.ts';
import { loadConfig } from '../lib/config.ts';
import { isJsonObject, type JsonObject } from '../lib/json.ts';
import type { DrillResult, KillResult, OutcomeKind } from '../lib/outcome.ts';
import { type KillSettled, Service, type Settled } from '../lib/service.ts';

const service = new Service(loadConfig(process.env), 'schedule');

/** The result of a scheduled cancel. */
export interface ScheduleResult {
  readonly outcome: OutcomeKind;
  readonly orderId?: string;
  readonly status?: string;
  readonly deadLetterMessageId?: string;
}

/**
 * Error thrown when a dead letter could not be written, so that Lambda retries and uses the failure
 * destination.
 */
export class DeadLetterError extends Error {
  override readonly name = 'DeadLetterError';
}

/**
 * Handles the input of an EventBridge Scheduler schedule, or an EventBridge event whose `detail` is
 * one: a cancel, a kill or a drill, as an object or as its JSON text.
 *
 * @throws DeadLetterError
 */
export async function handler(
  event: unknown,
  context: Context,
): Promise<ScheduleResult | KillResult | DrillResult> {
  const envelope = isJsonObject(event) && 'detail-type' in event ? event : undefined;
  const given = envelope === undefined ? event : envelope.detail;
  const fields = typeof given === 'string' ? fieldsFromJson(given) : { ok: true as const, value: given };
  const job = {
    requestId: context.awsRequestId,
    lambdaRequestId: context.awsRequestId,
    remainingMs: context.getRemainingTimeInMillis(),
    askedAt: typeof envelope?.time === 'string' ? toMoment(envelope.time) : undefined,
    caller: resourceOf(envelope),
  };
  const body = JSON.stringify(given ?? event, markRounded);
  try {
    if (fields.ok && isDrill(fields.value))
      return await service.drill({ ...job, parsed: parseDrill(fields.value) });
    if (fields.ok && isKill(fields.value))
      return killResultOf(await service.kill({ ...job, parsed: parseKill(fields.value), body }));
    const parsed = fields.ok ? parseCancelRequest(fields.value) : fields;
    const invalid = parsed.ok ? {} : { body };
    return resultOf(await service.settle({ ...job, ...invalid, parsed, looksFirst: true }));
  } finally {
    await service.flush(context.getRemainingTimeInMillis());
  }
}

/** Returns the ARN of the schedule or rule that an envelope names. */
function resourceOf(envelope: JsonObject | undefined): string | undefined {
  const [resource]: readonly unknown[] = Array.isArray(envelope?.resources) ? envelope.resources : [];
  return typeof resource === 'string' ? resource : undefined;
}

function resultOf({ settlement: { outcome, orderId }, next, deadLetterMessageId }: Settled): ScheduleResult {
  if (next === 'back') throw notWritten(outcome.kind);
  return {
    outcome: outcome.kind,
    ...(orderId !== undefined && { orderId }),
    ...('order' in outcome && outcome.order.status !== undefined && { status: outcome.order.status }),
    ...(deadLetterMessageId !== undefined && { deadLetterMessageId }),
  };
}

function killResultOf({ result, next }: KillSettled): KillResult {
  if (next === 'back') throw notWritten(result.outcome);
  return result;
}

const notWritten = (outcome: string) =>
  new DeadLetterError(`${outcome}, and its dead letter could not be written`);

/**
 * Marks a number that the platform has rounded, so that the dead letter never passes for a valid
 * id.
 */
function markRounded(_: string, value: unknown): unknown {
  const isRounded = Number.isInteger(value) && !Number.isSafeInteger(value);
  return isRounded ? `${value} (rounded: send it as a string)` : value;
}
