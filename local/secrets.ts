import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { Listener } from './exchange/listener.ts';
import { errorAnswer, type SecretsAnswer, Vault } from './secrets/vault.ts';

export interface SecretsOptions {
  /** Default 0, a free one. The address is always 127.0.0.1. */
  readonly port?: number;
}

/** How `fail` answers; default 500 InternalServiceError, which the SDK's client tries again by itself. */
export interface SecretsFailure {
  readonly name?: string;
  readonly status?: number;
  readonly message?: string;
}

/** A running stand-in for Secrets Manager: `GetSecretValue` of the AWS JSON 1.1 protocol, and nothing else. */
export interface EmbeddedSecrets {
  /** For `AWS_ENDPOINT_URL_SECRETS_MANAGER`, or a client's `endpoint`. */
  readonly url: string;
  /** GetSecretValue calls received, failed and unanswered ones included. A client's own retries count each. */
  readonly reads: number;
  /** Wait before every answer in ms; 0 at first. */
  delayMs: number;
  /** Stores a new version (an object as JSON), makes it AWSCURRENT and the one before AWSPREVIOUS. Returns its id. */
  put(secretId: string, secret: string | object): string;
  /** Fails the next calls; Infinity until `recover`. */
  fail(times: number, error?: SecretsFailure): void;
  /** Never answers the next calls; Infinity until `recover`. Comes before failures. */
  hang(times: number): void;
  /** Forgets failures and hangs that are still to come. */
  recover(): void;
  /** Ends it, open connections included. */
  stop(): Promise<void>;
  /** `stop`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** Starts the stand-in, empty. */
export async function startSecrets(options: SecretsOptions = {}): Promise<EmbeddedSecrets> {
  const server = new SecretsServer();
  await server.start(options.port ?? 0);
  return server;
}

class SecretsServer implements EmbeddedSecrets {
  delayMs = 0;
  #reads = 0;
  #failures: { left: number; readonly error: SecretsFailure }[] = [];
  #hangs = 0;
  readonly #vault = new Vault();
  readonly #listener = new Listener((request, response) => this.#receive(request, response));

  get url(): string {
    return this.#listener.url;
  }

  get reads(): number {
    return this.#reads;
  }

  put(secretId: string, secret: string | object): string {
    const text = typeof secret === 'string' ? secret : JSON.stringify(secret);
    return this.#vault.put(secretId, text);
  }

  fail(times: number, error: SecretsFailure = {}): void {
    this.#failures.push({ left: times, error });
  }

  hang(times: number): void {
    this.#hangs += times;
  }

  recover(): void {
    this.#failures = [];
    this.#hangs = 0;
  }

  async start(port: number): Promise<void> {
    await this.#listener.open(port);
  }

  async stop(): Promise<void> {
    await this.#listener.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #receive(request: IncomingMessage, response: ServerResponse): void {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    // Not awaited and not caught: a defect of the stand-in itself should end the process loudly.
    request.on('end', () => void this.#serve(request, Buffer.concat(chunks).toString(), response));
  }

  async #serve(request: IncomingMessage, body: string, response: ServerResponse): Promise<void> {
    const answer = this.#answer(request, body);
    if (this.delayMs > 0) await sleep(this.delayMs, undefined, { ref: false });
    if (answer === 'none') return;
    response.writeHead(answer.status, {
      'Content-Type': 'application/x-amz-json-1.1',
      'x-amzn-RequestId': randomUUID(),
    });
    response.end(JSON.stringify(answer.body));
  }

  #answer(request: IncomingMessage, body: string): SecretsAnswer | 'none' {
    if (request.headers['x-amz-target'] !== 'secretsmanager.GetSecretValue') {
      return errorAnswer(400, 'UnknownOperationException', 'Only GetSecretValue is served here.');
    }
    this.#reads += 1;
    if (this.#hangs > 0) {
      this.#hangs -= 1;
      return 'none';
    }
    const failure = this.#nextFailure();
    if (failure) return failed(failure);
    if (!request.headers.authorization?.startsWith('AWS4-HMAC-SHA256 ')) {
      return errorAnswer(400, 'MissingAuthenticationTokenException', 'Missing Authentication Token');
    }
    const input = parseObject(body);
    if (input) return this.#vault.getSecretValue(input);
    return errorAnswer(400, 'SerializationException', 'The body is not a JSON object.');
  }

  #nextFailure(): SecretsFailure | undefined {
    this.#failures = this.#failures.filter(({ left }) => left > 0);
    const [next] = this.#failures;
    if (next) next.left -= 1;
    return next?.error;
  }
}

function parseObject(body: string): object | undefined {
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === 'object' && parsed !== null ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function failed(failure: SecretsFailure): SecretsAnswer {
  const {
    name = 'InternalServiceError',
    status = 500,
    message = 'An error occurred on the server side.',
  } = failure;
  return errorAnswer(status, name, message);
}
