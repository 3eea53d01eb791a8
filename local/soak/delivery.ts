import { setTimeout as sleep } from 'node:timers/promises';
import { GetQueueAttributesCommand, SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { chunksOf } from '../../tools/dead-letters/reader.ts';
import { queueClient } from '../../tools/queue-client.ts';
import { startEventSource } from '../event-source.ts';
import { unsettledRecords } from '../queue/batch-response.ts';
import { idsOf } from './history.ts';
import type { Nemesis } from './nemesis.ts';
import type { Processes, Queue, World } from './processes.ts';
import type { Request } from './workload.ts';

const COUNTS = [
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
] as const;
const BATCH = 10;
/** The number of messages that a process handles side by side. */
const BATCH_SIZES = { cancel: BATCH, kill: 3 };
const QUEUES = ['cancel', 'kill'] as const;
/** The maximum number of messages not yet delivered. With more, events would come before their messages. */
const MAX_WAITING = 200;
/**
 * The maximum number of messages not yet removed. A ban returns all of them, and with more a third
 * would become dead letters.
 */
const MAX_UNDONE = 1000;
const FULL_POLL_MS = 10;
const EMPTY_POLL_MS = 100;
/** Longer than any message stays hidden. When none has left the queue for this long, none will. */
const STUCK_MS = 45_000;

/**
 * Sends messages, and passes them in batches to the processes. Loses the answers that the plan says:
 * the handler has settled the message, and the queue delivers it again.
 */
export class Delivery {
  readonly #world: World;
  readonly #processes: Processes;
  readonly #urls: Readonly<Record<Queue, string>>;
  readonly #client: SQSClient;
  /** Ids of messages delivered at least once. */
  readonly #seen = new Set<string>();
  #lastRemovalAt = Date.now();

  constructor(world: World, processes: Processes) {
    const { cancelQueueUrl, killQueueUrl } = world.stack.queues;
    this.#world = world;
    this.#processes = processes;
    this.#urls = { cancel: cancelQueueUrl, kill: killQueueUrl };
    this.#client = queueClient(cancelQueueUrl);
  }

  /**
   * Sends and delivers until the queues are empty or no message leaves them any more. Returns the
   * number of messages left.
   */
  async run(requests: readonly Request[], nemesis: Nemesis): Promise<number> {
    const sources = await Promise.all(QUEUES.map((queue) => this.#startSource(queue)));
    try {
      await this.#sendAll(requests, nemesis);
      const isStuck = () => Date.now() - this.#lastRemovalAt > STUCK_MS;
      while ((await this.#left()) > 0 && !isStuck()) await sleep(EMPTY_POLL_MS);
    } finally {
      await Promise.all(sources.map((source) => source.stop()));
    }
    const left = await this.#left();
    this.#client.destroy();
    return left;
  }

  #startSource(queue: Queue) {
    return startEventSource({
      queueUrl: this.#urls[queue],
      batchSize: BATCH_SIZES[queue],
      concurrency: this.#processes.counts[queue],
      invoke: (event) => this.#deliver(event, queue),
      onSettled: ({ messageId }) => {
        this.#world.records.removed.add(messageId);
        this.#lastRemovalAt = Date.now();
      },
    });
  }

  /** Delivers one batch, and records for each message if its answer reached the queue. */
  async #deliver(event: SQSEvent, queue: Queue): Promise<SQSBatchResponse> {
    const ids = idsOf(event.Records);
    for (const id of ids) this.#seen.add(id);
    let lost = ids;
    try {
      const unsettled = idsOf(unsettledRecords(await this.#processes.invoke(event, queue), event.Records));
      lost = ids.filter((id) => !unsettled.includes(id) && this.#loses(id));
      return { batchItemFailures: [...unsettled, ...lost].map((itemIdentifier) => ({ itemIdentifier })) };
    } finally {
      const results = ids.map((messageId) => ({ messageId, acknowledged: !lost.includes(messageId) }));
      this.#world.records.deliveries.push(...results);
    }
  }

  #loses(messageId: string): boolean {
    const { sent, answersLost } = this.#world.records;
    const message = sent.get(messageId);
    if (!message?.answerIsLost || answersLost.has(messageId)) return false;
    answersLost.add(messageId);
    return true;
  }

  /** Sends all in order, no faster than they are delivered, and begins each event at its place. */
  async #sendAll(requests: readonly Request[], nemesis: Nemesis): Promise<void> {
    for (const [index, batch] of chunksOf(requests, BATCH).entries()) {
      await nemesis.beginDue(index * BATCH);
      while (this.#isFull()) await sleep(FULL_POLL_MS);
      const byQueue = Map.groupBy(batch, ({ queue }) => queue);
      for (const [queue, some] of byQueue) await this.#sendBatch(some, this.#urls[queue]);
    }
    await nemesis.over();
  }

  #isFull(): boolean {
    const { sent, removed } = this.#world.records;
    return sent.size - this.#seen.size > MAX_WAITING || sent.size - removed.size > MAX_UNDONE;
  }

  async #sendBatch(batch: readonly Request[], QueueUrl: string): Promise<void> {
    for (const request of batch) request.beforeSending?.();
    const Entries = batch.map(({ body, delaySeconds, askedAt }, index) => ({
      Id: String(index),
      MessageBody: body,
      DelaySeconds: delaySeconds,
      ...(askedAt && { MessageAttributes: { askedAt: { DataType: 'String', StringValue: askedAt } } }),
    }));
    const sentAt = Date.now();
    const { Successful = [] } = await this.#client.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
    for (const [index, request] of batch.entries()) {
      const messageId = Successful.find(({ Id }) => Id === String(index))?.MessageId;
      if (messageId === undefined) throw new Error('the queue refused a message');
      this.#world.records.sent.set(messageId, { ...request, messageId, sentAt });
    }
  }

  /** Counts hidden and delayed messages too, and exactly. */
  async #left(): Promise<number> {
    const counts = QUEUES.map(async (queue) => {
      const request = new GetQueueAttributesCommand({
        QueueUrl: this.#urls[queue],
        AttributeNames: [...COUNTS],
      });
      const { Attributes = {} } = await this.#client.send(request);
      return COUNTS.map((name) => Number(Attributes[name] ?? 0));
    });
    return (await Promise.all(counts)).flat().reduce((sum, count) => sum + count);
  }
}
