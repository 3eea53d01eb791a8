import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { EmbeddedExchange, ReceivedCall } from '../exchange.ts';
import { queueClient } from '../queue/client.ts';
import { holdDeadLetters } from '../queue/dead-letter-reader.ts';
import type { LocalStack } from '../stack.ts';
import type { Ban, Books, DeadLetter, RefusedCall } from './books.ts';
import type { Environments } from './environments.ts';
import type { PlayedBan } from './events.ts';
import type { KeyDesk } from './key-desk.ts';
import type { Ledger } from './ledger.ts';

/** What was written down in a run. */
export interface Records {
  readonly ledger: Ledger;
  readonly keys: KeyDesk;
  readonly bans: readonly PlayedBan[];
  readonly environments: Pick<Environments, 'lives' | 'failures'>;
}

const COUNTS = [
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
] as const;

/** How many messages there are in a queue, hidden and delayed ones included: exact in the local queues. */
export async function messagesLeft(client: SQSClient, queueUrl: string): Promise<number> {
  const request = new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: [...COUNTS] });
  const { Attributes = {} } = await client.send(request);
  return COUNTS.map((name) => Number(Attributes[name] ?? 0)).reduce((sum, count) => sum + count);
}

/** Puts together what was written down, what the exchange has in its book, and what lies in the queues. */
export async function closeBooks({ exchange, queues }: LocalStack, records: Records): Promise<Books> {
  const { ledger } = records;
  const client = queueClient(queues.deadLetterQueueUrl);
  try {
    return {
      sent: ledger.sent,
      deliveries: ledger.deliveries,
      claims: ledger.claims,
      removed: ledger.removed,
      deadLetters: await readDeadLetters(client, queues.deadLetterQueueUrl),
      orders: new Map([...exchange.orders].map(({ orderId, status }) => [orderId, status])),
      bans: records.bans.map((ban, index) => bansCalls(ban, records.bans[index + 1], exchange, records)),
      left: await messagesLeft(client, queues.cancelQueueUrl),
      strangeOutput: ledger.strangeOutput,
      failures: records.environments.failures,
    };
  } finally {
    client.destroy();
  }
}

/** A handler's dead letter is a new message, which names the one it was made of; the redrive policy moves the very message. */
async function readDeadLetters(client: SQSClient, queueUrl: string): Promise<DeadLetter[]> {
  return holdDeadLetters(client, { queueUrl }, async (letters) =>
    letters.map(({ messageId, attributes: { requestId, outcome }, body }) => ({
      messageId: requestId ?? messageId,
      outcome,
      body,
    })),
  );
}

function bansCalls(
  ban: PlayedBan,
  next: PlayedBan | undefined,
  { calls }: EmbeddedExchange,
  { keys, environments: { lives } }: Records,
): Ban {
  const refused = calls
    .slice(ban.firstCall, next?.firstCall)
    .filter(({ madeWhile, status }) => madeWhile === 'banned' || status === 429);
  return {
    environments: lives.filter(({ beganAt, endedAt }) => beganAt < ban.endedAt && endedAt > ban.beganAt)
      .length,
    calls: refused.map((call) => refusedCall(call, ban.skewMs, keys)),
  };
}

/** The timestamp in a call is the caller's reading of the exchange's clock, which may be wrong: no call is signed after it came. */
function refusedCall({ headers, rawQuery, at }: ReceivedCall, skewMs: number, keys: KeyDesk): RefusedCall {
  const timestamp = new URLSearchParams(rawQuery).get('timestamp');
  const apiKey = headers['x-mbx-apikey'];
  return {
    environment: typeof apiKey === 'string' ? keys.ownerOf(apiKey) : undefined,
    signedAt: Math.min(at, Number(timestamp ?? at)) - skewMs,
    arrivedAt: at - skewMs,
  };
}
