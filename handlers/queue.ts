import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { fieldsFromJson } from '../lib/cancel/fields.ts';
import { parseCancelRequest } from '../lib/cancel/request.ts';
import { loadQueueConfig } from '../lib/config.ts';
import type { OutcomeKind } from '../lib/outcome.ts';
import { type Job, Service } from '../lib/service.ts';

const config = loadQueueConfig(process.env);
const service = new Service(config, 'queue');

/** What becomes of a message, by its cancel's outcome. */
const NEXT: Readonly<Record<OutcomeKind, 'done' | 'back-to-queue' | 'dead-letter'>> = {
  canceled: 'done',
  filled: 'done',
  closed: 'done',
  'invalid-request': 'dead-letter',
  expired: 'dead-letter',
  accepted: 'back-to-queue',
  'not-found': 'back-to-queue',
  throttled: 'back-to-queue',
  credentials: 'back-to-queue',
  forbidden: 'back-to-queue',
  unavailable: 'back-to-queue',
  unknown: 'back-to-queue',
};

/** Thrown to have a message named in `batchItemFailures`, so that SQS delivers it again. */
class BackToQueue extends Error {
  override readonly name = 'BackToQueue';
}

/** A batch from the cancel queue, its messages side by side. Names in `batchItemFailures` whatever is not dealt with. */
export async function handler(event: SQSEvent, context: Context): Promise<SQSBatchResponse> {
  try {
    const processor = new BatchProcessor(EventType.SQS);
    const options = { context, throwOnFullBatchFailure: false };
    return await processPartialResponse(
      event,
      (record: SQSRecord) => settle(record, context),
      processor,
      options,
    );
  } finally {
    service.telemetry.flush();
  }
}

async function settle(record: SQSRecord, context: Context): Promise<void> {
  const receives = Number(record.attributes.ApproximateReceiveCount);
  const job = jobOf(record, receives, context);
  const settlement = await service.cancel(job);
  const next = NEXT[settlement.outcome.kind];
  const isLast = receives >= config.MAX_RECEIVE_COUNT;
  if (next === 'dead-letter' || (next === 'back-to-queue' && isLast)) {
    const deadLetterMessageId = await service.deadLetter(job, settlement, record.body);
    service.report(job, settlement, deadLetterMessageId);
    if (deadLetterMessageId === undefined) throw new BackToQueue('its dead letter could not be written');
    return;
  }
  service.report(job, settlement);
  if (next === 'done') return;
  await service.hide(job, config.CANCEL_QUEUE_URL, record.receiptHandle, receives);
  throw new BackToQueue(settlement.outcome.kind);
}

function jobOf({ messageId, body, attributes }: SQSRecord, receives: number, context: Context): Job {
  const fields = fieldsFromJson(body);
  return {
    parsed: fields.ok ? parseCancelRequest(fields.value) : fields,
    requestId: messageId,
    remainingMs: () => context.getRemainingTimeInMillis(),
    confirm: true,
    sentAt: Number(attributes.SentTimestamp),
    isRepeat: receives > 1,
  };
}
