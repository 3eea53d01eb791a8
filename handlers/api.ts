import type { Context } from 'aws-lambda';
import { parseBatch } from '../lib/cancel/batch.ts';
import { type DrillRequest, parseDrill } from '../lib/cancel/drill-request.ts';
import { type KillRequest, parseCancelAll, parseKill } from '../lib/cancel/kill-request.ts';
import { parseOpenOrdersRead, parseOrderRead, type ReadRequest } from '../lib/cancel/read-request.ts';
import { type CancelRequest, type Parsed, parseCancelRequest } from '../lib/cancel/request.ts';
import { loadConfig } from '../lib/config.ts';
import type { JsonObject } from '../lib/json.ts';
import type { DrillResult } from '../lib/outcome.ts';
import { Service } from '../lib/service.ts';
import { batchAnswer, killAnswer, massAnswer } from './group-answers.ts';
import { type HttpAnswer, laterAnswer, notConfigured, plainProblem, toHttpAnswer } from './http-answer.ts';
import { fieldsOf, type HttpEvent, pathOf, prefersAsync } from './http-request.ts';
import { readAnswer } from './read-answer.ts';

const service = new Service(loadConfig(process.env), 'api');

/** A request of a known path and method. */
interface ApiRequest {
  readonly fields: Parsed<JsonObject>;
  readonly job: ReturnType<typeof jobOf>;
  /** True if its caller asks not to wait for the outcome. */
  readonly isAsync: boolean;
}

type Route = (request: ApiRequest) => Promise<HttpAnswer>;

/** The exchange's own calls, and `POST /kills`. Each may have `/accounts/{account}` in front. */
const ROUTES: Readonly<Record<string, Readonly<Record<string, Route>>>> = {
  '/eapi/v1/order': { DELETE: cancelOrder, GET: (request) => look(request, 'order', parseOrderRead) },
  '/eapi/v1/openOrders': { GET: (request) => look(request, 'openOrders', parseOpenOrdersRead) },
  '/eapi/v1/batchOrders': { DELETE: cancelBatch },
  '/eapi/v1/allOpenOrders': { DELETE: (request) => cancelAll(request, 'symbol') },
  '/eapi/v1/allOpenOrdersByUnderlying': { DELETE: (request) => cancelAll(request, 'underlying') },
  '/kills': { POST: kill },
};

/**
 * Handles the requests of an HTTP API of API Gateway (payload 2.0). Any other event is a drill, and
 * an HTTP request never is.
 */
export async function handler(
  event: HttpEvent | DrillRequest,
  context: Context,
): Promise<HttpAnswer | DrillResult> {
  if (!('requestContext' in event)) return drill(event, context);
  const { requestId, http } = event.requestContext;
  const { route: path, account } = pathOf(event.rawPath);
  const methods = ROUTES[path];
  if (methods === undefined) return notFound(event.rawPath, requestId);
  const route = methods[http.method];
  if (route === undefined) return methodNotAllowed(http.method, Object.keys(methods).join(', '), requestId);
  try {
    const fields = fieldsOf(event, account);
    return await route({ fields, job: jobOf(event, context), isAsync: prefersAsync(event) });
  } finally {
    await service.flush(context.getRemainingTimeInMillis());
  }
}

async function drill(event: DrillRequest, context: Context): Promise<DrillResult> {
  const { awsRequestId: requestId } = context;
  const remainingMs = context.getRemainingTimeInMillis();
  try {
    const job = { requestId, lambdaRequestId: requestId, remainingMs };
    return await service.drill({ ...job, parsed: parseDrill(event) });
  } finally {
    await service.flush(context.getRemainingTimeInMillis());
  }
}

function jobOf({ requestContext }: HttpEvent, context: Context) {
  return {
    requestId: requestContext.requestId,
    lambdaRequestId: context.awsRequestId,
    remainingMs: context.getRemainingTimeInMillis(),
    askedAt: requestContext.timeEpoch,
    caller: requestContext.authorizer?.iam?.userArn,
  };
}

async function cancelOrder({ fields, job, isAsync }: ApiRequest): Promise<HttpAnswer> {
  const parsed = fields.ok ? parseCancelRequest(fields.value) : fields;
  const later = isAsync
    ? laterAnswer(await service.cancelLater({ ...job, parsed }), job.requestId)
    : undefined;
  if (later !== undefined) return later;
  const looksFirst = parsed.ok && parsed.value.askedAt !== undefined; // it may not have been asked just now
  const { settlement, deadLetterMessageId } = await service.settle({ ...job, parsed, looksFirst });
  return toHttpAnswer(settlement, { requestId: job.requestId, deadLetterMessageId });
}

/** A batch is always waited for: its answer is an array of orders. */
async function cancelBatch({ fields, job }: ApiRequest): Promise<HttpAnswer> {
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

function kill(request: ApiRequest): Promise<HttpAnswer> {
  return killWith(request, parseKill, killAnswer);
}

/** A cancel-all of the exchange. Its scope is the one field that this path has. */
function cancelAll(request: ApiRequest, field: 'symbol' | 'underlying'): Promise<HttpAnswer> {
  return killWith(
    request,
    (fields) => parseCancelAll(fields, field),
    (settled) => massAnswer(settled, field),
  );
}

async function killWith(
  { fields, job, isAsync }: ApiRequest,
  parse: (fields: JsonObject) => Parsed<KillRequest>,
  answerOf: typeof killAnswer,
): Promise<HttpAnswer> {
  if (!service.hasKillQueue) return notConfigured('KILL_QUEUE_URL', job.requestId);
  const parsed = fields.ok ? parse(fields.value) : fields;
  const later = isAsync ? laterAnswer(await service.killLater({ ...job, parsed }), job.requestId) : undefined;
  return later ?? answerOf(await service.kill({ ...job, parsed }));
}

async function look(
  { fields, job }: ApiRequest,
  what: 'order' | 'openOrders',
  parse: (fields: JsonObject) => Parsed<ReadRequest>,
): Promise<HttpAnswer> {
  const parsed = fields.ok ? parse(fields.value) : fields;
  return readAnswer(await service.read(what, { ...job, parsed }), job.requestId);
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
