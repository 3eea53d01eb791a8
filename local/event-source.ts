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
  /** The maximum number of messages in a batch, which does not wait to fill up. Default 10. */
  readonly batchSize?: number;
  /** The maximum number of batches at once. Default 2. */
  readonly concurrency?: number;
  /** Called for each message that has been deleted from the queue. */
  readonly onSettled?: (record: SQSRecord) => void;
  /** Called when the handler throws or a call to the queue fails. Neither ends the delivery. */
  readonly onError?: (error: unknown) => void;
}

export interface EventSource {
  /** Stops receiving and waits for the running batches. */
  stop(): Promise<void>;
}

interface Mapping extends EventSourceOptions {
  readonly client: SQSClient;
  readonly queueArn: string;
}

/**
 * Delivers a queue's messages as Lambda's SQS event source mapping does. A message that its batch
 * does not settle stays in the queue and reappears when its visibility timeout ends.
 *
 * @throws Error when the queue cannot be reached or does not exist
 */
export async function startEventSource(options: EventSourceOptions): Promise<EventSource> {
  const client = queueClient(options.queueUrl);
  const mapping = { ...options, client, queueArn: await arnOf(client, options.queueUrl) };
  const stopping = new AbortController();
  const pollers = Array.from({ length: options.concurrency ?? 2 }, () => poll(mapping, stopping.signal));
  return {
    stop: async () => {
      stopping.abort();
      await Promise.all(pollers);
      client.destroy();
    },
  };
}

async function arnOf(client: SQSClient, QueueUrl: string): Promise<string> {
  const request = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] });
  const { Attributes: { QueueArn = '' } = {} } = await client.send(request);
  return QueueArn;
}

async function poll(mapping: Mapping, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      await deliver(mapping, await receive(mapping));
    } catch (error) {
      mapping.onError?.(error);
      await delay(1000, undefined, { signal }).catch(() => undefined);
    }
  }
}

/**
 * Receives once. It is never aborted, since messages received during it would stay hidden until
 * their timeout.
 */
async function receive({ client, queueUrl, queueArn, batchSize = 10 }: Mapping): Promise<SQSRecord[]> {
  const request = new ReceiveMessageCommand({
    QueueUrl: queueUrl,
    MaxNumberOfMessages: batchSize,
    WaitTimeSeconds: 1,
    MessageAttributeNames: ['All'],
    MessageSystemAttributeNames: ['All'],
  });
  const { Messages = [] } = await client.send(request);
  return Messages.map((message) => toRecord(message, queueArn));
}

async function deliver(mapping: Mapping, records: SQSRecord[]): Promise<void> {
  if (records.length === 0) return;
  const unsettled = await handle(mapping, records);
  const settled = records.filter((record) => !unsettled.includes(record));
  if (settled.length > 0) await remove(mapping, settled);
}

/** Returns the records that the handler does not settle. */
async function handle({ invoke, onError }: Mapping, records: SQSRecord[]): Promise<readonly SQSRecord[]> {
  try {
    return unsettledRecords(await invoke({ Records: records }), records);
  } catch (error) {
    onError?.(error);
    return records;
  }
}

async function remove({ client, queueUrl, onSettled, onError }: Mapping, records: SQSRecord[]) {
  const Entries = records.map(({ messageId, receiptHandle }) => ({
    Id: messageId,
    ReceiptHandle: receiptHandle,
  }));
  const request = new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries });
  const { Failed = [] } = await client.send(request);
  const failed = new Map(Failed.map(({ Id, Message }) => [Id, Message]));
  for (const record of records) if (!failed.has(record.messageId)) onSettled?.(record);
  for (const [id, reason] of failed) onError?.(new Error(`${id} could not be deleted: ${reason}`));
}
