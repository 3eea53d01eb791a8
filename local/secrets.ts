import { randomUUID } from 'node:crypto';
import * as v from 'valibot';
import { type AwsAnswer, AwsJsonServer, errorAnswer } from './aws-json.ts';

/** Versions and stages are refused: only the current version is kept. */
const input = v.strictObject({ SecretId: v.pipe(v.string(), v.nonEmpty()) });
const ARN = 'arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:';
/** AWS ends every secret's ARN with six characters of its own. */
const ARN_END = '-AbCdEf';

/** Starts an empty Secrets Manager on 127.0.0.1 that serves `GetSecretValue`. */
export async function startSecrets(): Promise<EmbeddedSecrets> {
  const secrets = new EmbeddedSecrets('secretsmanager.GetSecretValue');
  await secrets.start();
  return secrets;
}

/** Secrets by their names and ARNs, of which it keeps the current version alone. */
export class EmbeddedSecrets extends AwsJsonServer {
  readonly #secrets = new Map<string, { readonly version: string; readonly text: string }>();
  #faults: { left: number; readonly answer: AwsAnswer }[] = [];

  /** Stores a new version, an object as JSON. Returns its id. */
  put(name: string, value: string | object): string {
    const version = randomUUID();
    this.#secrets.set(name, { version, text: typeof value === 'string' ? value : JSON.stringify(value) });
    return version;
  }

  /**
   * Fails the next reads; Infinity until `recover`. By default with an error that the SDK's client
   * retries.
   */
  fail(
    times: number,
    { name = 'InternalServiceError', status = 500, message = 'Failed by a test.' } = {},
  ): void {
    this.#faults.push({ left: times, answer: errorAnswer(name, message, status) });
  }

  /** Never answers the next reads; Infinity until `recover`. Hangs come before failures. */
  hang(times: number): void {
    this.#faults.unshift({ left: times, answer: 'none' });
  }

  /** Forgets failures and hangs that are still to come. */
  recover(): void {
    this.#faults = [];
  }

  protected override failure(): AwsAnswer | undefined {
    const next = this.#faults.find(({ left }) => left > 0);
    if (next !== undefined) next.left -= 1;
    return next?.answer;
  }

  protected override execute(call: unknown): AwsAnswer {
    const parsed = v.safeParse(input, call);
    if (!parsed.success) return errorAnswer('InvalidParameterException', 'A call has a SecretId alone.');
    // AWS accepts an ARN without its end too.
    const name = parsed.output.SecretId.replace(ARN, '').replace(ARN_END, '');
    const secret = this.#secrets.get(name);
    if (secret === undefined)
      return errorAnswer('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
    const { version: VersionId, text: SecretString } = secret;
    return { status: 200, body: { ARN: `${ARN}${name}${ARN_END}`, Name: name, VersionId, SecretString } };
  }
}
