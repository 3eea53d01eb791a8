import type { ListedOrder } from '../order.ts';
import type { KillRequest, Only, Scope } from './kill-request.ts';

/** A late kill covers orders created up to so many milliseconds after `askedAt`. */
const GRACE_MS = 5000;

/**
 * The place of an order in a kill: covered; newer than a late kill, which leaves it alone; outside
 * of scope or `only`; or undecided, because it does not show the field that would decide.
 */
export type Coverage =
  | { readonly kind: 'covered' | 'outside'; readonly isNewer: boolean }
  | { readonly kind: 'newer'; readonly isNewer: true }
  | { readonly kind: 'undecided'; readonly isNewer: false; readonly field: string };

/**
 * The moment at which a kill was asked for, in milliseconds of the exchange's clock, and if that is
 * long ago.
 */
export interface Epoch {
  readonly askedAt: number;
  readonly isLate: boolean;
}

/** Returns the place of an order in a kill. */
export function coverageOf(order: ListedOrder, { kill, only = {} }: KillRequest, epoch: Epoch): Coverage {
  if (!isInScope(order, kill)) return { kind: 'outside', isNewer: false };
  const match = matches(order, only);
  if (match === false) return { kind: 'outside', isNewer: false };
  if (match !== true) return { kind: 'undecided', isNewer: false, field: match };
  const { createdAt } = order;
  if (createdAt === undefined && epoch.isLate)
    return { kind: 'undecided', isNewer: false, field: 'createTime' };
  const isNewer = (createdAt ?? 0) > epoch.askedAt + GRACE_MS;
  return isNewer && epoch.isLate ? { kind: 'newer', isNewer } : { kind: 'covered', isNewer };
}

/** Returns the underlying of an option symbol: `BTCUSDT` of `BTC-200730-9000-C`. */
export const underlyingOf = (symbol: string): string => `${symbol.split('-', 1)[0]}USDT`;

function isInScope({ symbol }: ListedOrder, scope: Scope): boolean {
  if ('symbol' in scope) return symbol === scope.symbol;
  return 'everything' in scope || underlyingOf(symbol) === scope.underlying;
}

/** Returns whether an order fits `only`, or the name of a field that it does not show. */
function matches(order: ListedOrder, { side, optionSide, clientOrderIdPrefix }: Only): boolean | string {
  if (side !== undefined && order.side !== side) return order.side === undefined ? 'side' : false;
  if (optionSide !== undefined && order.optionSide !== optionSide)
    return order.optionSide === undefined ? 'optionSide' : false;
  if (clientOrderIdPrefix === undefined) return true;
  return order.clientOrderId?.startsWith(clientOrderIdPrefix) ?? 'clientOrderId';
}
