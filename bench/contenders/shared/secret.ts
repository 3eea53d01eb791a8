import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';

export interface Keys {
  readonly apiKey: string;
  readonly apiSecret: string;
}

/** Reads the key from Secrets Manager. A handler calls it once per execution environment. */
export async function readSecret(): Promise<Keys> {
  const client = new SecretsManagerClient({});
  const SecretId = process.env.BINANCE_SECRET_ID ?? '';
  const { SecretString = '' } = await client.send(new GetSecretValueCommand({ SecretId }));
  const keys: Keys = JSON.parse(SecretString);
  return keys;
}
