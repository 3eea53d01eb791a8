import { DeleteMessageCommand, SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { messageOf } from '../terminal.ts';
import type { HeldDeadLetter } from './dead-letter-reader.ts';

/**
 * The result of moving a dead letter: `moved`; `stayed` when it could not be sent; `copied` when it
 * was sent but not deleted and so is in both queues. Sending it again does no harm: a cancel cancels
 * an order only once, and a kill looks at the book again.
 */
export type Redriven =
  | { readonly letter: HeldDeadLetter; readonly result: 'moved' }
  | { readonly letter: HeldDeadLetter; readonly result: 'stayed' | 'copied'; readonly error: string };

export interface QueueAt {
  readonly client: SQSClient;
  readonly queueUrl: string;
}

const AT_ONCE = 10;

/**
 * Moves dead letters to other queues: the exact bodies, with the attribute `askedAt` and, where a
 * dead letter has it, `onBehalfOf`. `askedAt` has the dead letter's value, or else the time at which
 * the message was first sent, so that a redrive never cancels orders that were placed since. Deletes
 * a dead letter only after it is sent.
 *
 * @param to returns the queue for a body
 */
export async function redrive(
  letters: readonly HeldDeadLetter[],
  from: QueueAt,
  to: (body: string) => QueueAt,
): Promise<Redriven[]> {
  const redriven: Redriven[] = [];
  for (let start = 0; start < letters.length; start += AT_ONCE) {
    const some = letters.slice(start, start + AT_ONCE);
    redriven.push(...(await Promise.all(some.map((letter) => move(letter, from, to(letter.body))))));
  }
  return redriven;
}

async function move(letter: HeldDeadLetter, from: QueueAt, to: QueueAt): Promise<Redriven> {
  const { askedAt = letter.sentAt, onBehalfOf } = letter.attributes;
  const MessageAttributes = {
    askedAt: stringAttribute(askedAt),
    ...(onBehalfOf !== undefined && { onBehalfOf: stringAttribute(onBehalfOf) }),
  };
  const message = { QueueUrl: to.queueUrl, MessageBody: letter.body, MessageAttributes };
  const sent = await failureOf(to.client.send(new SendMessageCommand(message)));
  if (sent !== undefined) return { letter, result: 'stayed', error: sent };
  const original = { QueueUrl: from.queueUrl, ReceiptHandle: letter.receiptHandle };
  const deleted = await failureOf(from.client.send(new DeleteMessageCommand(original)));
  return deleted === undefined ? { letter, result: 'moved' } : { letter, result: 'copied', error: deleted };
}

const stringAttribute = (StringValue: string) => ({ DataType: 'String', StringValue });

async function failureOf(call: Promise<unknown>): Promise<string | undefined> {
  return call.then(() => undefined, messageOf);
}
