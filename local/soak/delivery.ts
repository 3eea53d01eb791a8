import { setTimeout as sleep } from 'node:timers/promises';
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { startEventSource } from '../event-source.ts';
import { unsettledRecords } from '../queue/batch-response.ts';
import { queueClient } from '../queue/client.ts';
import { messagesLeft } from './collect.ts';
import type { Recorder } from './history.ts';
import type { Processes } from './processes.ts';

/**
 * Passes batches to the processes. Loses the answers that the plan says: the handler has settled
 * the message, and the queue delivers it again.
 */
export class Delivery {
  readonly #recorder: Recorder;
  readonly #lost = new Set<string>();

  constructor(recorder: Recorder) {
    this.#recorder = recorder;
  }

  get lost(): number {
    return this.#lost.size;
  }

  /** Delivers one batch to one of the processes, and records for each message if its answer reached the queue. */
  async deliver(event: SQSEvent, processes: Processes): Promise<SQSBatchResponse> {
    const { Records: records } = event;
    for (const { messageId } of records) this.#recorder.seen.add(messageId);
    let environment = '';
    try {
      const answer = await processes.invoke(event, (name) => {
        environment = name;
      });
      const unsettled = unsettledRecords(answer, records);
      const lost = this.#lose(records.filter((record) => !unsettled.includes(record)));
      this.#recorder.noteDeliveries(records, environment, (id) => !lost.includes(id));
      const failed = [...unsettled.map(({ messageId }) => messageId), ...lost];
      return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
    } catch (error) {
      this.#recorder.noteDeliveries(records, environment, () => false);
      throw error;
    }
  }

  #lose(settled: readonly SQSRecord[]): string[] {
    return settled.flatMap(({ messageId }) => {
      const request = this.#recorder.requestOf(messageId);
      if (!request?.answerIsLost || this.#lost.has(messageId)) return [];
      this.#lost.add(messageId);
      request.afterLoss();
      return [messageId];
    });
  }
}

const POLL_MS = 100;
/**
 * Longer than any message stays hidden. When no message has left the queue for this long, none
 * will.
 */
const STUCK_MS = 45_000;

/** A queue and the processes that its messages are delivered to. */
export interface Route {
  readonly queueUrl: string;
  readonly batchSize: number;
  readonly processes: Processes;
}

/**
 * Delivers while `send` sends, and then until the queues are empty or no message leaves them any
 * more.
 */
export async function deliverAll(
  routes: readonly Route[],
  { delivery, recorder }: { readonly delivery: Delivery; readonly recorder: Recorder },
  send: () => Promise<void>,
): Promise<void> {
  const start = ({ queueUrl, batchSize, processes }: Route) =>
    startEventSource({
      queueUrl,
      batchSize,
      concurrency: processes.count,
      invoke: (event) => delivery.deliver(event, processes),
      onSettled: (record) => recorder.noteRemoved(record),
    });
  const queueUrls = routes.map(({ queueUrl }) => queueUrl);
  const client = queueClient(queueUrls[0] ?? '');
  const sources = await Promise.all(routes.map(start));
  try {
    await send();
    const isStuck = () => Date.now() - recorder.lastRemovalAt > STUCK_MS;
    while ((await messagesLeft(client, queueUrls)) > 0 && !isStuck()) await sleep(POLL_MS);
  } finally {
    await Promise.all(sources.map((source) => source.stop()));
    client.destroy();
  }
}
