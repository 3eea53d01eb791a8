import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { Listener } from './exchange/listener.ts';

/** An answer of the AWS JSON 1.1 protocol. */
export interface AwsAnswer {
  readonly status: number;
  readonly body: object;
}

/** A server of the AWS JSON 1.1 protocol on 127.0.0.1. */
export abstract class AwsJsonServer {
  /** Delay of every answer, in ms. */
  delayMs = 0;
  readonly #listener = new Listener((request, response) => this.#receive(request, response));

  /** Its address, for the service's `AWS_ENDPOINT_URL_…` or a client's `endpoint`. */
  get url(): string {
    return this.#listener.url;
  }

  /** Listens on 127.0.0.1; port 0 takes any free one, or after a stop the same one as before. */
  async start(port = 0): Promise<void> {
    await this.#listener.open(port);
  }

  /** Stops listening and breaks open connections. */
  async stop(): Promise<void> {
    await this.#listener.close();
  }

  /** Does what `stop` does, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  /** Answers a call, or with `none` never. */
  protected abstract answer(request: IncomingMessage, body: string): AwsAnswer | 'none';

  #receive(request: IncomingMessage, response: ServerResponse): void {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    // Neither awaited nor caught: a defect of this server should end the process.
    request.on('end', () => void this.#serve(request, Buffer.concat(chunks).toString(), response));
  }

  async #serve(request: IncomingMessage, body: string, response: ServerResponse): Promise<void> {
    const answer = this.answer(request, body);
    if (this.delayMs > 0) await sleep(this.delayMs, undefined, { ref: false });
    if (answer === 'none') return;
    response.writeHead(answer.status, {
      'Content-Type': 'application/x-amz-json-1.1',
      'x-amzn-RequestId': randomUUID(),
    });
    response.end(JSON.stringify(answer.body));
  }
}

/** Returns the refusal of a call without a signature; undefined for a signed one. */
export const refusalOfUnsigned = ({ headers }: IncomingMessage): AwsAnswer | undefined =>
  headers.authorization?.startsWith('AWS4-HMAC-SHA256 ')
    ? undefined
    : errorAnswer('MissingAuthenticationTokenException', 'Missing Authentication Token');

/** The protocol's error form names the error in `__type`. */
export const errorAnswer = (name: string, message: string, status = 400): AwsAnswer => ({
  status,
  body: { __type: name, Message: message },
});
