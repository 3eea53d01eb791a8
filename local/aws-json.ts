import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import * as v from 'valibot';
import { Listener } from './exchange/listener.ts';

/** An answer of the AWS JSON 1.1 protocol; with `none` the call is never answered. */
export type AwsAnswer = 'none' | { readonly status: number; readonly body: object };

const json = v.pipe(v.string(), v.parseJson());

/** A server of one operation of the AWS JSON 1.1 protocol on 127.0.0.1. */
export abstract class AwsJsonServer {
  /** Delay of every answer, in ms. */
  delayMs = 0;
  /** The number of calls received. Failed and unanswered ones count, and each retry of a client. */
  calls = 0;
  readonly #operation: string;
  // The promise is neither awaited nor caught: a defect of this server should end the process.
  readonly #listener = new Listener((request, response) => void this.#serve(request, response));

  /** @param operation its service and name, such as `secretsmanager.GetSecretValue` */
  constructor(operation: string) {
    this.#operation = operation;
  }

  /** Its address, for the service's `AWS_ENDPOINT_URL_…` or a client's `endpoint`. */
  get url(): string {
    return this.#listener.url;
  }

  /** Listens on any free port of 127.0.0.1, or after a stop on the same one as before. */
  async start(): Promise<void> {
    await this.#listener.open();
  }

  /** Stops listening and breaks open connections. */
  async stop(): Promise<void> {
    await this.#listener.close();
  }

  /** Does what `stop` does, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  /** Returns the answer of a call that fails; undefined to execute the call. */
  protected abstract failure(): AwsAnswer | undefined;

  /** Executes a signed call. */
  protected abstract execute(input: unknown): AwsAnswer;

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request).catch(() => undefined);
    if (body === undefined) return; // The caller has disconnected.
    const answer = this.#answer(request, body);
    if (this.delayMs > 0) await sleep(this.delayMs, undefined, { ref: false });
    if (answer === 'none') return;
    const headers = { 'Content-Type': 'application/x-amz-json-1.1', 'x-amzn-RequestId': randomUUID() };
    response.writeHead(answer.status, headers).end(JSON.stringify(answer.body));
  }

  #answer({ headers }: IncomingMessage, body: string): AwsAnswer {
    if (headers['x-amz-target'] !== this.#operation)
      return errorAnswer('UnknownOperationException', `Only ${this.#operation} is served here.`);
    this.calls += 1;
    const failure = this.failure();
    if (failure !== undefined) return failure;
    if (!headers.authorization?.startsWith('AWS4-HMAC-SHA256 '))
      return errorAnswer('MissingAuthenticationTokenException', 'Missing Authentication Token');
    const { success, output } = v.safeParse(json, body);
    return success ? this.execute(output) : errorAnswer('SerializationException', 'The body is not JSON.');
  }
}

/** The protocol's error form names the error in `__type`. */
export const errorAnswer = (name: string, message: string, status = 400): AwsAnswer => ({
  status,
  body: { __type: name, Message: message },
});
