import { CreateQueueCommand } from '@aws-sdk/client-sqs';
import * as v from 'valibot';
import {
  CANCEL_QUEUE,
  DEAD_LETTER_QUEUE,
  KILL_QUEUE,
  LOCAL_REGION,
  localQueueArn,
  localQueueUrl,
} from '../tools/queue-address.ts';
import { LOCAL_CREDENTIALS, queueClient } from '../tools/queue-client.ts';
import { type Fault, sqsEmulator } from './queue/emulator.ts';

const FOURTEEN_DAYS_SECONDS = 14 * 24 * 60 * 60;
const FOUR_DAYS_SECONDS = 4 * 24 * 60 * 60;

export type { Fault } from './queue/emulator.ts';

/** How the local queues are set up. The defaults are those of the deployed stack. */
export interface LocalQueuesOptions {
  /** Port on 127.0.0.1; 0, the default, takes any free one. */
  readonly port?: number;
  /**
   * The number of receives after which the redrive policy moves a message to the dead-letter queue.
   * Default 5.
   */
  readonly maxReceiveCount?: number;
  /** The same for the kill queue. Default 20. */
  readonly killMaxReceiveCount?: number;
  /** Whole seconds for which a received message stays hidden. Default 45. */
  readonly visibilitySeconds?: number;
}

/** A running SQS emulator with a cancel queue, a kill queue and their dead-letter queue. */
export interface LocalQueues {
  readonly endpoint: string;
  readonly cancelQueueUrl: string;
  readonly cancelQueueArn: string;
  readonly killQueueUrl: string;
  readonly killQueueArn: string;
  readonly deadLetterQueueUrl: string;
  /** Environment variables that point a handler and its AWS SDK at these queues. */
  readonly env: Readonly<Record<string, string>>;
  /** While set, it can fail any call. */
  fault: Fault | undefined;
  stop(): Promise<void>;
}

/**
 * Starts the local queues on 127.0.0.1 only. Redrive policy, retention (four days, and fourteen for
 * dead letters) and visibility timeout are those of the deployed stack.
 */
export async function startQueues(options: LocalQueuesOptions = {}): Promise<LocalQueues> {
  const { port = 0, maxReceiveCount = 5, killMaxReceiveCount = 20, visibilitySeconds = 45 } = options;
  const faults: Pick<LocalQueues, 'fault'> = { fault: undefined };
  const server = sqsEmulator((action, body) => faults.fault?.(action, body));
  const endpoint = await server.listen({ port, host: '127.0.0.1' });
  const urls = queueUrls(endpoint);
  await createQueues(endpoint, { maxReceiveCount, killMaxReceiveCount, visibilitySeconds });
  return Object.assign(faults, urls, {
    endpoint,
    cancelQueueArn: localQueueArn(CANCEL_QUEUE),
    killQueueArn: localQueueArn(KILL_QUEUE),
    env: environment(endpoint, urls, { maxReceiveCount, killMaxReceiveCount }),
    stop: async () => {
      await server.close();
    },
  });
}

const toDeadLetters = v.object({ QueueUrl: v.pipe(v.string(), v.endsWith(`/${DEAD_LETTER_QUEUE}`)) });

/** Refuses every message to the dead-letter queue with HTTP 503. */
export const refuseDeadLetters: Fault = (action, body) =>
  action.startsWith('SendMessage') && v.is(toDeadLetters, body)
    ? { status: 503, name: 'ServiceUnavailable', message: 'Refused by a test.' }
    : undefined;

function queueUrls(endpoint: string) {
  const port = Number(new URL(endpoint).port);
  return {
    cancelQueueUrl: localQueueUrl(CANCEL_QUEUE, port),
    killQueueUrl: localQueueUrl(KILL_QUEUE, port),
    deadLetterQueueUrl: localQueueUrl(DEAD_LETTER_QUEUE, port),
  };
}

interface ReceiveCounts {
  readonly maxReceiveCount: number;
  readonly killMaxReceiveCount: number;
}

async function createQueues(
  endpoint: string,
  { maxReceiveCount, killMaxReceiveCount, visibilitySeconds }: ReceiveCounts & { visibilitySeconds: number },
) {
  const client = queueClient(endpoint);
  const create = (QueueName: string, Attributes: Record<string, string>) =>
    client.send(new CreateQueueCommand({ QueueName, Attributes }));
  const requests = (receives: number) => ({
    MessageRetentionPeriod: String(FOUR_DAYS_SECONDS),
    VisibilityTimeout: String(visibilitySeconds),
    RedrivePolicy: JSON.stringify({
      deadLetterTargetArn: localQueueArn(DEAD_LETTER_QUEUE),
      maxReceiveCount: receives,
    }),
  });
  await create(DEAD_LETTER_QUEUE, { MessageRetentionPeriod: String(FOURTEEN_DAYS_SECONDS) });
  await create(CANCEL_QUEUE, requests(maxReceiveCount));
  await create(KILL_QUEUE, requests(killMaxReceiveCount));
  client.destroy();
}

function environment(
  endpoint: string,
  urls: ReturnType<typeof queueUrls>,
  { maxReceiveCount, killMaxReceiveCount }: ReceiveCounts,
) {
  return {
    AWS_ENDPOINT_URL_SQS: endpoint,
    AWS_REGION: LOCAL_REGION,
    AWS_ACCESS_KEY_ID: LOCAL_CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: LOCAL_CREDENTIALS.secretAccessKey,
    CANCEL_QUEUE_URL: urls.cancelQueueUrl,
    KILL_QUEUE_URL: urls.killQueueUrl,
    DEAD_LETTER_QUEUE_URL: urls.deadLetterQueueUrl,
    MAX_RECEIVE_COUNT: String(maxReceiveCount),
    KILL_MAX_RECEIVE_COUNT: String(killMaxReceiveCount),
  };
}
