import { randomUUID } from 'node:crypto';

/** The part of Lambda's context that the contenders receive. */
interface Context {
  readonly functionName: string;
  readonly awsRequestId: string;
  getRemainingTimeInMillis(): number;
}

export type Handler = (event: unknown, context: Context) => Promise<unknown>;

const TIMEOUT_MS = 20_000;

/** Imports the bundle at this path and returns its handler. @throws Error when it exports none */
export async function loadHandler(path: string): Promise<Handler> {
  const module: { handler?: Handler } = await import(path);
  if (module.handler === undefined) throw new Error(`${path} exports no handler`);
  return module.handler;
}

/** Returns a fresh context with the deployed function's timeout. */
export function context(): Context {
  const deadline = Date.now() + TIMEOUT_MS;
  return {
    functionName: 'bench',
    awsRequestId: randomUUID(),
    getRemainingTimeInMillis: () => deadline - Date.now(),
  };
}
