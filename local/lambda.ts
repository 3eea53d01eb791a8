import { randomUUID } from 'node:crypto';
import type { Context } from 'aws-lambda';

export type LambdaHandler<E, R> = (event: E, context: Context) => Promise<R>;

const SERVICE_VARIABLES =
  /^(?:AWS_|BINANCE_|POWERTOOLS_)|_QUEUE_URL$|^(?:EVENT_BUS_NAME|SECRET_TTL_SECONDS|QUEUE_BUDGET_MS|(?:KILL_)?MAX_RECEIVE_COUNT)$/;

/**
 * Returns a new context, as Lambda makes for each invocation. The remaining time becomes negative
 * `timeoutMs` from now.
 */
export function lambdaContext({
  functionName,
  timeoutMs,
}: {
  readonly functionName: string;
  readonly timeoutMs: number;
}): Context {
  const deadline = Date.now() + timeoutMs;
  return {
    functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: `arn:aws:lambda:ap-northeast-1:000000000000:function:${functionName}`,
    memoryLimitInMB: '512',
    awsRequestId: randomUUID(),
    logGroupName: `/aws/lambda/${functionName}`,
    logStreamName: 'local',
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => deadline - Date.now(),
    done: removedFromLambda,
    fail: removedFromLambda,
    succeed: removedFromLambda,
  };
}

function removedFromLambda(): never {
  throw new Error('Lambda has no done, fail and succeed any more: return a promise');
}

/**
 * Loads a handler in this process as a new execution environment would: evaluates the module again,
 * with only those variables of this service, AWS and Powertools that `env` has (it removes the
 * others from `process.env`). Modules that the handler imports are shared with environments loaded
 * earlier. Load one at a time.
 *
 * @throws Error when the module exports no function named `handler`; any error of the module itself
 */
export async function loadHandler<E, R>(
  moduleUrl: URL,
  env: Readonly<Record<string, string>>,
): Promise<LambdaHandler<E, R>> {
  for (const name of Object.keys(process.env)) {
    if (SERVICE_VARIABLES.test(name)) delete process.env[name];
  }
  Object.assign(process.env, env);
  return importHandler(new URL(`?environment=${randomUUID()}`, moduleUrl));
}

/** Imports a module and returns its handler. @throws as `loadHandler` does */
export async function importHandler<E, R>(url: URL): Promise<LambdaHandler<E, R>> {
  const { handler }: { readonly handler?: LambdaHandler<E, R> } = await import(url.href);
  if (typeof handler !== 'function') throw new Error(`${url} exports no function named handler`);
  return handler;
}
