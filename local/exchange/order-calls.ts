import { ApiError, acceptedBody, canceledBody, orderBody, orderError } from './answers.ts';
import type { EndpointCall } from './endpoint.ts';
import { type ExchangeOrder, isOpen } from './orders.ts';
import { integer, legal, optional, optionSymbol } from './parameters.ts';

/** Cancels an open order. A name finds the pending order before a finished one. */
export function cancelOrder(call: EndpointCall): string {
  const { book, behaviour } = call;
  const order = find(call, isOpen);
  if (order === undefined) throw orderError(-2011);
  if (!isOpen(order)) throw orderError(behaviour.finishedCancelCode);
  const acceptedForMs = order.acceptedForMs ?? behaviour.acceptedForMs;
  const after = book.cancel(order.orderId, acceptedForMs ?? 0);
  return acceptedForMs === undefined ? canceledBody(after) : acceptedBody(after);
}

/** Answers the order in any status; -2013 when there is none, or it has vanished. */
export function queryOrder(call: EndpointCall): string {
  const { book, behaviour, read } = call;
  const older = behaviour.nameQueryFinds === 'older' || read === 'older-bearer';
  const order = find(call, (bearer) => isOpen(bearer) !== older);
  if (order === undefined || read === 'missing' || hasVanished(order, book.now())) throw orderError(-2013);
  const [placed = order] = book.history(order.orderId);
  return orderBody(read === 'as-placed' ? placed : order);
}

const VISIBLE_ASCII = /^[!-~]{1,64}$/;

/**
 * Finds the order that a call names: of those that have had a name the newest that is
 * preferred, else the newest. One identifier is mandatory; `origClientOrderId` is not read.
 *
 * @throws ApiError for a wrong parameter
 */
function find(
  { book, behaviour, account, parameters }: EndpointCall,
  isPreferred: (order: ExchangeOrder) => boolean,
): ExchangeOrder | undefined {
  const symbol = optionSymbol(parameters);
  const id = integer(parameters, 'orderId');
  const name = optional(parameters, 'clientOrderId');
  if (name !== undefined) legal('clientOrderId', name, VISIBLE_ASCII);
  else if (id === undefined) {
    const msg = "Param 'orderId' or 'clientOrderId' must be sent, but both were empty/null!";
    throw new ApiError(400, -1102, msg);
  }
  if (name !== undefined && (id === undefined || behaviour.bothIdentifiers === 'name')) {
    const bearers = book.bearersOf({ account, symbol, clientOrderId: name });
    return bearers.findLast(isPreferred) ?? bearers.at(-1);
  }
  const order = book.order(String(id));
  if (order?.symbol !== symbol || order.account !== account) return undefined;
  const checksName = name !== undefined && behaviour.bothIdentifiers === 'id-then-name-check';
  return checksName && name !== order.clientOrderId ? undefined : order;
}

const VANISHES_AFTER_MS = 3 * 24 * 60 * 60 * 1000;

/**
 * A canceled, rejected or expired order without a fill can be queried for three days from its
 * creation, so an order that is canceled on its fourth day vanishes at once.
 */
function hasVanished(order: ExchangeOrder, now: number): boolean {
  const withoutFill = !isOpen(order) && order.status !== 'FILLED' && order.executedQty === '0';
  return withoutFill && now - order.createTime > VANISHES_AFTER_MS;
}
