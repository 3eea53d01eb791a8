import { setTimeout as sleep } from 'node:timers/promises';
import { GetQueueAttributesCommand, SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { SQSEvent } from 'aws-lambda';
import { queueClient } from '../../tools/queue-client.ts';
import { startEventSource } from '../event-source.ts';
import { unsettledRecords } from '../queue/batch-response.ts';
import type { LocalStack } from '../stack.ts';
import type { Plan } from './generator.ts';
import { idsOf, type Records } from './history.ts';
import { nemesis } from './nemesis.ts';
import type { Processes, Queue, World } from './processes.ts';
import type { Request } from './workload.ts';

const QUEUES = ['cancel', 'kill'] as const;
const BATCH = 10;
/** The number of messages that a process handles side by side. */
const BATCH_SIZES = { cancel: BATCH, kill: 3 };
/** The maximum number of messages not yet delivered. With more, events would come too early. */
const MAX_WAITING = 200;
/**
 * The maximum number of messages not yet removed. A ban returns all of them, and with more a third
 * would become dead letters.
 */
const MAX_UNDONE = 1000;
const POLL_MS = 20;
/** Longer than any message stays hidden. When none has left the queue for this long, none will. */
const STUCK_MS = 45_000;

/**
 * Sends messages, and passes them in batches to the processes, until the queues are empty or no
 * message leaves them any more. Loses the answers that the plan says: the handler has settled the
 * message, and the queue delivers it again. Returns the number of messages left.
 */
export async function deliver(
  requests: readonly Request[],
  events: Plan['events'],
  processes: Processes,
  world: World,
): Promise<number> {
  using client = queueClient(world.stack.queues.cancelQueueUrl);
  const sources = await Promise.all(QUEUES.map((queue) => startSource(queue, processes, world)));
  try {
    await sendAll(requests, events, client, world);
    let left = await messagesIn(client, world);
    while (left > 0 && Date.now() - world.records.lastRemovalAt < STUCK_MS) {
      await sleep(POLL_MS);
      left = await messagesIn(client, world);
    }
    return left;
  } finally {
    await Promise.all(sources.map((source) => source.stop()));
  }
}

function startSource(queue: Queue, processes: Processes, { stack, records }: World) {
  return startEventSource({
    queueUrl: urlOf(queue, stack),
    batchSize: BATCH_SIZES[queue],
    concurrency: processes.counts[queue],
    invoke: (event) => deliverBatch(event, records, () => processes.invoke(event, queue)),
    onSettled: ({ messageId }) => {
      records.removed.add(messageId);
      records.lastRemovalAt = Date.now();
    },
  });
}

const urlOf = (queue: Queue, { queues }: LocalStack) => queues[`${queue}QueueUrl` as const];

/** Delivers one batch, and records for each message if its answer reached the queue. */
async function deliverBatch({ Records: batch }: SQSEvent, records: Records, invoke: () => Promise<unknown>) {
  const ids = idsOf(batch);
  for (const id of ids) records.seen.add(id);
  let lost = ids;
  try {
    const unsettled = idsOf(unsettledRecords(await invoke(), batch));
    lost = ids.filter((id) => !unsettled.includes(id) && isToBeLost(id, records));
    return { batchItemFailures: [...unsettled, ...lost].map((itemIdentifier) => ({ itemIdentifier })) };
  } finally {
    const results = ids.map((messageId) => ({ messageId, acknowledged: !lost.includes(messageId) }));
    records.deliveries.push(...results);
  }
}

/** Returns true for the first answer about a message whose answer the plan loses. */
function isToBeLost(messageId: string, { sent, answersLost }: Records): boolean {
  const message = sent.get(messageId);
  if (message?.answerIsLost !== true || answersLost.has(messageId)) return false;
  answersLost.add(messageId);
  message.afterLoss?.();
  return true;
}

/** Sends all in order, no faster than they are delivered, and begins each event at its place. */
async function sendAll(
  requests: readonly Request[],
  events: Plan['events'],
  client: SQSClient,
  world: World,
): Promise<void> {
  const { sent, seen, removed } = world.records;
  const isFull = () => sent.size - seen.size > MAX_WAITING || sent.size - removed.size > MAX_UNDONE;
  let playing: Promise<unknown> = Promise.resolve();
  for (let start = 0; start < requests.length; start += BATCH) {
    for (const event of events.filter(({ after }) => start <= after && after < start + BATCH)) {
      await playing;
      playing = nemesis[event.kind](world, event);
    }
    while (isFull()) await sleep(POLL_MS);
    await Promise.all(requests.slice(start, start + BATCH).map((request) => send(request, client, world)));
  }
  await playing;
}

async function send(request: Request, client: SQSClient, { stack, records }: World): Promise<void> {
  request.beforeSending?.();
  const { queue, body: MessageBody, delaySeconds: DelaySeconds, askedAt } = request;
  const MessageAttributes =
    askedAt === undefined ? {} : { askedAt: { DataType: 'String', StringValue: askedAt } };
  const message = { QueueUrl: urlOf(queue, stack), MessageBody, DelaySeconds, MessageAttributes };
  const sentAt = Date.now();
  const { MessageId: messageId = '' } = await client.send(new SendMessageCommand(message));
  records.sent.set(messageId, { ...request, messageId, sentAt });
}

/** Counts the messages in both queues, hidden and delayed ones too, and exactly. */
async function messagesIn(client: SQSClient, { stack }: World): Promise<number> {
  const counts = QUEUES.map(async (queue) => {
    const request = { QueueUrl: urlOf(queue, stack), AttributeNames: ['All' as const] };
    const { Attributes = {} } = await client.send(new GetQueueAttributesCommand(request));
    const counted = Object.entries(Attributes).filter(([name]) => name.startsWith('ApproximateNumberOf'));
    return counted.map(([, count]) => Number(count));
  });
  return (await Promise.all(counts)).flat().reduce((sum, count) => sum + count, 0);
}
