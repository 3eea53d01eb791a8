import { type ExchangeOptions, startExchange } from './exchange.ts';
import { defaultKey, deskKey } from './keys.ts';
import { type LocalQueuesOptions, startQueues } from './queues.ts';
import { startSecrets } from './secrets.ts';

export const SECRET_ID = 'binance/options';

/** The prefix of the named accounts' secrets. */
export const ACCOUNT_SECRETS = 'binance/accounts/';

interface LocalStackOptions {
  readonly exchange?: ExchangeOptions;
  readonly queues?: LocalQueuesOptions;
}

/**
 * Everything that a handler calls, on 127.0.0.1, and the environment variables that point it there.
 */
export type LocalStack = Awaited<ReturnType<typeof startLocalStack>>;

/**
 * Starts the embedded exchange, secrets and queues, by default each on a free port. There are two
 * accounts: the default one, and that of `deskKey`.
 */
export async function startLocalStack(options: LocalStackOptions = {}) {
  const [exchange, secrets, queues] = await Promise.all([
    startExchange({ keys: [defaultKey, deskKey], ...options.exchange }),
    startSecrets(),
    startQueues(options.queues),
  ]);
  const { account, ...deskSecret } = deskKey;
  secrets.put(SECRET_ID, defaultKey);
  secrets.put(`${ACCOUNT_SECRETS}${account}`, deskSecret);
  const env: Readonly<Record<string, string>> = {
    ...queues.env,
    BINANCE_BASE_URL: exchange.url,
    BINANCE_SECRET_ID: SECRET_ID,
    BINANCE_ACCOUNT_SECRETS: ACCOUNT_SECRETS,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: secrets.url,
  };
  const stop = async () => {
    await Promise.all([exchange.stop(), secrets.stop(), queues.stop()]);
  };
  return { exchange, secrets, queues, env, stop };
}
