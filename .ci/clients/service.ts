import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { httpEvent } from '../../local/http-event.ts';
import { type LambdaHandler, lambdaContext, loadHandler } from '../../local/lambda.ts';
import { type LocalStack, startLocalStack } from '../../local/stack.ts';

interface Answer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** An answer, and the signature of its request. */
interface Answered extends Answer {
  readonly authorization: string | undefined;
}

/** The built API handler behind an HTTP server on loopback, with an embedded exchange behind it. */
export interface HttpService extends Pick<LocalStack, 'exchange'> {
  readonly url: string;
  /** The answers since the handler was last loaded. */
  readonly answers: readonly Answered[];
  /** Loads the handler as a new execution environment does, with this time for each invocation. */
  load(timeoutMs: number): Promise<void>;
  stop(): Promise<void>;
}

const BUNDLE = new URL('../../dist/handlers/api.mjs', import.meta.url);
/** A weight limit that no case reaches. */
const WEIGHT_LIMIT = 1_000_000;

/** Starts the service. Its handler is loaded by `load`. */
export async function startHttpService(): Promise<HttpService> {
  const stack = await startLocalStack({ exchange: { weightLimit: WEIGHT_LIMIT } });
  const env = {
    ...stack.env,
    BINANCE_WEIGHT_LIMIT: String(WEIGHT_LIMIT),
    POWERTOOLS_LOG_LEVEL: 'SILENT',
    POWERTOOLS_METRICS_DISABLED: 'true',
  };
  const answers: Answered[] = [];
  let invoke: (event: APIGatewayProxyEventV2) => Promise<Answer> = () =>
    Promise.reject(new Error('not loaded'));
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const answer = await invoke(await eventOf(request));
    answers.push({ ...answer, authorization: request.headers.authorization });
    response.writeHead(answer.statusCode, answer.headers).end(answer.body);
  };
  const server = createServer((request, response) => void serve(request, response));
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return {
    exchange: stack.exchange,
    url: `http://127.0.0.1:${address.port}`,
    answers,
    load: async (timeoutMs) => {
      const handler: LambdaHandler<APIGatewayProxyEventV2, Answer> = await loadHandler(BUNDLE, env);
      invoke = (event) => handler(event, lambdaContext({ functionName: 'api', timeoutMs }));
      answers.length = 0;
    },
    stop: async () => {
      server.close();
      server.closeAllConnections();
      await stack.stop();
    },
  };
}

/** Turns a request into an event of an HTTP API (payload 2.0). */
async function eventOf(request: IncomingMessage): Promise<APIGatewayProxyEventV2> {
  const [path = '/', query = ''] = (request.url ?? '/').split('?');
  const body = (await request.toArray()).join('');
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
  );
  const { method = '' } = request;
  return httpEvent({ method, path, query, headers, timeEpoch: Date.now(), ...(body !== '' && { body }) });
}
