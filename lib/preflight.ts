import type { ExchangeConfig } from './config.ts';
import { Connection } from './connection.ts';
import { realEffects } from './effects.ts';
import type { Reading } from './exchange/result.ts';
import { describeKeyError } from './keys/keys.ts';

/** One line of the checklist. */
export interface Check {
  readonly name: 'secret' | 'clock' | 'address' | 'key';
  readonly ok: boolean;
  readonly detail: string;
  /** What to do about it, when it is not all right. */
  readonly fix?: string;
}

/** The option of the exchange's own examples; production may not list it any more. */
export const DEFAULT_SYMBOL = 'BTC-200730-9000-C';

export interface PreflightOptions {
  /** A listed option: the cancel that proves the key names an order of it that cannot exist. */
  readonly symbol: string;
  /** Milliseconds for all of it. */
  readonly budgetMs: number;
  /** The AWS region that the calls leave from, where there is one. */
  readonly region: string | undefined;
}

/** Order ids begin far above this one. */
const NO_ORDER = '1';
/** The exchange refuses a timestamp more than a second ahead of its clock. */
const GREATEST_OFFSET_MS = 1000;
/** Answers with its caller's address. */
const ADDRESS_URL = 'https://checkip.amazonaws.com';
const ADDRESS_TIMEOUT_MS = 2000;

/** Proves, without touching an order, that a cancel would get through: secret, clock, address, and the key with its permissions. */
export async function preflight(
  config: ExchangeConfig,
  options: PreflightOptions,
): Promise<readonly Check[]> {
  const offsets: number[] = [];
  const observer = {
    clockRead: (offsetMs: number) => offsets.push(offsetMs),
    answered: () => undefined,
    secretRead: () => undefined,
    warn: () => undefined,
  };
  const deadlineAt = realEffects.now() + options.budgetMs;
  const connection = new Connection(config, observer, realEffects);
  await connection.clockReady;
  const address = await checkAddress(config, options);
  const secret = await checkSecret(connection);
  const ref = { symbol: options.symbol, orderId: NO_ORDER };
  const key = secret.ok
    ? keyCheck(await connection.session(deadlineAt).cancel(ref), options.symbol)
    : NOT_TRIED;
  return [secret, clockCheck(offsets.at(-1)), address, key];
}

const NOT_TRIED: Check = { name: 'key', ok: false, detail: 'not tried', fix: 'mend the secret first' };

async function checkSecret({ keyStore }: Connection): Promise<Check> {
  try {
    const { version } = await keyStore.get();
    return { name: 'secret', ok: true, detail: `read, version ${version}` };
  } catch (error) {
    const fix =
      'check BINANCE_SECRET_ID, that the secret has a value, and that whoever runs this may read it';
    return { name: 'secret', ok: false, detail: describeKeyError(error), fix };
  }
}

function clockCheck(offsetMs: number | undefined): Check {
  if (offsetMs === undefined) {
    const fix = 'check BINANCE_BASE_URL, and that this network may reach it (NAT, routes, security group)';
    return { name: 'clock', ok: false, detail: 'the exchange did not tell its time', fix };
  }
  const detail = `the exchange is ${Math.abs(Math.round(offsetMs))} ms ${offsetMs < 0 ? 'behind' : 'ahead'}`;
  if (Math.abs(offsetMs) <= GREATEST_OFFSET_MS) return { name: 'clock', ok: true, detail };
  return { name: 'clock', ok: false, detail, fix: "calls allow for it, but set this machine's clock (NTP)" };
}

/** Which address the exchange sees. Not asked where the exchange is on this machine; not knowing it is no fault. */
async function checkAddress(
  { BINANCE_BASE_URL }: ExchangeConfig,
  { region = 'no AWS region' }: PreflightOptions,
): Promise<Check> {
  if (BINANCE_BASE_URL.protocol === 'http:') return { name: 'address', ok: true, detail: 'this machine' };
  try {
    const answer = await fetch(ADDRESS_URL, { signal: AbortSignal.timeout(ADDRESS_TIMEOUT_MS) });
    return { name: 'address', ok: true, detail: `${(await answer.text()).trim().slice(0, 45)}, ${region}` };
  } catch {
    return { name: 'address', ok: true, detail: `not known (${ADDRESS_URL} did not answer), ${region}` };
  }
}

const FIXES: Readonly<Partial<Record<Reading['kind'], string>>> = {
  keys: 'check the key, that it may trade options, and that the address above is on its list of addresses',
  forbidden: 'this address is refused: call from a region that the exchange serves',
  throttled: 'wait until the throttle or ban has passed before anything else is sent from this address',
  clock: "set this machine's clock (NTP), or send a larger recvWindow",
  invalid: 'give a listed option with --symbol (function: {"symbol":"…"}), and run it again',
};

/** "No such order" is the answer of an exchange that has accepted key, signature, permission and address. */
function keyCheck(reading: Reading, symbol: string): Check {
  if (reading.kind === 'no-open-order' || reading.kind === 'no-such-order') {
    return {
      name: 'key',
      ok: true,
      detail: `accepted: the exchange looked for order ${NO_ORDER} of ${symbol}`,
    };
  }
  const detail = reading.kind === 'order' ? `order ${NO_ORDER} of ${symbol} exists` : reading.fault.detail;
  return {
    name: 'key',
    ok: false,
    detail,
    fix: FIXES[reading.kind] ?? "run it again; if it stays so, look at the exchange's status",
  };
}
