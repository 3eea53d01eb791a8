import { type Answer, ApiError, acceptedBody, canceledBody, orderBody } from './answers.ts';
import type { EndpointCall } from './endpoint.ts';
import { type ExchangeOrder, isOpen } from './orders.ts';
import { legal, long, optional, optionSymbol } from './parameters.ts';

const FINISHED = {
  [-2011]: 'Unknown order sent.',
  [-2013]: 'Order does not exist.',
  [-6028]: 'The order is already in a final state.',
} as const;

const VISIBLE_ASCII = /^[!-~]{1,64}$/;

/** Cancels an open order. A name finds the pending order before a finished one. */
export function cancelOrder(call: EndpointCall): Answer {
  const { book, behaviour } = call;
  const order = find(call, (bearers) => bearers.findLast(isOpen) ?? bearers.at(-1));
  if (order === undefined) throw new ApiError(400, -2011, FINISHED[-2011]);
  if (!isOpen(order)) {
    throw new ApiError(400, behaviour.finishedCancelCode, FINISHED[behaviour.finishedCancelCode]);
  }
  const acceptedForMs = order.acceptedForMs ?? behaviour.acceptedForMs;
  const after = book.cancel(order.orderId, acceptedForMs ?? 0);
  return { status: 200, body: acceptedForMs === undefined ? canceledBody(after) : acceptedBody(after) };
}

/** Answers the order in any status; -2013 when there is none, or it has vanished. See `nameQueryFinds`. */
export function queryOrder(call: EndpointCall): Answer {
  const { behaviour, read, now } = call;
  const older = behaviour.nameQueryFinds === 'older' || read === 'older-bearer';
  const isPreferred = (order: ExchangeOrder) => isOpen(order) !== older;
  const found = find(call, (bearers) => bearers.findLast(isPreferred) ?? bearers.at(-1));
  const order = found && !hasVanished(found, now()) ? asRead(call, found) : undefined;
  if (order === undefined) throw new ApiError(400, -2013, FINISHED[-2013]);
  return { status: 200, body: orderBody(order) };
}

/**
 * Finds the order that a call names; `choose` picks one of the orders that have had a name. One
 * identifier is mandatory. The options API does not read `origClientOrderId`.
 *
 * @throws ApiError for a wrong parameter
 */
function find(
  { book, behaviour, account, parameters }: EndpointCall,
  choose: (bearers: readonly ExchangeOrder[]) => ExchangeOrder | undefined,
): ExchangeOrder | undefined {
  const symbol = optionSymbol(parameters);
  const id = optional(parameters, 'orderId');
  const name = optional(parameters, 'clientOrderId');
  if (id === undefined && name === undefined) {
    const msg = "Param 'orderId' or 'clientOrderId' must be sent, but both were empty/null!";
    throw new ApiError(400, -1102, msg);
  }
  const orderId = id === undefined ? undefined : long('orderId', id);
  const clientOrderId = name === undefined ? '' : legal('clientOrderId', name, VISIBLE_ASCII);
  const goesByName = orderId === undefined || (name !== undefined && behaviour.bothIdentifiers === 'name');
  if (goesByName) return choose(book.bearersOf({ account, symbol, clientOrderId }));
  const order = book.get(orderId);
  if (order?.symbol !== symbol || order.account !== account) return undefined;
  const checksName = name !== undefined && behaviour.bothIdentifiers === 'id-then-name-check';
  return checksName && clientOrderId !== order.clientOrderId ? undefined : order;
}

function asRead({ book, read }: EndpointCall, order: ExchangeOrder): ExchangeOrder | undefined {
  if (read === 'missing') return undefined;
  return read === 'as-placed' ? book.asPlaced(order.orderId) : order;
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
