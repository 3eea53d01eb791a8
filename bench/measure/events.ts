import { randomUUID } from 'node:crypto';
import type { SQSEvent } from 'aws-lambda';
import * as v from 'valibot';
import { documentedOrder } from '../../local/exchange/orders.ts';
import { httpEvent } from '../../local/http-event.ts';
import { toRecord } from '../../local/queue/records.ts';
import { CANCEL_QUEUE, KILL_QUEUE, localQueueArn } from '../../tools/queue-address.ts';

const { symbol } = documentedOrder;
const KILL = { kill: { underlying: 'BTCUSDT' } };

export const cancelEvent = (orderId: string) => httpEvent({ query: `symbol=${symbol}&orderId=${orderId}` });

const requestOf = (orderId: string) => ({ symbol, orderId });
export const cancelBatch = (orderIds: readonly string[]) => queueEvent(CANCEL_QUEUE, orderIds.map(requestOf));

/** Returns the event of `POST /kills` for the underlying of every order. */
export const killEvent = () =>
  httpEvent({
    method: 'POST',
    path: '/kills',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(KILL),
    timeEpoch: Date.now(),
  });

/** Returns a batch of the same kill. */
export const killBatch = () => queueEvent(KILL_QUEUE, [KILL]);

function queueEvent(queue: string, requests: readonly object[]): SQSEvent {
  const now = String(Date.now());
  const Attributes = {
    ApproximateReceiveCount: '1',
    SentTimestamp: now,
    SenderId: 'bench',
    ApproximateFirstReceiveTimestamp: now,
  };
  const Records = requests.map((request) => {
    const Body = JSON.stringify(request);
    const message = { MessageId: randomUUID(), ReceiptHandle: randomUUID(), Body, MD5OfBody: '', Attributes };
    return toRecord(message, localQueueArn(queue));
  });
  return { Records };
}

const success = v.union([
  v.object({ statusCode: v.literal(200) }),
  v.object({ batchItemFailures: v.pipe(v.array(v.unknown()), v.empty()) }),
]);

/** Returns true for a 200, and for a batch of which every message was settled. */
export const isSuccess = (answer: unknown): boolean => v.is(success, answer);
