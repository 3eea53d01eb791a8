import { randomUUID } from 'node:crypto';

/** What the contenders are given of Lambda's context. */
interface Context {
  readonly functionName: string;
  readonly awsRequestId: string;
  getRemainingTimeInMillis(): number;
}

export type Handler = (event: unknown, context: Context) => Promise<unknown>;

const TIMEOUT_MS = 20_000;

/** Imports the bundle at this path and gives its handler. @throws Error when it exports none */
export async function loadHandler(path: string): Promise<Handler> {
  const module: { handler?: Handler } = await import(path);
  if (module.handler === undefined) throw new Error(`${path} exports no handler`);
  return module.handler;
}

/** A fresh context, with Lambda's timeout of the deployed function. */
export function context(): Context {
  const deadline = Date.now() + TIMEOUT_MS;
  return {
    functionName: 'bench',
    awsRequestId: randomUUID(),
    getRemainingTimeInMillis: () => deadline - Date.now(),
  };
}
