import type { SQSEvent } from 'aws-lambda';
import * as v from 'valibot';
import { documentedOrder } from '../../local/exchange/orders.ts';
import { httpEvent } from '../../local/http-event.ts';

export const cancelEvent = (orderId: string) =>
  httpEvent({ query: `symbol=${documentedOrder.symbol}&orderId=${orderId}` });

export function batchEvent(orderIds: readonly string[]): SQSEvent {
  const now = String(Date.now());
  return {
    Records: orderIds.map((orderId) => ({
      messageId: `message-${orderId}`,
      receiptHandle: `receipt-${orderId}`,
      body: JSON.stringify({ symbol: documentedOrder.symbol, orderId }),
      attributes: {
        ApproximateReceiveCount: '1',
        SentTimestamp: now,
        SenderId: 'bench',
        ApproximateFirstReceiveTimestamp: now,
      },
      messageAttributes: {},
      md5OfBody: '',
      eventSource: 'aws:sqs',
      eventSourceARN: 'arn:aws:sqs:ap-northeast-1:000000000000:cancel',
      awsRegion: 'ap-northeast-1',
    })),
  };
}

const success = v.object({ statusCode: v.literal(200) });
const settled = v.object({ batchItemFailures: v.pipe(v.array(v.unknown()), v.empty()) });

/** @throws Error unless the cancel succeeded, because the time of a failed cancel means nothing */
export function requireSuccess(answer: unknown): void {
  if (!v.is(success, answer)) throw new Error(`a measured cancel failed: ${JSON.stringify(answer)}`);
}

/** @throws Error unless every message of the batch was settled */
export function requireSettled(answer: unknown): void {
  if (!v.is(settled, answer)) throw new Error(`a measured batch failed: ${JSON.stringify(answer)}`);
}
