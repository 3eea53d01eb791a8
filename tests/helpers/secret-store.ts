import { secretOpener } from '../../lib/aws/secret-source.ts';
import { type EmbeddedSecrets, startSecrets } from '../../local/secrets.ts';

export const SECRET_ID = 'binance/options';

/** Starts the stand-in for Secrets Manager and points the SDK of this process at it. */
export async function startSecretStore(): Promise<EmbeddedSecrets> {
  const secrets = await startSecrets();
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_SECRETS_MANAGER: secrets.url,
    AWS_REGION: 'ap-northeast-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
  });
  return secrets;
}

/** The service's own source of the secret, through the real SDK. */
export const secretSource = (onRead: () => void = () => undefined) => secretOpener(onRead)(SECRET_ID);
