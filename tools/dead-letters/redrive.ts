import { DeleteMessageCommand, SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { messageOf } from '../terminal.ts';
import type { Letter } from './letter.ts';
import { chunksOf } from './reader.ts';

/**
 * The result for one letter: `stayed` when it could not be sent or deleted; `copied` when it was
 * sent but not deleted and so is in both queues. Sending it again does no harm: a cancel cancels an
 * order only once, and a kill looks at the book again.
 */
export interface Result {
  readonly letter: Letter;
  readonly result: 'moved' | 'deleted' | 'stayed' | 'copied' | 'would move' | 'would stay';
  /** The URL of the queue to which it was moved. */
  readonly to?: string;
  readonly error?: string;
}

export interface QueueAt {
  readonly client: SQSClient;
  readonly queueUrl: string;
}

const AT_ONCE = 20;

/** Returns what `move` would do. @param to returns the URL of the queue for a body */
export function planOf(letter: Letter, to: (body: string) => string): Result {
  return letter.redrive.ok
    ? { letter, result: 'would move', to: to(letter.redrive.body) }
    : { letter, result: 'would stay', error: letter.redrive.error };
}

/**
 * Carries out an action on letters, 20 at once, and reports each result. Returns the number done.
 */
export async function carryOut(
  letters: readonly Letter[],
  act: (letter: Letter) => Promise<Result>,
  report: (result: Result) => void,
): Promise<number> {
  let done = 0;
  for (const some of chunksOf(letters, AT_ONCE)) {
    for (const result of await Promise.all(some.map(act))) {
      report(result);
      if (result.error === undefined) done += 1;
    }
  }
  return done;
}

/** Moves a letter to another queue. Deletes it only after it is sent. */
export async function move(letter: Letter, from: QueueAt, to: QueueAt): Promise<Result> {
  if (!letter.redrive.ok) return { letter, result: 'stayed', error: letter.redrive.error };
  const { body, attributes } = letter.redrive;
  const MessageAttributes = Object.fromEntries(
    Object.entries(attributes).map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]),
  );
  const message = new SendMessageCommand({ QueueUrl: to.queueUrl, MessageBody: body, MessageAttributes });
  const error = await failureOf(to.client.send(message));
  if (error !== undefined) return { letter, result: 'stayed', error };
  const deleted = await discard(letter, from);
  return deleted.error === undefined
    ? { letter, result: 'moved', to: to.queueUrl }
    : { ...deleted, result: 'copied' };
}

/** Deletes a letter. */
export async function discard(letter: Letter, { client, queueUrl }: QueueAt): Promise<Result> {
  const handle = { QueueUrl: queueUrl, ReceiptHandle: letter.message.receiptHandle };
  const error = await failureOf(client.send(new DeleteMessageCommand(handle)));
  return error === undefined ? { letter, result: 'deleted' } : { letter, result: 'stayed', error };
}

const failureOf = (call: Promise<unknown>): Promise<string | undefined> =>
  call.then(() => undefined, messageOf);
