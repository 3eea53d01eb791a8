import { Telemetry } from './aws/telemetry.ts';
import { type Check, cancelNoOrder, checkSecret, fixOf, keyCheck } from './checks.ts';
import type { ExchangeConfig } from './config.ts';
import { Drills } from './drills.ts';
import { realEffects } from './effects.ts';
import { createExchangeClient, openAccounts, SILENT } from './environment.ts';
import { type ExchangeInfo, exchangeInfo } from './exchange/endpoints.ts';
import type { CallResult } from './exchange/result.ts';
import { Session } from './exchange/session.ts';

export type { Check } from './checks.ts';
export type { Drills } from './drills.ts';

export interface PreflightOptions {
  /**
   * The symbol of the order that cannot exist, whose cancel proves the key. Default: the first that
   * the exchange lists.
   */
  readonly symbol: string | undefined;
  /** The account whose key is checked; default: that of the service's own secret. */
  readonly account: string | undefined;
  /** Milliseconds for all checks. */
  readonly budgetMs: number;
  /** The AWS region that the calls leave from, if there is one. */
  readonly region: string | undefined;
}

/** The exchange refuses a timestamp more than a second ahead of its clock. */
const GREATEST_OFFSET_MS = 1000;
/** Answers with its caller's address. */
const ADDRESS_URL = 'https://checkip.amazonaws.com';
const ADDRESS_TIMEOUT_MS = 2000;

/**
 * Proves, without touching an order, that a cancel would get through: secret, clock, address, and
 * the key with its permissions.
 */
export async function preflight(
  config: ExchangeConfig,
  options: PreflightOptions,
): Promise<readonly Check[]> {
  const offsets: number[] = [];
  const observer = { ...SILENT, clockRead: (offsetMs: number) => offsets.push(offsetMs) };
  const deadlineAt = realEffects.monotonic() + options.budgetMs;
  const client = createExchangeClient(config, observer, realEffects);
  const accounts = openAccounts(config, observer, realEffects);
  await client.ready();
  const address = await checkAddress(config, options);
  const secret = await checkSecret(config, accounts, options.account);
  const info = await client.callUnsigned(exchangeInfo, deadlineAt);
  const rules = rulesCheck(info, config, options.symbol);
  const symbol = options.symbol ?? (info.kind === 'ok' ? info.value.symbols[0] : undefined);
  const limits = { recvWindow: config.BINANCE_RECV_WINDOW_MS, deadlineAt };
  const account = accounts.get(options.account);
  const session = new Session({ client, account, effects: realEffects }, limits);
  const key = secret.ok ? await checkKey(session, symbol) : NOT_TRIED;
  return [secret, clockCheck(offsets.at(-1)), address, rules, key];
}

/** Opens the drills of the preflight function, which has no queues. They share one throttle. */
export function openDrills(config: ExchangeConfig): Drills {
  const effects = realEffects;
  return new Drills({
    config,
    effects,
    telemetry: new Telemetry('preflight'),
    client: createExchangeClient(config, SILENT, effects),
    accounts: openAccounts(config, SILENT, effects),
  });
}

const checkKey = async (session: Session, symbol: string | undefined): Promise<Check> =>
  symbol === undefined ? NO_SYMBOL : keyCheck(await cancelNoOrder(session, symbol), symbol);

const NOT_TRIED: Check = { name: 'key', ok: false, detail: 'not tried', fix: 'fix the secret first' };

const NO_SYMBOL: Check = {
  name: 'key',
  ok: false,
  detail: 'not tried: no listed symbol is known',
  fix: fixOf('invalid'),
};

function clockCheck(offsetMs: number | undefined): Check {
  if (offsetMs === undefined) {
    const fix = 'check BINANCE_BASE_URL, and that this network may reach it (NAT, routes, security group)';
    return { name: 'clock', ok: false, detail: 'the exchange did not answer with its time', fix };
  }
  const detail = `the exchange is ${Math.abs(Math.round(offsetMs))} ms ${offsetMs < 0 ? 'behind' : 'ahead'}`;
  if (Math.abs(offsetMs) <= GREATEST_OFFSET_MS) return { name: 'clock', ok: true, detail };
  return { name: 'clock', ok: false, detail, fix: "calls allow for it, but set this machine's clock (NTP)" };
}

/**
 * Reports the address that the exchange sees. It is not asked for on loopback, and an unknown
 * address is no failure.
 */
async function checkAddress(
  { BINANCE_BASE_URL }: ExchangeConfig,
  { region = 'no AWS region' }: PreflightOptions,
): Promise<Check> {
  if (BINANCE_BASE_URL.protocol === 'http:') return { name: 'address', ok: true, detail: 'this machine' };
  try {
    const answer = await fetch(ADDRESS_URL, { signal: AbortSignal.timeout(ADDRESS_TIMEOUT_MS) });
    return { name: 'address', ok: true, detail: `${(await answer.text()).trim().slice(0, 45)}, ${region}` };
  } catch {
    return { name: 'address', ok: true, detail: `unknown (${ADDRESS_URL} did not answer), ${region}` };
  }
}

/** Compares the configuration with the exchange's own rules (`GET /eapi/v1/exchangeInfo`). */
function rulesCheck(
  info: CallResult<ExchangeInfo>,
  { BINANCE_WEIGHT_LIMIT, BINANCE_UNDERLYINGS }: ExchangeConfig,
  symbol: string | undefined,
): Check {
  if (info.kind !== 'ok') {
    const fix = 'run it again; the limit and the underlyings could not be compared';
    return { name: 'rules', ok: false, detail: info.reason.detail, fix };
  }
  const { weightLimit, underlyings, symbols } = info.value;
  const differences = [
    weightLimit !== undefined &&
      weightLimit !== BINANCE_WEIGHT_LIMIT &&
      `the weight limit is ${weightLimit} a minute: set BINANCE_WEIGHT_LIMIT, now ${BINANCE_WEIGHT_LIMIT}`,
    ...BINANCE_UNDERLYINGS.filter((name) => !underlyings.includes(name)).map(
      (name) => `${name} is not listed: remove it from BINANCE_UNDERLYINGS`,
    ),
    ...underlyings
      .filter((name) => !BINANCE_UNDERLYINGS.includes(name))
      .map((name) => `${name} is listed: add it to BINANCE_UNDERLYINGS`),
    symbol !== undefined && !symbols.includes(symbol) && `${symbol} is not listed: give another symbol`,
  ].filter((difference) => difference !== false);
  const detail = `${weightLimit ?? 'no'} weight a minute, ${underlyings.length} underlyings, ${symbols.length} symbols`;
  if (differences.length === 0) return { name: 'rules', ok: true, detail };
  return { name: 'rules', ok: false, detail, fix: differences.join('; ') };
}
