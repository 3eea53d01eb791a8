import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { fieldsFromJson } from '../lib/cancel/fields.ts';
import { parseCancelRequest } from '../lib/cancel/request.ts';
import { loadQueueConfig } from '../lib/config.ts';
import { type Job, Service } from '../lib/service.ts';

const config = loadQueueConfig(process.env);
const service = new Service(config, 'queue');

/** Error thrown so that a message is named in `batchItemFailures` and SQS delivers it again. */
class BackToQueue extends Error {
  override readonly name = 'BackToQueue';
}

/** Handles a batch from the cancel queue, its messages side by side. Names in `batchItemFailures` each that goes back. */
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
  const { next, settlement } = await service.settle(jobOf(record, context));
  if (next === 'back') throw new BackToQueue(settlement.outcome.kind);
}

function jobOf({ messageId, receiptHandle, body, attributes }: SQSRecord, context: Context): Job {
  const fields = fieldsFromJson(body);
  const receives = Number(attributes.ApproximateReceiveCount);
  return {
    parsed: fields.ok ? parseCancelRequest(fields.value) : fields,
    requestId: messageId,
    remainingMs: () => context.getRemainingTimeInMillis(),
    confirm: true,
    body,
    message: {
      queueUrl: config.CANCEL_QUEUE_URL,
      receiptHandle,
      receives,
      isLastReceive: receives >= config.MAX_RECEIVE_COUNT,
      sentAt: Number(attributes.SentTimestamp),
    },
  };
}
