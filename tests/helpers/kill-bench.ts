import { Kill } from '../../lib/cancel/kill.ts';
import { parseKill } from '../../lib/cancel/kill-request.ts';
import { Session } from '../../lib/exchange/session.ts';
import type { KillEnd } from '../../lib/outcome.ts';
import { isOpen } from '../../local/exchange.ts';
import { startWorkbench, type Workbench, type WorkbenchOptions } from './workbench.ts';

/** A workbench that can carry out kills. */
export interface KillBench extends Workbench {
  /** Carries out a kill with these fields; by default of the underlying BTCUSDT, asked for now. */
  kill(fields?: Readonly<Record<string, unknown>>, options?: KillOptions): Promise<KillEnd>;
  /** Returns such a kill before it runs. */
  prepare(fields?: Readonly<Record<string, unknown>>, options?: KillOptions): Kill;
  /** The calls so far, such as `GET openOrders`. */
  digests(): readonly string[];
  /** Ids of the orders that are open. */
  open(): readonly string[];
  /** Warnings of kills. */
  readonly warnings: readonly string[];
}

export interface KillOptions {
  /** Milliseconds since the epoch; default now. */
  readonly askedAt?: number;
  /** Milliseconds for all calls; default 15,000. */
  readonly remainingMs?: number;
}

export { CALL, PUT } from './kill-stage.ts';

interface KillBenchOptions extends WorkbenchOptions {
  /** The underlyings that the service sweeps; default BTCUSDT and ETHUSDT. */
  readonly swept?: readonly string[];
}

/** Starts a workbench that can carry out kills. */
export async function startKillBench({
  swept: underlyings = ['BTCUSDT', 'ETHUSDT'],
  ...options
}: KillBenchOptions = {}): Promise<KillBench> {
  const bench = await startWorkbench({ weightLimit: 100_000, knownWeightLimit: 100_000, ...options });
  const { client, account, time: effects, exchange } = bench;
  const warnings: string[] = [];
  const prepare: KillBench['prepare'] = (
    fields = {},
    { askedAt = effects.now(), remainingMs = 15_000 } = {},
  ) => {
    const parsed = parseKill({ kill: { underlying: 'BTCUSDT' }, ...fields });
    if (!parsed.ok) throw new Error(parsed.errors.join('; '));
    const deadlineAt = effects.monotonic() + remainingMs;
    const open = () => new Session({ client, account, effects }, { recvWindow: 5000, deadlineAt });
    const warn = (message: string) => warnings.push(message);
    return new Kill({ request: parsed.value, askedAt }, { open, effects, maxAttempts: 3, underlyings, warn });
  };
  return {
    ...bench,
    warnings,
    prepare,
    kill: (fields, options) => prepare(fields, options).run(),
    digests: () => exchange.calls.map(({ method, path }) => `${method} ${path.replace('/eapi/v1/', '')}`),
    open: () => [...exchange.orders].filter(isOpen).map(({ orderId }) => orderId),
  };
}
