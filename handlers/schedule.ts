import type { Context } from 'aws-lambda';
import { parseCancelRequest } from '../lib/cancel/request.ts';
import { loadConfig } from '../lib/config.ts';
import { isJsonObject } from '../lib/json.ts';
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
  const fields = isJsonObject(event) && 'detail-type' in event ? event.detail : event;
  const parsed = parseCancelRequest(fields);
  return {
    parsed,
    requestId: context.awsRequestId,
    remainingMs: () => context.getRemainingTimeInMillis(),
    confirm: true,
    ...(!parsed.ok && { body: JSON.stringify(fields ?? event, markRounded) }),
  };
}

function resultOf({ settlement: { outcome }, next, deadLetterMessageId }: Settled): ScheduleResult {
  if (next === 'back') throw new DeadLetterError(`${outcome.kind}, and its dead letter could not be written`);
  return {
    outcome: outcome.kind,
    ...('order' in outcome && { orderId: outcome.order.orderId }),
    ...('order' in outcome && outcome.order.status !== undefined && { status: outcome.order.status }),
    ...(deadLetterMessageId !== undefined && { deadLetterMessageId }),
  };
}

/** Marks a number that the platform has rounded, so that the dead letter never passes for a valid id. */
function markRounded(_: string, value: unknown): unknown {
  const isRounded = Number.isInteger(value) && !Number.isSafeInteger(value);
  return isRounded ? `${value} (rounded: send it as a string)` : value;
}
