import { loadedOnce } from '../effects.ts';
import type { SecretSource } from '../keys/store.ts';

/** Milliseconds for one read, and for each of its two tries. */
const READ_MS = 2000;
const TRY_MS = 900;

/** Errors that another read does not fix: the secret is absent, or this role may not read it. */
const REFUSALS: ReadonlySet<string> = new Set([
  'ResourceNotFoundException',
  'InvalidRequestException', // the secret is scheduled for deletion
  'InvalidParameterException',
  'ValidationException',
  'AccessDeniedException',
  'DecryptionFailure', // the role may not use the secret's KMS key
  'UnrecognizedClientException',
  'CredentialsProviderError',
]);

type Sdk = typeof import('./secrets-manager.ts');

/**
 * Returns a function that opens secrets of AWS Secrets Manager by name or ARN. A read takes 2 s at
 * most, in two tries. The SDK loads in the background, while the connection to the exchange opens.
 */
export function secretOpener(onRead: () => void): (secretId: string) => SecretSource {
  const load = loadedOnce(async () => {
    const sdk = await import('./secrets-manager.ts');
    return { sdk, client: createClient(sdk) };
  });
  load().catch(() => undefined);
  return (SecretId) => ({
    async read() {
      const { sdk, client } = await load();
      onRead();
      const abortSignal = AbortSignal.timeout(READ_MS);
      try {
        const command = new sdk.GetSecretValueCommand({ SecretId });
        const { SecretString, SecretBinary, VersionId = '' } = await client.send(command, { abortSignal });
        if (SecretString === undefined && SecretBinary !== undefined) return { refused: BINARY };
        return { text: SecretString ?? '', version: VersionId };
      } catch (error) {
        if (error instanceof Error && REFUSALS.has(error.name))
          return { refused: refusalOf(error.name, SecretId) };
        throw error;
      }
    },
  });
}

/** Names the secret: without it, a caller cannot tell which of the accounts' secrets is meant. */
function refusalOf(errorName: string, secretId: string): string {
  if (errorName !== 'ResourceNotFoundException') return `${errorName} to a read of ${secretId}`;
  const create = `aws secretsmanager create-secret --name ${secretId} --secret-string file://key.json`;
  return `${errorName}: there is no secret ${secretId}; create it (${create})`;
}

const BINARY = 'the secret is binary: store it as text (SecretString)';

function createClient({ SecretsManagerClient }: Sdk) {
  const requestHandler = { connectionTimeout: TRY_MS, requestTimeout: TRY_MS, throwOnRequestTimeout: true };
  return new SecretsManagerClient({ maxAttempts: 2, requestHandler });
}
