import type { ExchangeConfig } from './config.ts';
import { realEffects } from './effects.ts';
import { createExchangeClient, openAccounts } from './environment.ts';
import { type ExchangeInfo, exchangeInfo } from './exchange/endpoints.ts';
import type { CallResult } from './exchange/result.ts';
import { Session } from './exchange/session.ts';
import type { Account } from './keys/account.ts';
import type { AnsweredOrder } from './order.ts';

/** One line of the checklist. */
export interface Check {
  readonly name: 'secret' | 'clock' | 'address' | 'rules' | 'key';
  readonly ok: boolean;
  readonly detail: string;
  /** The fix, when it is not ok. */
  readonly fix?: string;
}

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

/** Order ids begin far above this one. */
const NO_ORDER = '1';
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
  const observer = {
    clockRead: (offsetMs: number) => offsets.push(offsetMs),
    answered: () => undefined,
    otherOrder: () => undefined,
    secretRead: () => undefined,
    warn: () => undefined,
  };
  const deadlineAt = realEffects.monotonic() + options.budgetMs;
  const client = createExchangeClient(config, observer, realEffects);
  const account = openAccounts(config, observer, realEffects).get(options.account);
  await client.ready();
  const address = await checkAddress(config, options);
  const isOpen = options.account === undefined || config.BINANCE_ACCOUNT_SECRETS !== undefined;
  const secret = isOpen ? await checkSecret(account) : NO_ACCOUNTS;
  const info = await client.callUnsigned(exchangeInfo, deadlineAt);
  const rules = rulesCheck(info, config, options.symbol);
  const symbol = options.symbol ?? (info.kind === 'ok' ? info.value.symbols[0] : undefined);
  const limits = { recvWindow: config.BINANCE_RECV_WINDOW_MS, deadlineAt };
  const session = new Session({ client, account, effects: realEffects }, limits);
  const key = !secret.ok ? NOT_TRIED : symbol === undefined ? NO_SYMBOL : await checkKey(session, symbol);
  return [secret, clockCheck(offsets.at(-1)), address, rules, key];
}

const NO_ACCOUNTS: Check = {
  name: 'secret',
  ok: false,
  detail: 'BINANCE_ACCOUNT_SECRETS is not set',
  fix: "set it to the prefix of the accounts' secrets",
};

const NOT_TRIED: Check = { name: 'key', ok: false, detail: 'not tried', fix: 'fix the secret first' };

const NO_SYMBOL: Check = {
  name: 'key',
  ok: false,
  detail: 'not tried: no listed symbol is known',
  fix: 'give a listed option with --symbol (function: {"symbol":"…"}), and run it again',
};

async function checkSecret(account: Account): Promise<Check> {
  const read = await account.keys();
  if (read.ok) return { name: 'secret', ok: true, detail: `read, version ${read.keys.version}` };
  const fix =
    'check the id (BINANCE_SECRET_ID, or BINANCE_ACCOUNT_SECRETS and the account), that the secret has a value, and that this caller may read it';
  return { name: 'secret', ok: false, detail: read.detail, fix };
}

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

const FIXES: Readonly<Partial<Record<CallResult<AnsweredOrder>['kind'], string>>> = {
  keys: 'check the key, that it may trade options, and that the address above is on its list of addresses',
  forbidden: 'this address is refused: call from a region that the exchange serves',
  throttled: 'wait until the throttle or ban has passed before you send anything else from this address',
  clock: "set this machine's clock (NTP), or send a larger recvWindow",
  invalid: 'give a listed option with --symbol (function: {"symbol":"…"}), and run it again',
};

/**
 * Cancels an order that cannot exist. An exchange that answers "no such order" has accepted key,
 * signature, permission and address.
 */
async function checkKey(session: Session, symbol: string): Promise<Check> {
  const result = await session.cancel({ symbol, orderId: NO_ORDER });
  if (result.kind === 'no-open-order' || result.kind === 'no-such-order') {
    const detail = `accepted: the exchange looked for order ${NO_ORDER} of ${symbol}`;
    return { name: 'key', ok: true, detail };
  }
  const detail = result.kind === 'ok' ? `order ${NO_ORDER} of ${symbol} exists` : result.reason.detail;
  const fix =
    FIXES[result.kind] ?? "run it again; if the result stays the same, look at the exchange's status";
  return { name: 'key', ok: false, detail, fix };
}
