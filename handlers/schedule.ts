import type { Context } from 'aws-lambda';
import { parseCancelRequest, toJson } from '../lib/cancel/request.ts';
import { loadConfig } from '../lib/config.ts';
import { isJsonObject } from '../lib/json.ts';
import type { OutcomeKind } from '../lib/outcome.ts';
import { Service } from '../lib/service.ts';

const service = new Service(loadConfig(process.env), 'schedule');

/** Outcomes that leave nothing to be done; every other one is kept in the dead-letter queue. */
const DONE: ReadonlySet<OutcomeKind> = new Set(['canceled', 'accepted', 'filled', 'closed']);

/** What the invocation returns: for whoever invokes by hand, and for logs of the scheduler's target. */
export interface ScheduleResult {
  readonly outcome: OutcomeKind;
  readonly orderId?: string;
  readonly status?: string;
  readonly deadLetterMessageId?: string;
}

/** Thrown when a dead letter could not be written, so that Lambda's own retries and failure destination take over. */
export class DeadLetterError extends Error {
  override readonly name = 'DeadLetterError';
}

/** EventBridge Scheduler with a cancel request as its input, or an EventBridge rule's event whose `detail` is one. */
export async function handler(event: unknown, context: Context): Promise<ScheduleResult> {
  const fields = isJsonObject(event) && 'detail-type' in event ? event.detail : event;
  const parsed = parseCancelRequest(fields);
  const remainingMs = () => context.getRemainingTimeInMillis();
  const job = { parsed, requestId: context.awsRequestId, remainingMs, confirm: true };
  try {
    const settlement = await service.cancel(job);
    const { outcome } = settlement;
    const isDone = DONE.has(outcome.kind);
    const body = parsed.ok ? toJson(parsed.value) : JSON.stringify(fields ?? event, markRounded);
    const deadLetterMessageId = isDone ? undefined : await service.deadLetter(job, settlement, body);
    service.report(job, settlement, deadLetterMessageId);
    if (!isDone && deadLetterMessageId === undefined) {
      throw new DeadLetterError(`${outcome.kind}, and its dead letter could not be written`);
    }
    return {
      outcome: outcome.kind,
      ...('order' in outcome && { orderId: outcome.order.orderId }),
      ...('order' in outcome && outcome.order.status !== undefined && { status: outcome.order.status }),
      ...(deadLetterMessageId !== undefined && { deadLetterMessageId }),
    };
  } finally {
    service.telemetry.flush();
  }
}

/** A number that the platform has rounded must not pass for an id when its dead letter is moved to the queue. */
function markRounded(_: string, value: unknown): unknown {
  const isRounded = Number.isInteger(value) && !Number.isSafeInteger(value);
  return isRounded ? `${value} (rounded: send it as a string)` : value;
}
