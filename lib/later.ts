import { type KillRequest, killToJson } from './cancel/kill-request.ts';
import { type CancelRequest, toJson } from './cancel/request.ts';
import type { Environment } from './environment.ts';
import type { Checked, Job } from './job.ts';

/**
 * The fate of a request that is to be carried out from its queue:
 * - `queued`: the message is on the queue
 * - `refused`: the queue did not confirm it, so it may not be carried out
 * - `no-queue`: this variable, the queue's URL, is not set
 * - `invalid`: the request is not valid, and was not sent
 */
export type Later =
  | { readonly kind: 'queued'; readonly queueMessageId: string }
  | { readonly kind: 'refused' }
  | { readonly kind: 'invalid' }
  | { readonly kind: 'no-queue'; readonly variable: string };

/** Puts a cancel on the cancel queue, with the moment at which it was wanted. Never rejects. */
export function cancelLater(environment: Environment, job: Job<CancelRequest>): Promise<Later> {
  return send(environment, job, 'CANCEL_QUEUE_URL', environment.checked(job.parsed, job.askedAt), toJson);
}

/** Puts a kill on the kill queue, with its id and the moment at which it was wanted. Never rejects. */
export function killLater(environment: Environment, job: Job<KillRequest>): Promise<Later> {
  const request = environment.checked(job.parsed, job.askedAt);
  const toBody = (kill: KillRequest) => killToJson({ killId: job.requestId, ...kill });
  return send(environment, job, 'KILL_QUEUE_URL', request, toBody);
}

async function send<Request>(
  { config, delivery, effects, telemetry }: Environment,
  job: Job<Request>,
  variable: 'CANCEL_QUEUE_URL' | 'KILL_QUEUE_URL',
  request: Checked<Request>,
  toBody: (request: Request) => string,
): Promise<Later> {
  const queueUrl = config[variable];
  if (queueUrl === undefined) return { kind: 'no-queue', variable };
  if (!request.ok) return { kind: 'invalid' };
  const { requestId, caller, lambdaRequestId } = job;
  const of = { requestId, endsAt: effects.monotonic() + job.remainingMs, onBehalfOf: caller };
  const queueMessageId = await delivery.send(queueUrl, toBody(request.value), of);
  if (queueMessageId === undefined) return { kind: 'refused' };
  telemetry.sentToQueue({ requestId, lambdaRequestId, caller, queueMessageId });
  return { kind: 'queued', queueMessageId };
}
