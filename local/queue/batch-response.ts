import type { SQSRecord } from 'aws-lambda';
import * as v from 'valibot';

const batchItemFailures = v.array(v.object({ itemIdentifier: v.string() }));
const batchResponse = v.nullish(v.object({ batchItemFailures: v.nullish(batchItemFailures) }));

/**
 * Returns the records that the handler's answer leaves unsettled, as Lambda does with
 * `ReportBatchItemFailures`: those that it names. An answer that names none, or no answer, settles
 * all records. An answer of any other shape, an empty name, or a name that is not in the batch
 * settles none.
 *
 * See https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
 */
export function unsettledRecords(answer: unknown, records: readonly SQSRecord[]): readonly SQSRecord[] {
  const parsed = v.safeParse(batchResponse, answer);
  if (!parsed.success) return records;
  const named = new Set(parsed.output?.batchItemFailures?.map((failure) => failure.itemIdentifier));
  const inBatch = new Set(records.map((record) => record.messageId));
  return [...named].every((id) => inBatch.has(id))
    ? records.filter((record) => named.has(record.messageId))
    : records;
}
