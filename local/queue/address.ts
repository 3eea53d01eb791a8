/** The port that the local service's queues listen on, unless told otherwise. */
export const LOCAL_QUEUE_PORT = 4566;

/** The region that the local queues are in: the one the stack is deployed to by default. */
export const LOCAL_REGION = 'ap-northeast-1';

/** The names of the local queues. */
export const CANCEL_QUEUE = 'cancel';
export const DEAD_LETTER_QUEUE = 'cancel-dead-letters';

const LOCAL_ACCOUNT = '000000000000';
const LOOPBACK = new Set(['127.0.0.1', '[::1]', 'localhost']);

/** The URL of a local queue. It holds the address itself, since names such as `sqs.region.localhost` do not resolve everywhere. */
export function localQueueUrl(name: string, port = LOCAL_QUEUE_PORT): string {
  return `http://127.0.0.1:${port}/${LOCAL_ACCOUNT}/${name}`;
}

/** The ARN of a local queue. */
export function localQueueArn(name: string): string {
  return `arn:aws:sqs:${LOCAL_REGION}:${LOCAL_ACCOUNT}:${name}`;
}

/** Whether a queue URL points at this machine. */
export function isLocal(queueUrl: string): boolean {
  return LOOPBACK.has(new URL(queueUrl).hostname);
}
