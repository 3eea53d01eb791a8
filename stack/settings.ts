import * as v from 'valibot';

/** Error thrown when a stage's settings are wrong. The message names the setting and the fix. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

const whole = (min: number, max: number) => {
  const hint = `a whole number from ${min} to ${max}`;
  return v.pipe(v.number(hint), v.integer(hint), v.minValue(min, hint), v.maxValue(max, hint));
};

const text = (pattern: RegExp, hint: string) => v.pipe(v.string(hint), v.regex(pattern, hint));

const email = text(/^$|^[^\s@,]+@[^\s@,]+$/, "one e-mail address, or '' for none");
const address = v.strictObject({
  address: text(/^\d{1,3}(\.\d{1,3}){3}$/, 'an IPv4 address'),
  allocationId: text(/^eipalloc-[0-9a-f]+$/, 'the allocation id of that elastic IP, eipalloc-…'),
});
const reserved = v.nullish(whole(1, 1000), null);

const schema = v.strictObject({
  /** Keeps queues, logs and the stack itself from deletion, and cancels on the real exchange. */
  production: v.boolean('true or false'),
  /** `none`: changing AWS addresses; `single`: one fixed address; `ha`: one in each of two zones. */
  network: v.optional(v.picklist(['none', 'single', 'ha'], 'none, single or ha'), 'none'),
  /** Elastic IPs to use, one for each zone. Default: the deployment allocates them. */
  addresses: v.optional(v.pipe(v.array(address), v.maxLength(2, 'two addresses at most')), []),
  /** Receives the alarms that need a person now. */
  pageEmail: v.optional(email, ''),
  /** Receives the alarms that can wait for working hours. */
  ticketEmail: v.optional(email, ''),
  /** The event bus that receives outcome events. Default: none. */
  eventBus: v.optional(text(/^[\w/.-]{0,256}$/, 'the name of an event bus, not its ARN'), ''),
  /** Default: the exchange in production, else its testnet. */
  exchangeUrl: v.optional(text(/^https:\/\/[^/]+$/, 'an https origin without a path')),
  /** The exchange's weight limit per minute and address. An alarm rings at 80 % of it. */
  weightLimit: v.optional(whole(10, 1_000_000), 400),
  /** Swept by a kill of everything, beside those that the open orders show. */
  underlyings: v.optional(
    v.array(text(/^[A-Z0-9]{2,20}USDT$/, 'an underlying such as BTCUSDT')),
    'BTCUSDT ETHUSDT BNBUSDT SOLUSDT XRPUSDT DOGEUSDT XAUUSDT XAGUSDT'.split(' '),
  ),
  /** Requests a second that the API accepts. Default: 90 % of the weight limit in cancels of weight 1. */
  requestsPerSecond: v.optional(whole(1, 10_000)),
  requestBurst: v.optional(whole(1, 10_000), 20),
  /** Batches of ten cancels that run side by side: two already use up the exchange's weight. */
  cancelConcurrency: v.optional(whole(2, 1000), 2),
  /** Kills that run side by side. */
  killConcurrency: v.optional(whole(2, 1000), 2),
  /** Reserved concurrency: the function's own, and its most. Default: none is reserved. */
  concurrency: v.optional(
    v.strictObject({ api: reserved, queue: reserved, schedule: reserved, preflight: reserved }),
    {},
  ),
  /** Default: 365 in production, else 30. */
  logDays: v.optional(
    v.picklist([1, 3, 5, 7, 14, 30, 60, 90, 180, 365, 731, 1827], 'days that CloudWatch Logs knows'),
  ),
});

const TESTNET = 'https://demo-fapi.binance.com';
const EXCHANGE = 'https://eapi.binance.com';

/**
 * Parses the settings of `stages/<stage>.yml` and fills in the defaults.
 *
 * @throws SettingsError naming each setting that is unknown, missing or wrong
 */
export function parseSettings(stage: string, given: unknown) {
  const file = `stages/${stage}.yml`;
  if (given === null || given === undefined)
    throw new SettingsError(`${file} is missing: write one, as in stages/dev.yml`);
  const parsed = v.safeParse(schema, given);
  if (!parsed.success) throw new SettingsError(`${file}: ${parsed.issues.map(problemOf).join('; ')}`);
  const { production, weightLimit } = parsed.output;
  const settings = {
    ...parsed.output,
    exchangeUrl: parsed.output.exchangeUrl ?? (production ? EXCHANGE : TESTNET),
    logDays: parsed.output.logDays ?? (production ? 365 : 30),
    requestsPerSecond: parsed.output.requestsPerSecond ?? Math.max(1, Math.floor((0.9 * weightLimit) / 60)),
  };
  const contradictions = contradictionsIn(settings);
  if (contradictions.length > 0) throw new SettingsError(`${file}: ${contradictions.join('; ')}`);
  return settings;
}

function problemOf(issue: v.BaseIssue<unknown>): string {
  const path = v.getDotPath(issue) ?? 'the file';
  if (issue.expected === 'never') return `${path} is not a setting: remove it or correct its name`;
  return issue.input === undefined ? `${path} is missing: set it` : `${path} must be ${issue.message}`;
}

/** Settings that are right one by one and wrong together. */
function contradictionsIn({
  production,
  pageEmail,
  network,
  addresses,
  cancelConcurrency,
  killConcurrency,
  concurrency,
}: v.InferOutput<typeof schema>): string[] {
  const most = { none: 2, single: 1, ha: 2 }[network];
  const delivered = cancelConcurrency + killConcurrency;
  return [
    production && pageEmail === '' && 'pageEmail is empty: a production stage needs someone to page',
    addresses.length > most &&
      `addresses has ${addresses.length} entries: network ${network} takes ${most} at most`,
    (concurrency.queue ?? delivered) < delivered &&
      `concurrency.queue must be at least ${delivered}, cancelConcurrency and killConcurrency together`,
  ].filter((contradiction) => contradiction !== false);
}
