import * as v from 'valibot';

const LOOPBACK = new Set(['127.0.0.1', '[::1]', 'localhost']);

/**
 * Error thrown at load when an environment variable is missing or wrong. The message names the
 * variable and the fix.
 */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

const required = (hint: string) => v.pipe(v.string(hint), v.nonEmpty(hint));

function whole(min: number, max: number, fallback: number) {
  const hint = `a whole number from ${min} to ${max}`;
  const schema = v.pipe(
    v.string(),
    v.regex(/^\d+$/, hint),
    v.transform(Number),
    v.minValue(min, hint),
    v.maxValue(max, hint),
  );
  return v.optional(schema, String(fallback));
}

function isSafeOrigin(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || url.href !== `${url.origin}/`) return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.has(url.hostname));
}

const baseUrl = v.pipe(
  v.string(),
  v.check(
    isSafeOrigin,
    'an https origin without a path, such as https://eapi.binance.com (http only on a loopback host)',
  ),
  v.transform((text) => new URL(text)),
);

function isQueueUrl(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol) && url.pathname.length > 1;
}

const queueUrl = (what: string) => {
  const hint = `the URL of ${what}: https://sqs.<region>.amazonaws.com/<account>/<name>, not an ARN`;
  return v.pipe(
    required(hint),
    v.check(isQueueUrl, hint),
    v.check(
      (text) => !text.endsWith('.fifo'),
      `the URL of ${what}, a standard queue: FIFO queues are not supported`,
    ),
  );
};

const DEFAULT_UNDERLYINGS = 'BTCUSDT,ETHUSDT,BNBUSDT,SOLUSDT,XRPUSDT,DOGEUSDT,XAUUSDT,XAGUSDT';
const UNDERLYINGS = 'underlyings separated by commas, such as BTCUSDT,ETHUSDT';

const SECRET_PREFIX =
  "the beginning of the names or ARNs of further accounts' secrets, such as binance/options/ (letters, digits and /_+=.@-)";

const BUS_NAME = 'the name of an event bus, such as outcomes, not its ARN';

const exchange = {
  BINANCE_BASE_URL: v.optional(baseUrl, 'https://eapi.binance.com'),
  BINANCE_SECRET_ID: required('the name or ARN of the secret that holds the API key'),
  BINANCE_ACCOUNT_SECRETS: v.optional(v.pipe(v.string(), v.regex(/^[\w/+=.@:-]{1,400}$/, SECRET_PREFIX))),
  BINANCE_RECV_WINDOW_MS: whole(1, 59_999, 5000),
  BINANCE_TIMEOUT_MS: whole(1, 60_000, 2000),
  BINANCE_MAX_ATTEMPTS: whole(1, 20, 3),
  BINANCE_WEIGHT_LIMIT: whole(10, 1_000_000, 400),
  SECRET_TTL_SECONDS: whole(1, 86_400, 300),
  BINANCE_UNDERLYINGS: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^[A-Z0-9]{2,20}USDT(,[A-Z0-9]{2,20}USDT)*$/, UNDERLYINGS),
      v.transform((list) => list.split(',')),
    ),
    DEFAULT_UNDERLYINGS,
  ),
};

const exchangeSchema = v.object(exchange);

const common = {
  ...exchange,
  DEAD_LETTER_QUEUE_URL: queueUrl('the dead-letter queue'),
  CANCEL_QUEUE_URL: v.optional(queueUrl('the queue of cancels')),
  KILL_QUEUE_URL: v.optional(queueUrl('the queue of kills')),
  // The local HTTP API cannot leave a variable out, so that an empty name means no bus.
  EVENT_BUS_NAME: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^[\w/.-]{0,256}$/, BUS_NAME),
      v.transform((name) => (name === '' ? undefined : name)),
    ),
  ),
};

const commonSchema = v.object(common);

const queueSchema = v.object({
  ...common,
  CANCEL_QUEUE_URL: queueUrl('the queue of cancels'),
  KILL_QUEUE_URL: queueUrl('the queue of kills'),
  KILL_MAX_RECEIVE_COUNT: whole(1, 1000, 20),
  MAX_RECEIVE_COUNT: whole(1, 1000, 5),
  QUEUE_BUDGET_MS: whole(1000, 900_000, 6000),
});

/**
 * Configuration of the exchange client and its keys. Durations are in the unit that ends the
 * variable's name.
 */
export type ExchangeConfig = v.InferOutput<typeof exchangeSchema>;

/** Configuration that every handler has. */
export type Config = v.InferOutput<typeof commonSchema>;

/** Configuration of the queue handler. */
export type QueueConfig = v.InferOutput<typeof queueSchema>;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the variables of the exchange client. @throws ConfigError naming each variable that is
 * missing or wrong
 */
export const loadExchangeConfig = (env: Environment): ExchangeConfig => load(exchangeSchema, env);

/**
 * Reads the variables that every handler has. @throws ConfigError naming each variable that is
 * missing or wrong
 */
export const loadConfig = (env: Environment): Config => load(commonSchema, env);

/**
 * Reads the variables of the queue handler. @throws ConfigError naming each variable that is
 * missing or wrong
 */
export const loadQueueConfig = (env: Environment): QueueConfig => load(queueSchema, env);

function load<S extends v.GenericSchema>(schema: S, env: Environment): v.InferOutput<S> {
  const result = v.safeParse(schema, env);
  if (result.success) {
    refuseSharedQueues(env);
    return result.output;
  }
  const errors = result.issues.map((issue) => errorOf(issue, env));
  throw new ConfigError([...new Set(errors)].join('; '));
}

function errorOf(issue: v.GenericIssue, env: Environment): string {
  const variable = v.getDotPath(issue) ?? '';
  return env[variable] === undefined
    ? `${variable} is missing: set it`
    : `${variable} must be ${issue.message}`;
}

/** Dead letters in the queue that they came from would be delivered for ever. */
function refuseSharedQueues(env: Environment): void {
  const seen = new Map<string, string>();
  for (const variable of ['CANCEL_QUEUE_URL', 'KILL_QUEUE_URL', 'DEAD_LETTER_QUEUE_URL']) {
    const url = env[variable];
    const other = url === undefined ? undefined : seen.get(url);
    if (other !== undefined)
      throw new ConfigError(`${variable} must not be the queue of ${other}: give each its own`);
    if (url !== undefined) seen.set(url, variable);
  }
}
