import { createHash, randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { type AwsAnswer, AwsJsonServer, errorAnswer, refusalOfUnsigned } from './aws-json.ts';

export interface SecretsOptions {
  /** Port on 127.0.0.1; 0, the default, takes any free one. */
  readonly port?: number;
}

/**
 * The answer of a failed read; default 500 InternalServiceError, which the SDK's client retries.
 */
export interface SecretsFailure {
  readonly name?: string;
  readonly status?: number;
  readonly message?: string;
}

/**
 * Starts an empty Secrets Manager on 127.0.0.1 that serves `GetSecretValue` of the AWS JSON 1.1
 * protocol.
 */
export async function startSecrets(options: SecretsOptions = {}): Promise<EmbeddedSecrets> {
  const secrets = new EmbeddedSecrets();
  await secrets.start(options.port ?? 0);
  return secrets;
}

export class EmbeddedSecrets extends AwsJsonServer {
  #reads = 0;
  #failures: { left: number; readonly error: SecretsFailure }[] = [];
  #hangs = 0;
  readonly #secrets = new Map<string, Secret>();

  /** The number of reads received. Failed and unanswered ones count, and each retry of a client. */
  get reads(): number {
    return this.#reads;
  }

  /**
   * Stores a new version (an object as JSON) as AWSCURRENT; the one before becomes AWSPREVIOUS.
   * Returns its id.
   */
  put(secretId: string, value: string | object): string {
    const secret = this.#find(secretId) ?? newSecret(secretId);
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    const version = { id: randomUUID(), text, createdSeconds: Date.now() / 1000 };
    secret.versions.push(version);
    this.#secrets.set(secret.arn, secret);
    return version.id;
  }

  /** Fails the next reads; Infinity until `recover`. */
  fail(times: number, error: SecretsFailure = {}): void {
    this.#failures.push({ left: times, error });
  }

  /** Never answers the next reads; Infinity until `recover`. Hangs come before failures. */
  hang(times: number): void {
    this.#hangs += times;
  }

  /** Forgets failures and hangs that are still to come. */
  recover(): void {
    this.#failures = [];
    this.#hangs = 0;
  }

  protected override answer(request: IncomingMessage, body: string): AwsAnswer | 'none' {
    if (request.headers['x-amz-target'] !== 'secretsmanager.GetSecretValue') {
      return errorAnswer('UnknownOperationException', 'Only GetSecretValue is served here.');
    }
    this.#reads += 1;
    if (this.#hangs > 0) {
      this.#hangs -= 1;
      return 'none';
    }
    const failure = this.#nextFailure();
    if (failure) return failed(failure);
    const unsigned = refusalOfUnsigned(request);
    if (unsigned) return unsigned;
    const input = parseObject(body);
    return input
      ? this.#read(input)
      : errorAnswer('SerializationException', 'The body is not a JSON object.');
  }

  #nextFailure(): SecretsFailure | undefined {
    this.#failures = this.#failures.filter(({ left }) => left > 0);
    const [next] = this.#failures;
    if (next) next.left -= 1;
    return next?.error;
  }

  #read({ SecretId, VersionId, VersionStage = 'AWSCURRENT' }: GetSecretValueInput): AwsAnswer {
    if (typeof SecretId !== 'string' || SecretId === '') {
      return errorAnswer('InvalidParameterException', 'Invalid secret id: it must be a name or an ARN.');
    }
    const secret = this.#find(SecretId);
    if (secret === undefined) return notFound("Secrets Manager can't find the specified secret.");
    const version = secret.versions.find((candidate) =>
      VersionId === undefined ? VersionStage === stageOf(secret, candidate) : VersionId === candidate.id,
    );
    if (version === undefined) return notFound("Secrets Manager can't find the specified secret value.");
    return { status: 200, body: secretValue(secret, version) };
  }

  /** Finds a secret by name, by ARN, or by an ARN without the six characters that AWS appends. */
  #find(secretId: string): Secret | undefined {
    for (const secret of this.#secrets.values()) {
      if ([secret.name, secret.arn, secret.arn.slice(0, -7)].includes(secretId)) return secret;
    }
    return undefined;
  }
}

interface GetSecretValueInput {
  readonly SecretId?: unknown;
  readonly VersionId?: unknown;
  readonly VersionStage?: unknown;
}

interface Version {
  readonly id: string;
  readonly text: string;
  readonly createdSeconds: number;
}

interface Secret {
  readonly arn: string;
  readonly name: string;
  /** Oldest first; the last is current. */
  readonly versions: Version[];
}

const ARN = /^arn:aws:secretsmanager:[^:]+:\d+:secret:(.+)-\w{6}$/;

function newSecret(secretId: string): Secret {
  const name = ARN.exec(secretId)?.[1];
  if (name !== undefined) return { arn: secretId, name, versions: [] };
  const suffix = createHash('sha256').update(secretId).digest('hex').slice(0, 6);
  const arn = `arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:${secretId}-${suffix}`;
  return { arn, name: secretId, versions: [] };
}

function stageOf({ versions }: Secret, version: Version): string | undefined {
  if (version === versions.at(-1)) return 'AWSCURRENT';
  return version === versions.at(-2) ? 'AWSPREVIOUS' : undefined;
}

function secretValue(secret: Secret, version: Version): object {
  const stage = stageOf(secret, version);
  return {
    ARN: secret.arn,
    Name: secret.name,
    VersionId: version.id,
    SecretString: version.text,
    VersionStages: stage === undefined ? [] : [stage],
    CreatedDate: version.createdSeconds,
  };
}

function notFound(message: string): AwsAnswer {
  return errorAnswer('ResourceNotFoundException', message);
}

function failed(failure: SecretsFailure): AwsAnswer {
  const {
    name = 'InternalServiceError',
    status = 500,
    message = 'An error occurred on the server side.',
  } = failure;
  return errorAnswer(name, message, status);
}

function parseObject(body: string): object | undefined {
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === 'object' && parsed !== null ? parsed : undefined;
  } catch {
    return undefined;
  }
}
