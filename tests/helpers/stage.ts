import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { ExchangeOptions } from '../../local/exchange.ts';
import { type HttpRequestParts, httpEvent } from '../../local/http-event.ts';
import { lambdaContext, loadHandler } from '../../local/lambda.ts';
import { startLocalStack } from '../../local/stack.ts';
import { startEventBus } from './event-bus.ts';
import { takeDeadLetters } from './queue-probe.ts';

export { SECRET_ID } from '../../local/stack.ts';

/** An answer of the API handler. */
export interface ApiAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

type Environment = Readonly<Record<string, string>>;

/** A request, and the ARN of the IAM identity that has signed it, if one has. */
export type ApiRequest = HttpRequestParts & { readonly userArn?: string };

/** Invokes the API handler with one request and the time it has, in milliseconds. */
export type ApiCall = (request: ApiRequest, timeoutMs?: number) => Promise<ApiAnswer>;
/** Invokes the queue handler with one batch. */
export type QueueCall = (event: SQSEvent, timeoutMs?: number) => Promise<SQSBatchResponse>;
/** Invokes the schedule handler with whatever a schedule or a rule sends. */
export type ScheduleCall = (event: unknown, timeoutMs?: number) => Promise<unknown>;

/** Loads a fresh execution environment of a function, with exactly these variables. */
export async function loadFunction<R = unknown, E = unknown>(
  name: string,
  env: Environment,
): Promise<(event: E, timeoutMs?: number) => Promise<R>> {
  const handler = await loadHandler<E, R>(new URL(`../../handlers/${name}.ts`, import.meta.url), env);
  return (event, timeoutMs = 10_000) => handler(event, lambdaContext({ functionName: name, timeoutMs }));
}

/** Loads the API handler with exactly this environment. */
export async function loadApiIn(env: Environment): Promise<ApiCall> {
  const invoke = await loadFunction<ApiAnswer>('api', env);
  return ({ userArn, ...request }, timeoutMs) => {
    const event = httpEvent(request);
    if (userArn === undefined) return invoke(event, timeoutMs);
    const requestContext = { ...event.requestContext, authorizer: { iam: { userArn } } };
    return invoke({ ...event, requestContext }, timeoutMs);
  };
}

/** The whole surroundings of a handler, on loopback: exchange, secrets, queues, event bus, and the environment. */
export type Stage = Awaited<ReturnType<typeof startStage>>;

/** Starts all of it. `POWERTOOLS_LOG_LEVEL` is silent unless a test says otherwise, and `EVENT_BUS_NAME` not set. */
export async function startStage(options: ExchangeOptions = {}) {
  const [stack, eventBus] = await Promise.all([startLocalStack({ exchange: options }), startEventBus()]);
  const env: Environment = {
    ...stack.env,
    AWS_ENDPOINT_URL_EVENTBRIDGE: eventBus.url,
    POWERTOOLS_LOG_LEVEL: 'SILENT',
    POWERTOOLS_METRICS_DISABLED: 'true',
  };
  return {
    ...stack,
    eventBus,
    env,
    /** A fresh execution environment of the API handler; `more` goes over the stage's own. */
    loadApi: (more?: Environment) => loadApiIn({ ...env, ...more }),
    loadQueue: (more?: Environment) => loadFunction<SQSBatchResponse, SQSEvent>('queue', { ...env, ...more }),
    loadSchedule: (more?: Environment) => loadFunction('schedule', { ...env, ...more }),
    /** Takes the dead letters off their queue. */
    takeDeadLetters: () => takeDeadLetters(stack.queues),
    stop: async () => {
      await Promise.all([stack.stop(), eventBus.stop()]);
    },
  };
}
