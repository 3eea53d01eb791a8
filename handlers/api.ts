import type { Context } from 'aws-lambda';
import { parseBatch } from '../lib/cancel/batch.ts';
import { parseCancelAll, parseKill } from '../lib/cancel/kill-request.ts';
import { type CancelRequest, type Parsed, parseCancelRequest } from '../lib/cancel/request.ts';
import { loadConfig } from '../lib/config.ts';
import { Service } from '../lib/service.ts';
import { batchAnswer, killAnswer, massAnswer } from './group-answers.ts';
import { type HttpAnswer, plainProblem, toHttpAnswer } from './http-answer.ts';
import { fieldsOf, type HttpEvent } from './http-request.ts';

const service = new Service(loadConfig(process.env), 'api');

/** Answers one request, with what the trigger knows of it. */
type Route = (event: HttpEvent, job: ReturnType<typeof jobOf>) => Promise<HttpAnswer>;

/** The exchange's own calls, and `POST /kills`. */
const ROUTES: Readonly<Record<string, Readonly<Record<string, Route>>>> = {
  '/eapi/v1/order': { DELETE: cancelOrder },
  '/eapi/v1/batchOrders': { DELETE: cancelBatch },
  '/eapi/v1/allOpenOrders': { DELETE: (event, job) => killAll(event, job, 'symbol') },
  '/eapi/v1/allOpenOrdersByUnderlying': { DELETE: (event, job) => killAll(event, job, 'underlying') },
  '/kills': { POST: kill },
};

/** Handles the requests of an HTTP API of API Gateway (payload 2.0). */
export async function handler(event: HttpEvent, context: Context): Promise<HttpAnswer> {
  const { requestId, http } = event.requestContext;
  const methods = ROUTES[event.rawPath];
  if (methods === undefined) return notFound(event.rawPath, requestId);
  const route = methods[http.method];
  if (route === undefined) return methodNotAllowed(http.method, Object.keys(methods).join(', '), requestId);
  try {
    return await route(event, jobOf(event, context));
  } finally {
    service.flush();
  }
}

function jobOf({ requestContext }: HttpEvent, context: Context) {
  return {
    requestId: requestContext.requestId,
    remainingMs: context.getRemainingTimeInMillis(),
    askedAt: requestContext.timeEpoch,
    caller: requestContext.authorizer?.iam?.userArn,
  };
}

async function cancelOrder(event: HttpEvent, job: ReturnType<typeof jobOf>): Promise<HttpAnswer> {
  const fields = fieldsOf(event);
  const parsed = fields.ok ? parseCancelRequest(fields.value) : fields;
  const looksFirst = parsed.ok && parsed.value.askedAt !== undefined; // it may not have been asked just now
  const { settlement, deadLetterMessageId } = await service.settle({ ...job, parsed, looksFirst });
  return toHttpAnswer(settlement, { requestId: job.requestId, deadLetterMessageId });
}

async function cancelBatch(event: HttpEvent, job: ReturnType<typeof jobOf>): Promise<HttpAnswer> {
  const fields = fieldsOf(event);
  const batch: Parsed<readonly CancelRequest[]> = fields.ok ? parseBatch(fields.value) : fields;
  if (!batch.ok) {
    const { settlement } = await service.settle({ ...job, parsed: batch, looksFirst: false });
    return toHttpAnswer(settlement, { requestId: job.requestId, deadLetterMessageId: undefined });
  }
  const settled = await Promise.all(
    batch.value.map((value, index) => {
      const requestId = `${job.requestId}/${index}`;
      const looksFirst = value.askedAt !== undefined;
      return service.settle({ ...job, requestId, parsed: { ok: true, value }, looksFirst });
    }),
  );
  return batchAnswer(settled, job.requestId);
}

async function kill(event: HttpEvent, job: ReturnType<typeof jobOf>): Promise<HttpAnswer> {
  if (!service.hasKillQueue) return noKillQueue(job.requestId);
  const fields = fieldsOf(event);
  return killAnswer(await service.kill({ ...job, parsed: fields.ok ? parseKill(fields.value) : fields }));
}

/** A cancel-all of the exchange. Its scope is the one field that this path has. */
async function killAll(
  event: HttpEvent,
  job: ReturnType<typeof jobOf>,
  field: 'symbol' | 'underlying',
): Promise<HttpAnswer> {
  if (!service.hasKillQueue) return noKillQueue(job.requestId);
  const fields = fieldsOf(event);
  const parsed = fields.ok ? parseCancelAll(fields.value, field) : fields;
  return massAnswer(await service.kill({ ...job, parsed }), field);
}

function notFound(path: string, requestId: string): HttpAnswer {
  const detail = `no such path: ${path.slice(0, 100)}; the paths are ${Object.keys(ROUTES).join(', ')}`;
  return plainProblem(404, 'No such path', detail, requestId);
}

function methodNotAllowed(method: string, allowed: string, requestId: string): HttpAnswer {
  const detail = `${method} does nothing here: send ${allowed}`;
  const answer = plainProblem(405, 'Method not allowed', detail, requestId);
  return { ...answer, headers: { ...answer.headers, allow: allowed } };
}

const noKillQueue = (requestId: string): HttpAnswer =>
  plainProblem(501, 'Kills are not set up', 'KILL_QUEUE_URL is missing: set it to the kill queue', requestId);
