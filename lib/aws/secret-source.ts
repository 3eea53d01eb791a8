import type { SecretSource } from '../keys/store.ts';

const READ_TIMEOUT_MS = 2000;

/**
 * Creates a source that reads the secret from AWS Secrets Manager. A read takes 2 s at most, the SDK's own retries included.
 * The SDK loads in the background, while the connection to the exchange opens.
 */
export function createSecretSource(SecretId: string, onRead: () => void): SecretSource {
  const loading = import('@aws-sdk/client-secrets-manager').then((sdk) => ({
    sdk,
    client: new sdk.SecretsManagerClient({ maxAttempts: 2 }),
  }));
  return {
    async read() {
      const { sdk, client } = await loading;
      onRead();
      const abortSignal = AbortSignal.timeout(READ_TIMEOUT_MS);
      const command = new sdk.GetSecretValueCommand({ SecretId });
      const { SecretString = '', VersionId = '' } = await client.send(command, { abortSignal });
      return { text: SecretString, version: VersionId };
    },
  };
}
