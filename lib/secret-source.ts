import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { SecretSource } from './key-store.ts';

const READ_TIMEOUT_MS = 2000;

/** The secret in AWS Secrets Manager. A read takes 2 s at most, the SDK's own retries included. */
export function createSecretSource(SecretId: string, onRead: () => void): SecretSource {
  const client = new SecretsManagerClient({ maxAttempts: 2 });
  return {
    async read() {
      onRead();
      const abortSignal = AbortSignal.timeout(READ_TIMEOUT_MS);
      const { SecretString = '', VersionId = '' } = await client.send(
        new GetSecretValueCommand({ SecretId }),
        {
          abortSignal,
        },
      );
      return { text: SecretString, version: VersionId };
    },
  };
}
