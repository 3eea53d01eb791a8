import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { fieldsFromJson } from '../lib/cancel/fields.ts';
import { type CancelRequest, type Parsed, parseCancelRequest, toMoment } from '../lib/cancel/request.ts';
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

function jobOf(record: SQSRecord, context: Context): Job {
  const { messageId, receiptHandle, body, attributes } = record;
  const receives = Number(attributes.ApproximateReceiveCount);
  const sentAt = Number(attributes.SentTimestamp);
  const given = record.messageAttributes.askedAt?.stringValue;
  const askedAt = given === undefined ? sentAt : toMoment(given);
  return {
    parsed: askedAt === undefined ? WRONG_ATTRIBUTE : parse(body),
    requestId: messageId,
    remainingMs: context.getRemainingTimeInMillis(),
    budgetMs: config.QUEUE_BUDGET_MS,
    askedAt,
    looksFirst: true,
    caller: attributes.SenderId,
    body,
    message: {
      queueUrl: config.CANCEL_QUEUE_URL,
      receiptHandle,
      receives,
      isLastReceive: receives >= config.MAX_RECEIVE_COUNT,
      sentAt,
    },
  };
}

function parse(body: string): Parsed<CancelRequest> {
  const fields = fieldsFromJson(body);
  return fields.ok ? parseCancelRequest(fields.value) : fields;
}

const WRONG_ATTRIBUTE: Parsed<CancelRequest> = {
  ok: false,
  errors: ['the message attribute askedAt must be ISO 8601 with a time zone or milliseconds since the epoch'],
};
