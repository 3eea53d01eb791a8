import type { APIGatewayProxyEventV2, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { ExchangeOptions } from '../../local/exchange.ts';
import { type HttpRequestParts, httpEvent } from '../../local/http-event.ts';
import { lambdaContext, loadHandler } from '../../local/lambda.ts';
import { type LocalStack, startLocalStack } from '../../local/stack.ts';
import { type QueueMessageFound, takeDeadLetters } from './queue-probe.ts';

export { SECRET_ID } from '../../local/stack.ts';

/** An answer of the API handler. */
export interface ApiAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The whole surroundings of a handler, on loopback: exchange, secrets, queues, and the environment that names them. */
export interface Stage extends LocalStack {
  /** A fresh execution environment of the API handler; `env` goes over the stage's own. */
  loadApi(env?: Environment): Promise<ApiCall>;
  loadQueue(env?: Environment): Promise<QueueCall>;
  loadSchedule(env?: Environment): Promise<ScheduleCall>;
  /** Takes the dead letters off their queue. */
  takeDeadLetters(): Promise<QueueMessageFound[]>;
}

type Environment = Readonly<Record<string, string>>;

/** Invokes the API handler with one request and the time it has, in milliseconds. */
export type ApiCall = (request: HttpRequestParts, timeoutMs?: number) => Promise<ApiAnswer>;
/** Invokes the queue handler with one batch. */
export type QueueCall = (event: SQSEvent, timeoutMs?: number) => Promise<SQSBatchResponse>;
/** Invokes the schedule handler with whatever a schedule or a rule sends. */
export type ScheduleCall = (event: unknown, timeoutMs?: number) => Promise<unknown>;

/** Loads the API handler with exactly this environment. */
export async function loadApiIn(env: Environment): Promise<ApiCall> {
  const url = new URL('../../handlers/api.ts', import.meta.url);
  const handler = await loadHandler<APIGatewayProxyEventV2, ApiAnswer>(url, env);
  return (request, timeoutMs = 10_000) =>
    handler(httpEvent(request), lambdaContext({ functionName: 'api', timeoutMs }));
}

/** Starts all of it. `POWERTOOLS_LOG_LEVEL` is silent unless a test says otherwise. */
export async function startStage(options: ExchangeOptions = {}): Promise<Stage> {
  const stack = await startLocalStack({ exchange: options });
  const env = { ...stack.env, POWERTOOLS_LOG_LEVEL: 'SILENT', POWERTOOLS_METRICS_DISABLED: 'true' };
  const load = async <E, R>(name: 'queue' | 'schedule', more: Environment = {}) => {
    const url = new URL(`../../handlers/${name}.ts`, import.meta.url);
    const handler = await loadHandler<E, R>(url, { ...env, ...more });
    return (event: E, timeoutMs = 10_000) => handler(event, lambdaContext({ functionName: name, timeoutMs }));
  };
  return {
    ...stack,
    env,
    loadApi: (more) => loadApiIn({ ...env, ...more }),
    loadQueue: (more) => load<SQSEvent, SQSBatchResponse>('queue', more),
    loadSchedule: (more) => load<unknown, unknown>('schedule', more),
    takeDeadLetters: () => takeDeadLetters(stack.queues),
  };
}
