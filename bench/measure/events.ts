import { randomUUID } from 'node:crypto';
import type { SQSEvent } from 'aws-lambda';
import * as v from 'valibot';
import { documentedOrder } from '../../local/exchange/orders.ts';
import { httpEvent } from '../../local/http-event.ts';
import { CANCEL_QUEUE, KILL_QUEUE, localQueueArn } from '../../tools/queue-address.ts';

export const cancelEvent = (orderId: string) =>
  httpEvent({ query: `symbol=${documentedOrder.symbol}&orderId=${orderId}` });

export const killEvent = (underlying: string) =>
  httpEvent({
    method: 'POST',
    path: '/kills',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ kill: { underlying } }),
    timeEpoch: Date.now(),
  });

export const batchEvent = (orderIds: readonly string[]): SQSEvent =>
  queueEvent(
    CANCEL_QUEUE,
    orderIds.map((orderId) => ({ symbol: documentedOrder.symbol, orderId })),
  );

export const killBatch = (underlying: string): SQSEvent => queueEvent(KILL_QUEUE, [{ kill: { underlying } }]);

function queueEvent(queue: string, requests: readonly object[]): SQSEvent {
  const now = String(Date.now());
  return {
    Records: requests.map((request) => ({
      messageId: randomUUID(),
      receiptHandle: randomUUID(),
      body: JSON.stringify(request),
      attributes: {
        ApproximateReceiveCount: '1',
        SentTimestamp: now,
        SenderId: 'bench',
        ApproximateFirstReceiveTimestamp: now,
      },
      messageAttributes: {},
      md5OfBody: '',
      eventSource: 'aws:sqs',
      eventSourceARN: localQueueArn(queue),
      awsRegion: 'ap-northeast-1',
    })),
  };
}

const success = v.union([
  v.object({ statusCode: v.literal(200) }),
  v.object({ batchItemFailures: v.pipe(v.array(v.unknown()), v.empty()) }),
]);

/** Returns true for a 200, and for a batch of which every message was settled. */
export const isSuccess = (answer: unknown): boolean => v.is(success, answer);

/** @throws Error unless the request succeeded, because the time of a failed one means nothing */
export function requireSuccess(answer: unknown): void {
  if (!isSuccess(answer)) throw new Error(`a measured request failed: ${JSON.stringify(answer)}`);
}
