import { ApiError } from './answers.ts';
import type { EndpointCall } from './endpoint.ts';
import { type ExchangeOrder, isOpen } from './orders.ts';
import { clientName, long, optional, optionSymbol, type Parameters } from './parameters.ts';

/** The order that a call names. */
export interface Identity {
  readonly symbol: string;
  readonly orderId: string | undefined;
  readonly clientOrderId: string | undefined;
}

/**
 * Reads the identifiers, of which one is mandatory. The options API does not read
 * `origClientOrderId`.
 *
 * @throws ApiError for a wrong parameter
 */
export function identityOf(parameters: Parameters): Identity {
  const symbol = optionSymbol(parameters);
  const orderId = optional(parameters, 'orderId');
  const clientOrderId = optional(parameters, 'clientOrderId');
  if (orderId === undefined && clientOrderId === undefined) {
    throw new ApiError(
      400,
      -1102,
      "Param 'orderId' or 'clientOrderId' must be sent, but both were empty/null!",
    );
  }
  return {
    symbol,
    orderId: orderId === undefined ? undefined : long('orderId', orderId),
    clientOrderId: clientOrderId === undefined ? undefined : clientName('clientOrderId', clientOrderId),
  };
}

/** Finds the order that a cancel names. A name finds the pending order before a finished one. */
export function findOrder(call: EndpointCall, identity: Identity): ExchangeOrder | undefined {
  return find(call, identity, (bearers) => bearers.findLast(isOpen) ?? bearers.at(-1));
}

/** Finds the order that a query names; see `nameQueryFinds`. */
export function findForQuery(call: EndpointCall, identity: Identity): ExchangeOrder | undefined {
  const older = call.behaviour.nameQueryFinds === 'older' || call.read === 'older-bearer';
  if (!older) return findOrder(call, identity);
  return find(call, identity, (bearers) => bearers.findLast((order) => !isOpen(order)) ?? bearers.at(-1));
}

function find(
  { book, behaviour, account }: EndpointCall,
  { symbol, orderId, clientOrderId = '' }: Identity,
  choose: (bearers: readonly ExchangeOrder[]) => ExchangeOrder | undefined,
): ExchangeOrder | undefined {
  const byName = () => choose(book.bearersOf({ account, symbol, clientOrderId }));
  if (orderId === undefined) return byName();
  if (clientOrderId !== '' && behaviour.bothIdentifiers === 'name') return byName();
  const order = book.get(orderId);
  if (order?.symbol !== symbol || order.account !== account) return undefined;
  const checksName = clientOrderId !== '' && behaviour.bothIdentifiers === 'id-then-name-check';
  return checksName && clientOrderId !== order.clientOrderId ? undefined : order;
}
