import { createHash, randomUUID } from 'node:crypto';

/** One answer of the protocol. */
export interface SecretsAnswer {
  readonly status: number;
  readonly body: object;
}

/** As it came: nothing checked yet. */
export interface GetSecretValueInput {
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

/** The secrets and their versions. */
export class Vault {
  readonly #secrets = new Map<string, Secret>();

  /** Stores a new current version and returns its id. */
  put(secretId: string, text: string): string {
    const secret = this.#find(secretId) ?? newSecret(secretId);
    const version = { id: randomUUID(), text, createdSeconds: Date.now() / 1000 };
    secret.versions.push(version);
    this.#secrets.set(secret.arn, secret);
    return version.id;
  }

  /** Answers the input of a GetSecretValue: by version id, by stage, or AWSCURRENT. */
  getSecretValue(input: GetSecretValueInput): SecretsAnswer {
    const { SecretId, VersionId, VersionStage = 'AWSCURRENT' } = input;
    if (typeof SecretId !== 'string' || SecretId === '') {
      return errorAnswer(400, 'InvalidParameterException', 'Invalid secret id: it must be a name or an ARN.');
    }
    const secret = this.#find(SecretId);
    if (secret === undefined) return notFound("Secrets Manager can't find the specified secret.");
    const version = secret.versions.find((candidate) =>
      VersionId === undefined ? VersionStage === stageOf(secret, candidate) : VersionId === candidate.id,
    );
    if (version === undefined) return notFound("Secrets Manager can't find the specified secret value.");
    return { status: 200, body: secretValue(secret, version) };
  }

  /** By name, by ARN, or by an ARN without the six characters that AWS adds. */
  #find(secretId: string): Secret | undefined {
    for (const secret of this.#secrets.values()) {
      if ([secret.name, secret.arn, secret.arn.slice(0, -7)].includes(secretId)) return secret;
    }
    return undefined;
  }
}

/** The protocol's error form: the error's name is in `__type`. */
export function errorAnswer(status: number, name: string, message: string): SecretsAnswer {
  return { status, body: { __type: name, Message: message } };
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

function notFound(message: string): SecretsAnswer {
  return errorAnswer(400, 'ResourceNotFoundException', message);
}
