import { fieldsFromJson } from '../lib/cancel/fields.ts';
import { isKill } from '../lib/cancel/kill-request.ts';
import { type Environment, printable, UsageError } from './terminal.ts';

/** The default port of the local service's queues. */
export const LOCAL_QUEUE_PORT = 4566;

/** The region of the local queues, which is the stack's default. */
export const LOCAL_REGION = 'ap-northeast-1';

export const CANCEL_QUEUE = 'cancel';
export const KILL_QUEUE = 'kill';
export const DEAD_LETTER_QUEUE = 'cancel-dead-letters';

const LOCAL_ACCOUNT = '000000000000';
const LOOPBACK = new Set(['127.0.0.1', '[::1]', 'localhost']);

/**
 * Returns the URL of a local queue. It has an address, since names such as `sqs.region.localhost`
 * do not resolve everywhere.
 */
export function localQueueUrl(name: string, port = LOCAL_QUEUE_PORT): string {
  return `http://127.0.0.1:${port}/${LOCAL_ACCOUNT}/${name}`;
}

export function localQueueArn(name: string): string {
  return `arn:aws:sqs:${LOCAL_REGION}:${LOCAL_ACCOUNT}:${name}`;
}

/**
 * Returns the URL of the queue for a message: for a kill KILL_QUEUE_URL, or the cancel queue where
 * only that is set, since it takes kills too; else CANCEL_QUEUE_URL. Without both, the local
 * service's.
 */
export function queueUrlFor(body: string, { CANCEL_QUEUE_URL, KILL_QUEUE_URL }: Environment): string {
  const fields = fieldsFromJson(body);
  return fields.ok && isKill(fields.value)
    ? (KILL_QUEUE_URL ?? CANCEL_QUEUE_URL ?? localQueueUrl(KILL_QUEUE))
    : (CANCEL_QUEUE_URL ?? localQueueUrl(CANCEL_QUEUE));
}

/** Checks that an option's value is the URL of a queue. @throws UsageError that names the option */
export function queueUrlOf(value: string, option: string): string {
  const url = URL.parse(value);
  if (url?.protocol === 'https:' || url?.protocol === 'http:') return value;
  throw new UsageError(`${option} is not the URL of a queue: ${printable(value)}`);
}

/** Returns true when a queue URL points at this machine. */
export function isLocal(queueUrl: string): boolean {
  return LOOPBACK.has(new URL(queueUrl).hostname);
}
