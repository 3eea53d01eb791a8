import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { isDrill, parseDrill } from '../lib/cancel/drill-request.ts';
import { fieldsFromJson } from '../lib/cancel/fields.ts';
import { isKill, parseKill } from '../lib/cancel/kill-request.ts';
import { type Parsed, parseCancelRequest, toMoment } from '../lib/cancel/request.ts';
import { loadQueueConfig } from '../lib/config.ts';
import { Service } from '../lib/service.ts';

const config = loadQueueConfig(process.env);
const service = new Service(config, 'queue');

/** Error thrown so that a message is named in `batchItemFailures` and SQS delivers it again. */
class BackToQueue extends Error {
  override readonly name = 'BackToQueue';
}

/**
 * Handles a batch from the cancel queue or the kill queue, its messages side by side. Names in
 * `batchItemFailures` each that goes back. A drill never does.
 */
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
    await service.flush(context.getRemainingTimeInMillis());
  }
}

async function settle(record: SQSRecord, context: Context): Promise<void> {
  const job = jobOf(record, context);
  const fields = fieldsFromJson(record.body);
  if (fields.ok && isDrill(fields.value)) {
    await service.drill({ ...job, parsed: parseDrill(fields.value) });
    return;
  }
  const checked = job.askedAt === undefined ? WRONG_ATTRIBUTE : fields;
  const { next } =
    fields.ok && isKill(fields.value)
      ? await service.kill({ ...job, parsed: checked.ok ? parseKill(checked.value) : checked })
      : await service.settle({
          ...job,
          parsed: checked.ok ? parseCancelRequest(checked.value) : checked,
          budgetMs: config.QUEUE_BUDGET_MS,
          looksFirst: true,
        });
  if (next === 'back') throw new BackToQueue('this message is delivered again');
}

function jobOf(record: SQSRecord, context: Context) {
  const { messageId, receiptHandle, body, attributes, messageAttributes } = record;
  const receives = Number(attributes.ApproximateReceiveCount);
  const sentAt = Number(attributes.SentTimestamp);
  const given = messageAttributes.askedAt?.stringValue;
  const askedAt = given === undefined ? sentAt : toMoment(given);
  const { queueUrl, maxReceives } = queueOf(record);
  return {
    requestId: messageId,
    lambdaRequestId: context.awsRequestId,
    remainingMs: context.getRemainingTimeInMillis(),
    askedAt,
    caller: attributes.SenderId,
    onBehalfOf: messageAttributes.onBehalfOf?.stringValue,
    body,
    message: { queueUrl, receiptHandle, receives, isLastReceive: receives >= maxReceives, sentAt },
  };
}

/**
 * Returns the queue that a message came from: it goes back there, and counts that queue's receives.
 */
function queueOf({ eventSourceARN }: SQSRecord): { queueUrl: string; maxReceives: number } {
  const name = eventSourceARN.split(':').at(-1);
  const isKillQueue = name === config.KILL_QUEUE_URL.split('/').at(-1);
  return isKillQueue
    ? { queueUrl: config.KILL_QUEUE_URL, maxReceives: config.KILL_MAX_RECEIVE_COUNT }
    : { queueUrl: config.CANCEL_QUEUE_URL, maxReceives: config.MAX_RECEIVE_COUNT };
}

const WRONG_ATTRIBUTE: Parsed<never> = {
  ok: false,
  errors: ['the message attribute askedAt must be ISO 8601 with a time zone or milliseconds since the epoch'],
};
