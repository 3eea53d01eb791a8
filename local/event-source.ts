import { setTimeout as delay } from 'node:timers/promises';
import {
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { SQSEvent, SQSRecord } from 'aws-lambda';
import { queueClient } from '../tools/queue-client.ts';
import { unsettledRecords } from './queue/batch-response.ts';
import { toRecord } from './queue/records.ts';

export interface EventSourceOptions {
  readonly queueUrl: string;
  /** Handles one batch. Its answer is read as Lambda reads it with `ReportBatchItemFailures`. */
  readonly invoke: (event: SQSEvent) => Promise<unknown>;
  /**
   * The maximum number of messages in a batch, 1 to 10; default 10. A batch does not wait to fill
   * up.
   */
  readonly batchSize?: number;
  /** The maximum number of batches at once. Default 2. */
  readonly concurrency?: number;
  /** Seconds of long polling, 0 to 20; `stop` can take as long. Default 1. */
  readonly waitSeconds?: number;
  /** Milliseconds between a failed call to the queue and the next. Default 1000. */
  readonly retryMs?: number;
  /** Called for each message that has been deleted from the queue. */
  readonly onSettled?: (record: SQSRecord) => void;
  /** Called for each message left in the queue, with the error if the handler threw one. */
  readonly onReturned?: (record: SQSRecord, error?: unknown) => void;
  /** Called when a call to the queue fails. The call is made again. */
  readonly onError?: (error: unknown) => void;
}

export interface EventSource {
  /** Stops receiving and waits for the running batches. */
  stop(): Promise<void>;
}

/**
 * Delivers a queue's messages as Lambda's SQS event source mapping does. A message that its batch
 * does not settle stays in the queue and reappears when its visibility timeout ends.
 *
 * @throws Error when the queue cannot be reached or does not exist
 */
export async function startEventSource(options: EventSourceOptions): Promise<EventSource> {
  const client = queueClient(options.queueUrl);
  const mapping = new Mapping(client, await arnOf(client, options.queueUrl), options);
  const pollers = Array.from({ length: options.concurrency ?? 2 }, () => mapping.poll());
  return {
    stop: async () => {
      mapping.stopping.abort();
      await Promise.all(pollers);
      client.destroy();
    },
  };
}

async function arnOf(client: SQSClient, queueUrl: string): Promise<string> {
  const request = { QueueUrl: queueUrl, AttributeNames: ['QueueArn' as const] };
  const { Attributes } = await client.send(new GetQueueAttributesCommand(request));
  if (Attributes?.QueueArn === undefined) throw new Error(`${queueUrl} has no ARN`);
  return Attributes.QueueArn;
}

class Mapping {
  readonly stopping = new AbortController();
  readonly #client: SQSClient;
  readonly #queueArn: string;
  readonly #options: EventSourceOptions;

  constructor(client: SQSClient, queueArn: string, options: EventSourceOptions) {
    this.#client = client;
    this.#queueArn = queueArn;
    this.#options = options;
  }

  async poll(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      try {
        const records = await this.#receive();
        if (records.length > 0) await this.#deliver(records);
      } catch (error) {
        this.#options.onError?.(error);
        await this.#pause();
      }
    }
  }

  /**
   * Never aborts a receive, since messages received during it would stay hidden until their
   * timeout.
   */
  async #receive(): Promise<SQSRecord[]> {
    const request = new ReceiveMessageCommand({
      QueueUrl: this.#options.queueUrl,
      MaxNumberOfMessages: this.#options.batchSize ?? 10,
      WaitTimeSeconds: this.#options.waitSeconds ?? 1,
      MessageAttributeNames: ['All'],
      MessageSystemAttributeNames: ['All'],
    });
    const { Messages = [] } = await this.#client.send(request);
    return Messages.map((message) => toRecord(message, this.#queueArn));
  }

  async #deliver(records: readonly SQSRecord[]): Promise<void> {
    const { unsettled, error } = await this.#invoke(records);
    for (const record of unsettled) this.#options.onReturned?.(record, error);
    await this.#delete(records.filter((record) => !unsettled.includes(record)));
  }

  async #invoke(records: readonly SQSRecord[]) {
    try {
      const answer = await this.#options.invoke({ Records: [...records] });
      return { unsettled: unsettledRecords(answer, records) };
    } catch (error) {
      return { unsettled: records, error };
    }
  }

  async #delete(records: readonly SQSRecord[]): Promise<void> {
    if (records.length === 0) return;
    const Entries = records.map(({ messageId, receiptHandle }) => ({
      Id: messageId,
      ReceiptHandle: receiptHandle,
    }));
    const request = new DeleteMessageBatchCommand({ QueueUrl: this.#options.queueUrl, Entries });
    const { Failed = [] } = await this.#client.send(request);
    const failed = new Map(Failed.map(({ Id, Message }) => [Id, Message]));
    for (const record of records) {
      if (!failed.has(record.messageId)) this.#options.onSettled?.(record);
    }
    for (const [id, reason] of failed)
      this.#options.onError?.(new Error(`${id} could not be deleted: ${reason}`));
  }

  async #pause(): Promise<void> {
    const { retryMs = 1000 } = this.#options;
    await delay(retryMs, undefined, { signal: this.stopping.signal }).catch(() => undefined);
  }
}
