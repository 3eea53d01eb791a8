import { DeleteMessageCommand, SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { HeldDeadLetter } from './dead-letter-reader.ts';
import { messageOf } from './script.ts';

/**
 * What became of a dead letter: `moved`; `stayed`, since it could not be sent; or `copied`, sent but not deleted, so
 * that it is in both queues. To send such a one again does no harm: an order is cancelled once.
 */
export type Redriven =
  | { readonly letter: HeldDeadLetter; readonly result: 'moved' }
  | { readonly letter: HeldDeadLetter; readonly result: 'stayed' | 'copied'; readonly error: string };

/** A queue, and the client that reaches it. */
export interface QueueAt {
  readonly client: SQSClient;
  readonly queueUrl: string;
}

const AT_ONCE = 10;

/** Moves the dead letters to another queue, bodies untouched, attributes left behind. One is deleted only once it is sent. */
export async function redrive(
  letters: readonly HeldDeadLetter[],
  from: QueueAt,
  to: QueueAt,
): Promise<Redriven[]> {
  const redriven: Redriven[] = [];
  for (let start = 0; start < letters.length; start += AT_ONCE) {
    const some = letters.slice(start, start + AT_ONCE);
    redriven.push(...(await Promise.all(some.map((letter) => move(letter, from, to)))));
  }
  return redriven;
}

async function move(letter: HeldDeadLetter, from: QueueAt, to: QueueAt): Promise<Redriven> {
  const message = { QueueUrl: to.queueUrl, MessageBody: letter.body };
  const sent = await failureOf(to.client.send(new SendMessageCommand(message)));
  if (sent !== undefined) return { letter, result: 'stayed', error: sent };
  const original = { QueueUrl: from.queueUrl, ReceiptHandle: letter.receiptHandle };
  const deleted = await failureOf(from.client.send(new DeleteMessageCommand(original)));
  return deleted === undefined ? { letter, result: 'moved' } : { letter, result: 'copied', error: deleted };
}

async function failureOf(call: Promise<unknown>): Promise<string | undefined> {
  return call.then(() => undefined, messageOf);
}
