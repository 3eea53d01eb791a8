import { setTimeout as sleep } from 'node:timers/promises';
import { SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { queueClient } from '../queue/client.ts';
import type { Recorder } from './history.ts';
import type { Nemesis } from './nemesis.ts';
import type { Request } from './requests.ts';

type QueueUrls = Readonly<Record<Request['queue'], string>>;

const BATCH = 10;
/**
 * The maximum number of messages not yet delivered. With more, events would come before the
 * messages they should meet.
 */
const MAX_WAITING = 200;
/**
 * The maximum number of messages not yet removed. A ban returns all of them, and with more a third
 * would become dead letters.
 */
const MAX_UNDONE = 1000;
const POLL_MS = 10;

/**
 * Sends all messages in order, no faster than they are delivered, and begins each event at its
 * place.
 */
export async function sendAll(
  requests: readonly Request[],
  queues: QueueUrls,
  nemesis: Nemesis,
  recorder: Recorder,
): Promise<void> {
  const client = queueClient(queues.cancel);
  try {
    for (let start = 0; start < requests.length; start += BATCH) {
      await nemesis.beginDue(start);
      while (isFull(recorder)) await sleep(POLL_MS);
      const batch = Map.groupBy(requests.slice(start, start + BATCH), ({ queue }) => queue);
      for (const [queue, some] of batch) await sendBatch(some, client, queues[queue], recorder);
    }
    await nemesis.over();
  } finally {
    client.destroy();
  }
}

const isFull = ({ sent, seen, removed }: Recorder) =>
  sent.length - seen.size > MAX_WAITING || sent.length - removed.size > MAX_UNDONE;

async function sendBatch(
  batch: readonly Request[],
  client: SQSClient,
  QueueUrl: string,
  recorder: Recorder,
): Promise<void> {
  for (const request of batch) request.beforeSending();
  const Entries = batch.map(({ body, delaySeconds, askedAt }, index) => ({
    Id: String(index),
    MessageBody: body,
    DelaySeconds: delaySeconds,
    ...(askedAt !== undefined && {
      MessageAttributes: { askedAt: { DataType: 'String', StringValue: askedAt } },
    }),
  }));
  const sentAt = Date.now();
  const { Successful = [] } = await client.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
  for (const [index, request] of batch.entries()) {
    const id = Successful.find(({ Id }) => Id === String(index))?.MessageId;
    if (id === undefined) throw new Error('the queue refused a message');
    recorder.noteSent(id, request, sentAt);
  }
}
