import { DeleteMessageCommand, SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { messageOf } from '../terminal.ts';
import type { Letter } from './letter.ts';
import { chunksOf } from './reader.ts';

/**
 * The result for one letter: `stayed` when it could not be sent or deleted; `copied` when it was
 * sent but not deleted and so is in both queues. Sending it again does no harm: a cancel cancels an
 * order only once, and a kill looks at the book again.
 */
export type Result =
  | { readonly letter: Letter; readonly result: 'moved' | 'would move'; readonly to: string }
  | { readonly letter: Letter; readonly result: 'deleted' }
  | {
      readonly letter: Letter;
      readonly result: 'stayed' | 'would stay' | 'copied';
      readonly error: string;
    };

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

/** Carries out an action on letters, 20 at once, and reports each result. Returns the number done. */
export async function carryOut(
  letters: readonly Letter[],
  act: (letter: Letter) => Promise<Result>,
  report: (result: Result) => void,
): Promise<number> {
  let done = 0;
  for (const some of chunksOf(letters, AT_ONCE)) {
    for (const result of await Promise.all(some.map(act))) {
      report(result);
      if (!('error' in result)) done += 1;
    }
  }
  return done;
}

/** Moves a letter to another queue. Deletes it only after it is sent. */
export async function move(letter: Letter, from: QueueAt, to: (body: string) => QueueAt): Promise<Result> {
  if (!letter.redrive.ok) return { letter, result: 'stayed', error: letter.redrive.error };
  const { body, attributes } = letter.redrive;
  const { client, queueUrl } = to(body);
  const MessageAttributes = Object.fromEntries(
    Object.entries(attributes).map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]),
  );
  const message = { QueueUrl: queueUrl, MessageBody: body, MessageAttributes };
  const sent = await failureOf(client.send(new SendMessageCommand(message)));
  if (sent !== undefined) return { letter, result: 'stayed', error: sent };
  const deleted = await deleteFrom(from, letter);
  return deleted === undefined
    ? { letter, result: 'moved', to: queueUrl }
    : { letter, result: 'copied', error: deleted };
}

/** Deletes a letter. */
export async function discard(letter: Letter, from: QueueAt): Promise<Result> {
  const error = await deleteFrom(from, letter);
  return error === undefined ? { letter, result: 'deleted' } : { letter, result: 'stayed', error };
}

function deleteFrom({ client, queueUrl }: QueueAt, { message }: Letter): Promise<string | undefined> {
  const handle = { QueueUrl: queueUrl, ReceiptHandle: message.receiptHandle };
  return failureOf(client.send(new DeleteMessageCommand(handle)));
}

async function failureOf(call: Promise<unknown>): Promise<string | undefined> {
  return call.then(() => undefined, messageOf);
}
