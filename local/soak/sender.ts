import { setTimeout as sleep } from 'node:timers/promises';
import { SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { queueClient } from '../queue/client.ts';
import type { Events } from './events.ts';
import type { Ledger } from './ledger.ts';
import type { ReadyMessage } from './ready-message.ts';

const BATCH = 10;
/** More would only wait in the queue, and what happens next would be played to an audience not yet there. */
const MOST_WAITING = 200;
/** A ban sends all comers back at once, and would else take a third of the messages through their last receive. */
const MOST_UNDONE = 1000;
const LOOK_AGAIN_MS = 10;

/** Sends all messages in their order, no faster than they are delivered, and has each event begin in its place. */
export async function sendAll(
  messages: readonly ReadyMessage[],
  queueUrl: string,
  events: Events,
  ledger: Ledger,
): Promise<void> {
  const client = queueClient(queueUrl);
  try {
    for (let start = 0; start < messages.length; start += BATCH) {
      await events.due(start);
      while (isFull(ledger)) await sleep(LOOK_AGAIN_MS);
      await sendBatch(messages.slice(start, start + BATCH), client, queueUrl, ledger);
    }
    await events.over();
  } finally {
    client.destroy();
  }
}

const isFull = ({ sent, seen, removed }: Ledger) =>
  sent.length - seen.size > MOST_WAITING || sent.length - removed.size > MOST_UNDONE;

async function sendBatch(
  batch: readonly ReadyMessage[],
  client: SQSClient,
  QueueUrl: string,
  ledger: Ledger,
): Promise<void> {
  for (const message of batch) message.beforeSending();
  const Entries = batch.map(({ body, delaySeconds }, index) => ({
    Id: String(index),
    MessageBody: body,
    DelaySeconds: delaySeconds,
  }));
  const { Successful = [] } = await client.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
  for (const [index, message] of batch.entries()) {
    const id = Successful.find(({ Id }) => Id === String(index))?.MessageId;
    if (id === undefined) throw new Error('the queue did not take a message');
    ledger.noteSent(id, message);
  }
}
