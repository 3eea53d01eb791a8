import type { ExchangeOrder } from './exchange.ts';

/** The statuses that prove each outcome that says how an order ended. */
const PROOF: ReadonlyMap<string, readonly string[]> = new Map([
  ['canceled', ['CANCELLED', 'CANCELED']],
  ['filled', ['FILLED']],
  ['closed', ['REJECTED', 'EXPIRED', 'EXPIRED_IN_MATCH']],
]);

/**
 * Returns true unless the outcome says how an order ended and its status in the book is another.
 */
export function isTrueEnd(outcome: string, status = 'not in the book'): boolean {
  return PROOF.get(outcome)?.includes(status) ?? true;
}

/**
 * Returns true unless an outcome says something of an order that the request did not name, or that
 * the book contradicts. `asked` is the order of the request; undefined when it is no cancel of one.
 */
export function agrees(
  { outcome, orderId }: { readonly outcome: string; readonly orderId?: string | undefined },
  asked: string | undefined,
  status: string | undefined,
): boolean {
  if (!PROOF.has(outcome) && outcome !== 'accepted') return true;
  return asked !== undefined && (orderId ?? asked) === asked && isTrueEnd(outcome, status);
}

export interface KillTarget {
  readonly scope: Readonly<{ symbol: string } | { underlying: string } | { everything: true }>;
  readonly only:
    | Readonly<{ side?: 'BUY' | 'SELL'; optionSide?: 'CALL' | 'PUT'; clientOrderIdPrefix?: string }>
    | undefined;
}

/**
 * How much later than it was asked for an order may be created for a late kill to cover it, in ms.
 */
const GRACE_MS = 5000;

/**
 * Returns true for an order that a kill covers. `lateSince` is the moment at which a late kill was
 * asked for, in ms of the exchange's clock; undefined for a fresh kill.
 */
export function covers(
  { scope, only = {} }: KillTarget,
  order: ExchangeOrder,
  lateSince = Infinity,
): boolean {
  const [asset, , , type] = order.symbol.split('-');
  const isInScope =
    'everything' in scope ||
    ('symbol' in scope ? order.symbol === scope.symbol : `${asset}USDT` === scope.underlying);
  const { side = order.side, optionSide, clientOrderIdPrefix = '' } = only;
  return (
    isInScope &&
    order.side === side &&
    (optionSide === undefined || optionSide[0] === type) &&
    order.clientOrderId.startsWith(clientOrderIdPrefix) &&
    order.createTime <= lateSince + GRACE_MS
  );
}

/** Returns true if every order of a kill's result ended so in the book, and the counts add up. */
export function isTrueResult(
  { orders, results }: KillResult,
  statusOf: (orderId: string) => string | undefined,
): boolean {
  const { seen, canceled, filled, closed, unexamined, left } = orders;
  const hasEndedSo = ({ orderId, outcome }: KillResult['results'][number]) => {
    const status = statusOf(orderId);
    return status !== undefined && isTrueEnd(outcome, status);
  };
  return results.every(hasEndedSo) && seen === canceled + filled + closed + unexamined + left;
}

interface KillResult {
  readonly orders: Record<'seen' | 'canceled' | 'filled' | 'closed' | 'unexamined' | 'left', number>;
  readonly results: readonly { readonly orderId: string; readonly outcome: string }[];
}
