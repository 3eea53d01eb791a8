import type { ExchangeConfig } from './config.ts';
import type { CallResult } from './exchange/result.ts';
import type { Session } from './exchange/session.ts';
import type { Accounts } from './keys/accounts.ts';
import type { AnsweredOrder } from './order.ts';

/** One line of the checklist. */
export interface Check {
  readonly name: 'secret' | 'clock' | 'address' | 'rules' | 'key';
  readonly ok: boolean;
  readonly detail: string;
  /** The fix, when it is not ok. */
  readonly fix?: string;
}

/** Order ids begin far above this one. */
const NO_ORDER = '1';

const NO_ACCOUNTS: Check = {
  name: 'secret',
  ok: false,
  detail: 'BINANCE_ACCOUNT_SECRETS is not set',
  fix: "set it to the prefix of the accounts' secrets",
};

/** Reads the secret of an account; without a name, that of the default account. */
export async function checkSecret(
  { BINANCE_ACCOUNT_SECRETS }: ExchangeConfig,
  accounts: Accounts,
  account: string | undefined,
): Promise<Check> {
  if (account !== undefined && BINANCE_ACCOUNT_SECRETS === undefined) return NO_ACCOUNTS;
  const read = await accounts.get(account).keys();
  if (read.ok) return { name: 'secret', ok: true, detail: `read, version ${read.keys.version}` };
  const fix =
    'check the id (BINANCE_SECRET_ID, or BINANCE_ACCOUNT_SECRETS and the account), that the secret has a value, and that this caller may read it';
  return { name: 'secret', ok: false, detail: read.detail, fix };
}

/** Cancels an order that cannot exist, again when the clock or the keys have been renewed. */
export async function cancelNoOrder(session: Session, symbol: string): Promise<CallResult<AnsweredOrder>> {
  const ref = { symbol, orderId: NO_ORDER };
  let result = await session.cancel(ref);
  while (result.renewed) result = await session.cancel(ref);
  return result;
}

/**
 * Returns the check of the key by the result of `cancelNoOrder`. An exchange that answers "no such
 * order" has accepted key, signature, permission and address.
 */
export function keyCheck(result: CallResult<AnsweredOrder>, symbol: string): Check {
  if (result.kind === 'no-open-order' || result.kind === 'no-such-order') {
    const detail = `accepted: the exchange looked for order ${NO_ORDER} of ${symbol}`;
    return { name: 'key', ok: true, detail };
  }
  const detail = result.kind === 'ok' ? `order ${NO_ORDER} of ${symbol} exists` : result.reason.detail;
  return { name: 'key', ok: false, detail, fix: fixOf(result.kind) };
}

const FIXES: Readonly<Partial<Record<CallResult<unknown>['kind'], string>>> = {
  keys: 'check the key, that it may trade options, and that this address is on its list of addresses',
  forbidden: 'this address is refused: call from a region that the exchange serves',
  throttled: 'wait until the throttle or ban has passed before you send anything else from this address',
  clock: "set this machine's clock (NTP), or send a larger recvWindow",
  invalid: 'give a listed option with --symbol (function: {"symbol":"…"}), and run it again',
};

/** Returns the fix of a call that failed. */
export const fixOf = (kind: CallResult<unknown>['kind']): string =>
  FIXES[kind] ??
  "run it again; if it fails again, check the network (NAT, routes, security group) and the exchange's status";
