import { setTimeout as sleep } from 'node:timers/promises';
import { GetQueueAttributesCommand, SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { queueClient } from '../../tools/queue-client.ts';
import { startEventSource } from '../event-source.ts';
import { unsettledRecords } from '../queue/batch-response.ts';
import type { LocalQueues } from '../queues.ts';
import type { Recorder } from './history.ts';
import type { Nemesis } from './nemesis.ts';
import type { Processes } from './processes.ts';
import type { Request } from './workload.ts';

const COUNTS = [
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
] as const;
const BATCH = 10;
/** Kills that a process carries out side by side. */
const KILLS_AT_ONCE = 3;
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
  readonly #queues: LocalQueues;
  readonly #recorder: Recorder;
  readonly #client: SQSClient;
  readonly #lost = new Set<string>();

  constructor(queues: LocalQueues, recorder: Recorder) {
    this.#queues = queues;
    this.#recorder = recorder;
    this.#client = queueClient(queues.cancelQueueUrl);
  }

  /** The number of answers lost on purpose. */
  get lost(): number {
    return this.#lost.size;
  }

  /**
   * Sends and delivers until the queues are empty or no message leaves them any more. Returns the
   * number of messages left.
   */
  async run(requests: readonly Request[], nemesis: Nemesis, cancelers: Processes, killers: Processes) {
    const { cancelQueueUrl, killQueueUrl } = this.#queues;
    const sources = await Promise.all([
      this.#startSource(cancelQueueUrl, BATCH, cancelers),
      this.#startSource(killQueueUrl, KILLS_AT_ONCE, killers),
    ]);
    try {
      await this.#sendAll(requests, nemesis);
      const isStuck = () => Date.now() - this.#recorder.lastRemovalAt > STUCK_MS;
      while ((await this.#left()) > 0 && !isStuck()) await sleep(EMPTY_POLL_MS);
    } finally {
      await Promise.all(sources.map((source) => source.stop()));
    }
    const left = await this.#left();
    this.#client.destroy();
    return left;
  }

  /** Counts hidden and delayed messages too, and exactly. */
  async #left(): Promise<number> {
    const { cancelQueueUrl, killQueueUrl } = this.#queues;
    const numbers = await Promise.all([cancelQueueUrl, killQueueUrl].map((url) => this.#messagesIn(url)));
    return numbers.reduce((sum, number) => sum + number, 0);
  }

  #startSource(queueUrl: string, batchSize: number, processes: Processes) {
    return startEventSource({
      queueUrl,
      batchSize,
      concurrency: processes.count,
      invoke: (event) => this.#deliver(event, processes),
      onSettled: (record) => this.#recorder.noteRemoved(record),
    });
  }

  /** Delivers one batch, and records for each message if its answer reached the queue. */
  async #deliver(event: SQSEvent, processes: Processes): Promise<SQSBatchResponse> {
    const { Records: records } = event;
    for (const { messageId } of records) this.#recorder.seen.add(messageId);
    try {
      const unsettled = unsettledRecords(await processes.invoke(event), records);
      const lost = this.#lose(records.filter((record) => !unsettled.includes(record)));
      this.#recorder.noteDeliveries(records, (id) => !lost.includes(id));
      const failed = [...unsettled.map(({ messageId }) => messageId), ...lost];
      return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
    } catch (error) {
      this.#recorder.noteDeliveries(records, () => false);
      throw error;
    }
  }

  #lose(settled: readonly SQSRecord[]): string[] {
    return settled.flatMap(({ messageId }) => {
      const request = this.#recorder.requests.get(messageId);
      if (!request?.answerIsLost || this.#lost.has(messageId)) return [];
      this.#lost.add(messageId);
      request.afterLoss?.();
      return [messageId];
    });
  }

  /** Sends all in order, no faster than they are delivered, and begins each event at its place. */
  async #sendAll(requests: readonly Request[], nemesis: Nemesis): Promise<void> {
    const { cancelQueueUrl, killQueueUrl } = this.#queues;
    for (let start = 0; start < requests.length; start += BATCH) {
      await nemesis.beginDue(start);
      while (this.#isFull()) await sleep(FULL_POLL_MS);
      const batch = Map.groupBy(requests.slice(start, start + BATCH), ({ queue }) =>
        queue === 'kill' ? killQueueUrl : cancelQueueUrl,
      );
      for (const [queueUrl, some] of batch) await this.#sendBatch(some, queueUrl);
    }
    await nemesis.over();
  }

  #isFull(): boolean {
    const { sent, seen, removed } = this.#recorder;
    return sent.length - seen.size > MAX_WAITING || sent.length - removed.size > MAX_UNDONE;
  }

  async #sendBatch(batch: readonly Request[], QueueUrl: string): Promise<void> {
    for (const request of batch) request.beforeSending?.();
    const Entries = batch.map(({ body, delaySeconds, askedAt }, index) => ({
      Id: String(index),
      MessageBody: body,
      DelaySeconds: delaySeconds,
      ...(askedAt !== undefined && {
        MessageAttributes: { askedAt: { DataType: 'String', StringValue: askedAt } },
      }),
    }));
    const sentAt = Date.now();
    const { Successful = [] } = await this.#client.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
    for (const [index, request] of batch.entries()) {
      const id = Successful.find(({ Id }) => Id === String(index))?.MessageId;
      if (id === undefined) throw new Error('the queue refused a message');
      this.#recorder.noteSent(id, request, sentAt);
    }
  }

  async #messagesIn(QueueUrl: string): Promise<number> {
    const request = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...COUNTS] });
    const { Attributes = {} } = await this.#client.send(request);
    return COUNTS.reduce((sum, name) => sum + Number(Attributes[name] ?? 0), 0);
  }
}
