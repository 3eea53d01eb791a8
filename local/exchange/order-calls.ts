import {
  type Answer,
  ApiError,
  acceptedBody,
  acknowledgementBody,
  canceledBody,
  orderBody,
} from './answers.ts';
import type { EndpointCall } from './endpoint.ts';
import { findForQuery, findOrder, type Identity, identityOf } from './identity.ts';
import { newOrderTerms } from './new-order.ts';
import { type ExchangeOrder, isOpen } from './orders.ts';

/** Answers the short acknowledgement, or with `newOrderRespType=RESULT` the whole order. */
export function newOrder({ book, account, parameters }: EndpointCall): Answer {
  const terms = { ...newOrderTerms(parameters), account };
  if (book.isNamePending(terms)) {
    throw new ApiError(400, -2010, 'Duplicate order sent.');
  }
  const order = book.place(terms);
  const whole = parameters.values.get('newOrderRespType') === 'RESULT';
  return { status: 200, body: whole ? orderBody(order) : acknowledgementBody(order) };
}

/** Cancels an open order. */
export function cancelOrder(call: EndpointCall): Answer {
  return { status: 200, body: cancelOne(call, identityOf(call.parameters)) };
}

const FINISHED = {
  [-2011]: 'Unknown order sent.',
  [-2013]: 'Order does not exist.',
  [-6028]: 'The order is already in a final state.',
} as const;

/**
 * Cancels one open order and returns its body.
 *
 * @throws ApiError when there is no such open order
 */
export function cancelOne(call: EndpointCall, identity: Identity): string {
  const { book, behaviour } = call;
  const order = findOrder(call, identity);
  if (order === undefined) throw new ApiError(400, -2011, FINISHED[-2011]);
  if (!isOpen(order)) {
    throw new ApiError(400, behaviour.finishedCancelCode, FINISHED[behaviour.finishedCancelCode]);
  }
  const acceptedForMs = order.acceptedForMs ?? behaviour.acceptedForMs;
  const after = book.cancel(order.orderId, acceptedForMs ?? 0);
  return acceptedForMs === undefined ? canceledBody(after) : acceptedBody(after);
}

/** Answers the order in any status; -2013 when there is none, or it has vanished. */
export function queryOrder(call: EndpointCall): Answer {
  const found = findForQuery(call, identityOf(call.parameters));
  const order = found && !hasVanished(found, call.now()) ? asRead(call, found) : undefined;
  if (order === undefined) throw new ApiError(400, -2013, 'Order does not exist.');
  return { status: 200, body: orderBody(order) };
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
