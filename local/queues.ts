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

const DAY_SECONDS = 24 * 60 * 60;

export type { Fault } from './queue/emulator.ts';

/** How the local queues are set up. The defaults are those of the deployed stack. */
export interface LocalQueuesOptions {
  /** Port on 127.0.0.1; 0, the default, takes any free one. */
  readonly port?: number;
  /** Receives after which a message moves to the dead-letter queue; default 5, for kills 20. */
  readonly maxReceiveCount?: number;
  readonly killMaxReceiveCount?: number;
  /** Whole seconds for which a received message stays hidden. Default 45. */
  readonly visibilitySeconds?: number;
}

/** A running SQS emulator with a cancel queue, a kill queue and their dead-letter queue. */
export type LocalQueues = Awaited<ReturnType<typeof startQueues>>;

/**
 * Starts the local queues on 127.0.0.1 only. Redrive policy, retention (four days, and fourteen for
 * dead letters) and visibility timeout are those of the deployed stack.
 */
export async function startQueues(options: LocalQueuesOptions = {}) {
  const { port = 0, maxReceiveCount = 5, killMaxReceiveCount = 20, visibilitySeconds = 45 } = options;
  /** While `fault` is set, it can fail any call. */
  const faults: Record<'fault', Fault | undefined> = { fault: undefined };
  const server = sqsEmulator((action, body) => faults.fault?.(action, body));
  const endpoint = await server.listen({ port, host: '127.0.0.1' });
  await createQueues(endpoint, String(visibilitySeconds), maxReceiveCount, killMaxReceiveCount);
  const urlOf = (name: string) => localQueueUrl(name, Number(new URL(endpoint).port));
  const cancelQueueUrl = urlOf(CANCEL_QUEUE);
  const killQueueUrl = urlOf(KILL_QUEUE);
  const deadLetterQueueUrl = urlOf(DEAD_LETTER_QUEUE);
  return Object.assign(faults, {
    endpoint,
    cancelQueueUrl,
    cancelQueueArn: localQueueArn(CANCEL_QUEUE),
    killQueueUrl,
    killQueueArn: localQueueArn(KILL_QUEUE),
    deadLetterQueueUrl,
    /** Environment variables that point a handler and its AWS SDK at these queues. */
    env: {
      AWS_ENDPOINT_URL_SQS: endpoint,
      AWS_REGION: LOCAL_REGION,
      AWS_ACCESS_KEY_ID: LOCAL_CREDENTIALS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: LOCAL_CREDENTIALS.secretAccessKey,
      CANCEL_QUEUE_URL: cancelQueueUrl,
      KILL_QUEUE_URL: killQueueUrl,
      DEAD_LETTER_QUEUE_URL: deadLetterQueueUrl,
      MAX_RECEIVE_COUNT: String(maxReceiveCount),
      KILL_MAX_RECEIVE_COUNT: String(killMaxReceiveCount),
    },
    stop: async () => {
      await server.close();
    },
  });
}

async function createQueues(
  endpoint: string,
  VisibilityTimeout: string,
  cancelReceives: number,
  killReceives: number,
): Promise<void> {
  using client = queueClient(endpoint);
  const create = (QueueName: string, days: number, attributes: Record<string, string> = {}) => {
    const Attributes = { MessageRetentionPeriod: String(days * DAY_SECONDS), ...attributes };
    return client.send(new CreateQueueCommand({ QueueName, Attributes }));
  };
  const createFor = (QueueName: string, maxReceiveCount: number) => {
    const policy = { deadLetterTargetArn: localQueueArn(DEAD_LETTER_QUEUE), maxReceiveCount };
    return create(QueueName, 4, { VisibilityTimeout, RedrivePolicy: JSON.stringify(policy) });
  };
  await create(DEAD_LETTER_QUEUE, 14);
  await createFor(CANCEL_QUEUE, cancelReceives);
  await createFor(KILL_QUEUE, killReceives);
}

const toDeadLetters = v.object({ QueueUrl: v.pipe(v.string(), v.endsWith(`/${DEAD_LETTER_QUEUE}`)) });

/** Refuses every message to the dead-letter queue with HTTP 503. */
export const refuseDeadLetters: Fault = (action, body) =>
  action.startsWith('SendMessage') && v.is(toDeadLetters, body)
    ? { status: 503, name: 'ServiceUnavailable', message: 'Refused by a test.' }
    : undefined;
