import { setTimeout as sleep } from 'node:timers/promises';
import { GetQueueAttributesCommand, SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { queueClient } from '../../tools/queue-client.ts';
import { startEventSource } from '../event-source.ts';
import { unsettledRecords } from '../queue/batch-response.ts';
import type { Plan } from './generator.ts';
import { idsOf } from './history.ts';
import { nemesis } from './nemesis.ts';
import type { Processes, Queue, World } from './processes.ts';
import type { Request } from './workload.ts';

const QUEUES = ['cancel', 'kill'] as const;
const BATCH = 10;
/** The number of messages that a process handles side by side. */
const BATCH_SIZES = { cancel: BATCH, kill: 3 };
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
  readonly #client: SQSClient;
  /** Ids of messages delivered at least once. */
  readonly #seen = new Set<string>();
  #lastRemovalAt = Date.now();

  constructor(world: World, processes: Processes) {
    this.#world = world;
    this.#processes = processes;
    this.#client = queueClient(world.stack.queues.cancelQueueUrl);
  }

  /**
   * Sends and delivers until the queues are empty or no message leaves them any more. Returns the
   * number of messages left.
   */
  async run(requests: readonly Request[], events: Plan['events']): Promise<number> {
    const sources = await Promise.all(QUEUES.map((queue) => this.#startSource(queue)));
    try {
      await this.#sendAll(requests, events);
      let left = await this.#left();
      while (left > 0 && Date.now() - this.#lastRemovalAt < STUCK_MS) {
        await sleep(EMPTY_POLL_MS);
        left = await this.#left();
      }
      return left;
    } finally {
      await Promise.all(sources.map((source) => source.stop()));
      this.#client.destroy();
    }
  }

  #startSource(queue: Queue) {
    return startEventSource({
      queueUrl: this.#urlOf(queue),
      batchSize: BATCH_SIZES[queue],
      concurrency: this.#processes.counts[queue],
      invoke: (event) => this.#deliver(event, queue),
      onSettled: ({ messageId }) => {
        this.#world.records.removed.add(messageId);
        this.#lastRemovalAt = Date.now();
      },
    });
  }

  #urlOf = (queue: Queue) => this.#world.stack.queues[`${queue}QueueUrl` as const];

  /** Delivers one batch, and records for each message if its answer reached the queue. */
  async #deliver(event: SQSEvent, queue: Queue): Promise<SQSBatchResponse> {
    const ids = idsOf(event.Records);
    for (const id of ids) this.#seen.add(id);
    let lost = ids;
    try {
      const answer = await this.#processes.invoke(event, queue);
      const unsettled = idsOf(unsettledRecords(answer, event.Records));
      lost = ids.filter((id) => !unsettled.includes(id) && this.#loses(id));
      return { batchItemFailures: [...unsettled, ...lost].map((itemIdentifier) => ({ itemIdentifier })) };
    } finally {
      const results = ids.map((messageId) => ({ messageId, acknowledged: !lost.includes(messageId) }));
      this.#world.records.deliveries.push(...results);
    }
  }

  #loses(messageId: string): boolean {
    const { sent, answersLost } = this.#world.records;
    const isLost = sent.get(messageId)?.answerIsLost === true && !answersLost.has(messageId);
    if (isLost) answersLost.add(messageId);
    return isLost;
  }

  /** Sends all in order, no faster than they are delivered. Begins each event at its place, one at a time. */
  async #sendAll(requests: readonly Request[], events: Plan['events']): Promise<void> {
    let playing: Promise<unknown> = Promise.resolve();
    for (let start = 0; start < requests.length; start += BATCH) {
      for (const event of events.filter(({ after }) => start <= after && after < start + BATCH)) {
        await playing;
        playing = nemesis[event.kind](this.#world, event);
      }
      while (this.#isFull()) await sleep(FULL_POLL_MS);
      await Promise.all(requests.slice(start, start + BATCH).map((request) => this.#send(request)));
    }
    await playing;
  }

  #isFull(): boolean {
    const { sent, removed } = this.#world.records;
    return sent.size - this.#seen.size > MAX_WAITING || sent.size - removed.size > MAX_UNDONE;
  }

  async #send(request: Request): Promise<void> {
    request.beforeSending?.();
    const { queue, body: MessageBody, delaySeconds: DelaySeconds, askedAt } = request;
    const MessageAttributes =
      askedAt === undefined ? {} : { askedAt: { DataType: 'String', StringValue: askedAt } };
    const sentAt = Date.now();
    const { MessageId: messageId = '' } = await this.#client.send(
      new SendMessageCommand({ QueueUrl: this.#urlOf(queue), MessageBody, DelaySeconds, MessageAttributes }),
    );
    this.#world.records.sent.set(messageId, { ...request, messageId, sentAt });
  }

  /** Counts hidden and delayed messages too, and exactly. */
  async #left(): Promise<number> {
    const counts = QUEUES.map(async (queue) => {
      const request = new GetQueueAttributesCommand({
        QueueUrl: this.#urlOf(queue),
        AttributeNames: ['All'],
      });
      const { Attributes = {} } = await this.#client.send(request);
      const counted = Object.entries(Attributes).filter(([name]) => name.startsWith('ApproximateNumberOf'));
      return counted.map(([, count]) => Number(count));
    });
    return (await Promise.all(counts)).flat().reduce((sum, count) => sum + count, 0);
  }
}
