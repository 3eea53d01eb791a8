import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { EmbeddedExchange, ReceivedCall } from '../exchange.ts';
import { queueClient } from '../queue/client.ts';
import { holdDeadLetters } from '../queue/dead-letter-reader.ts';
import type { LocalStack } from '../stack.ts';
import type { ProcessKeys } from './handlers.ts';
import type { Ban, DeadLetter, History, Recorder, RefusedCall } from './history.ts';
import { KILL_ACCOUNT } from './kill-requests.ts';
import type { Nemesis, PlayedBan } from './nemesis.ts';
import type { Processes } from './processes.ts';

export interface Records {
  readonly recorder: Recorder;
  readonly keys: ProcessKeys;
  readonly nemesis: Pick<Nemesis, 'bans' | 'locks' | 'skews'>;
  readonly processes: readonly Pick<Processes, 'lifetimes' | 'failures'>[];
  readonly lagMs: number;
}

const COUNTS = [
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
] as const;

/**
 * Returns the number of messages in some queues, including hidden and delayed ones. It is exact in
 * the local queues.
 */
export async function messagesLeft(client: SQSClient, queueUrls: readonly string[]): Promise<number> {
  return sum(await Promise.all(queueUrls.map((queueUrl) => messagesIn(client, queueUrl))));
}

async function messagesIn(client: SQSClient, queueUrl: string): Promise<number> {
  const request = new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: [...COUNTS] });
  const { Attributes = {} } = await client.send(request);
  return sum(COUNTS.map((name) => Number(Attributes[name] ?? 0)));
}

const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);

/** Collects the history from the records, the exchange's book and the queues. */
export async function collectHistory({ exchange, queues }: LocalStack, records: Records): Promise<History> {
  const { recorder, nemesis, processes, lagMs } = records;
  const orders = [...exchange.orders];
  const client = queueClient(queues.deadLetterQueueUrl);
  try {
    return {
      sent: recorder.sent,
      deliveries: recorder.deliveries,
      claims: recorder.claims,
      queueErrors: recorder.queueErrors,
      removed: recorder.removed,
      deadLetters: await readDeadLetters(client, queues.deadLetterQueueUrl),
      orders: new Map(orders.map(({ orderId, status }) => [orderId, status])),
      killBook: orders
        .filter(({ account }) => account === KILL_ACCOUNT)
        .map((order) => ({ ...order, placedAt: recorder.placedAt.get(order.orderId) ?? 0 })),
      skews: nemesis.skews,
      bans: nemesis.bans.map((ban, index) => banWithCalls(ban, nemesis.bans[index + 1], exchange, records)),
      locks: nemesis.locks,
      failedReads: recorder.failedReads,
      left: await messagesLeft(client, [queues.cancelQueueUrl, queues.killQueueUrl]),
      lagMs,
      unexpectedOutput: recorder.unexpectedOutput,
      failures: processes.flatMap(({ failures }) => failures),
      defects: recorder.defects,
    };
  } finally {
    client.destroy();
  }
}

/**
 * A handler's dead letter is a new message with the original's id as attribute; the redrive policy
 * moves the original.
 */
async function readDeadLetters(client: SQSClient, queueUrl: string): Promise<DeadLetter[]> {
  return holdDeadLetters(client, { queueUrl }, async (letters) =>
    letters.map(({ messageId, attributes: { requestId, outcome, failedAt }, body }) => ({
      messageId: requestId ?? messageId,
      outcome,
      failedAt,
      body,
    })),
  );
}

function banWithCalls(
  ban: PlayedBan,
  next: PlayedBan | undefined,
  { calls }: EmbeddedExchange,
  { keys, processes }: Records,
): Ban {
  const lifetimes = processes.flatMap((pool) => pool.lifetimes);
  const refused = calls
    .slice(ban.firstCall, next?.firstCall)
    .filter(({ madeWhile, status }) => madeWhile === 'banned' || status === 429);
  return {
    environments: lifetimes.filter(({ beganAt, endedAt }) => beganAt < ban.endedAt && endedAt > ban.beganAt)
      .length,
    calls: refused.map((call) => refusedCall(call, ban.skewMs, keys)),
  };
}

/**
 * Takes the earlier of timestamp and arrival, since the caller's idea of the exchange's clock can
 * be ahead.
 */
function refusedCall(
  { headers, rawQuery, at }: ReceivedCall,
  skewMs: number,
  keys: ProcessKeys,
): RefusedCall {
  const timestamp = new URLSearchParams(rawQuery).get('timestamp');
  const apiKey = headers['x-mbx-apikey'];
  return {
    environment: typeof apiKey === 'string' ? keys.ownerOf(apiKey) : undefined,
    signedAt: Math.min(at, Number(timestamp ?? at)) - skewMs,
    arrivedAt: at - skewMs,
  };
}
