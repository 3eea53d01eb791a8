import { type EmbeddedEventBus, startEventBus } from './event-bus.ts';
import { type EmbeddedExchange, type ExchangeOptions, type HmacKey, startExchange } from './exchange.ts';
import { defaultKey, deskKey } from './keys.ts';
import { type LocalQueues, type LocalQueuesOptions, startQueues } from './queues.ts';
import { type EmbeddedSecrets, startSecrets } from './secrets.ts';

export const SECRET_ID = 'binance/options';

/** The prefix of the named accounts' secrets. */
export const ACCOUNT_SECRETS = 'binance/accounts/';

/**
 * Everything that a handler calls, on 127.0.0.1, and the environment variables that point it there.
 */
export interface LocalStack {
  readonly exchange: EmbeddedExchange;
  readonly secrets: EmbeddedSecrets;
  readonly queues: LocalQueues;
  /** Receives outcome events where `EVENT_BUS_NAME` is set, which `env` does not have. */
  readonly eventBus: EmbeddedEventBus;
  readonly env: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

export interface LocalStackOptions {
  readonly exchange?: ExchangeOptions;
  readonly queues?: LocalQueuesOptions;
}

/**
 * Starts the embedded exchange, secrets, queues and event bus, by default each on a free port. There are two
 * accounts: the default one, and that of `deskKey`.
 */
export async function startLocalStack(options: LocalStackOptions = {}): Promise<LocalStack> {
  const [exchange, secrets, queues, eventBus] = await Promise.all([
    startExchange({ keys: [defaultKey, deskKey], ...options.exchange }),
    startSecrets(),
    startQueues(options.queues),
    startEventBus(),
  ]);
  secrets.put(SECRET_ID, secretOf(defaultKey));
  secrets.put(`${ACCOUNT_SECRETS}${deskKey.account}`, secretOf(deskKey));
  return {
    exchange,
    secrets,
    queues,
    eventBus,
    env: {
      ...queues.env,
      BINANCE_BASE_URL: exchange.url,
      BINANCE_SECRET_ID: SECRET_ID,
      BINANCE_ACCOUNT_SECRETS: ACCOUNT_SECRETS,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: secrets.url,
      AWS_ENDPOINT_URL_EVENTBRIDGE: eventBus.url,
    },
    stop: async () => {
      await Promise.all([exchange.stop(), secrets.stop(), queues.stop(), eventBus.stop()]);
    },
  };
}

const secretOf = ({ apiKey, apiSecret }: HmacKey) => ({ apiKey, apiSecret });
