import { type Answer, ApiError } from './answers.ts';
import type { EndpointCall } from './endpoint.ts';
import { underlyingOf } from './listing.ts';
import { cancelOne } from './order-calls.ts';
import { type ExchangeOrder, isOpen } from './orders.ts';
import { clientName, legal, long, mandatory, optional, optionSymbol } from './parameters.ts';

/** Cancels all open orders of a symbol. */
export function cancelSymbol(call: EndpointCall): Answer {
  const symbol = optionSymbol(call.parameters);
  return cancelMany(call, (order) => order.symbol === symbol, '0');
}

/** Cancels all open orders of an underlying. */
export function cancelUnderlying(call: EndpointCall): Answer {
  const underlying = legal('underlying', mandatory(call.parameters, 'underlying'), /^[A-Z0-9]{1,20}$/);
  if (!call.listing.underlyings.includes(underlying)) throw new ApiError(400, -1128, 'Invalid underlying.');
  return cancelMany(call, (order) => underlyingOf(order.symbol) === underlying, 0);
}

const EMPTY = {
  [-2011]: 'Unknown order sent.',
  [-2013]: 'Order does not exist.',
  [-6037]: 'No open orders.',
} as const;

/** Answers neither ids nor a number of orders. An order's own `acceptedForMs` delays its cancel. */
function cancelMany(
  { book, behaviour, account }: EndpointCall,
  isInScope: (order: ExchangeOrder) => boolean,
  documentedCode: '0' | 0,
): Answer {
  const orders = [...book.all()].filter(
    (order) => order.account === account && isOpen(order) && isInScope(order),
  );
  const { massWhenEmpty, massSurvivors, massDelayMs, massCode } = behaviour;
  if (orders.length === 0 && massWhenEmpty !== 'success') {
    throw new ApiError(400, massWhenEmpty, EMPTY[massWhenEmpty]);
  }
  for (const order of orders) {
    if (!massSurvivors(order)) book.cancel(order.orderId, Math.max(massDelayMs, order.acceptedForMs ?? 0));
  }
  const codes = { documented: documentedCode, string: '0', number: 0 };
  return { status: 200, body: JSON.stringify({ code: codes[massCode], msg: 'success' }) };
}

const MAX_BATCH = 10;

/**
 * Cancels up to ten orders of a symbol. Answers an order or an error for each, in the order asked.
 */
export function cancelBatch(call: EndpointCall): Answer {
  const symbol = optionSymbol(call.parameters);
  const ids = listOf(optional(call.parameters, 'orderIds'), 'orderIds', orderIdsIn);
  const names = listOf(optional(call.parameters, 'clientOrderIds'), 'clientOrderIds', namesIn);
  if (ids.length > 0 && names.length > 0) {
    throw new ApiError(400, -1128, 'Combination of optional parameters invalid.');
  }
  if (ids.length + names.length === 0) {
    throw new ApiError(400, -1102, "Param 'orderIds' or 'clientOrderIds' must be sent.");
  }
  const identities = [
    ...ids.map((orderId) => ({ symbol, orderId, clientOrderId: undefined })),
    ...names.map((clientOrderId) => ({ symbol, orderId: undefined, clientOrderId })),
  ];
  const bodies = identities.map((identity) => orErrorBody(() => cancelOne(call, identity)));
  return { status: 200, body: `[${bodies.join(',')}]` };
}

function orErrorBody(cancel: () => string): string {
  try {
    return cancel();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return JSON.stringify({ code: error.code, msg: error.message });
  }
}

function listOf(
  text: string | undefined,
  name: string,
  parse: (text: string) => readonly string[] | undefined,
): readonly string[] {
  if (text === undefined) return [];
  const items = parse(text);
  if (items === undefined || items.length === 0) {
    throw new ApiError(400, -1130, `Data sent for parameter '${name}' is not valid.`);
  }
  if (items.length > MAX_BATCH) throw new ApiError(400, -6011, 'Too many orders in the batch.');
  return items;
}

/** Reads the digits from the text, since `JSON.parse` would round them. Allows no blanks. */
function orderIdsIn(text: string): readonly string[] | undefined {
  if (!/^\[(?:\d{1,20}|"\d{1,20}")(?:,(?:\d{1,20}|"\d{1,20}"))*\]$/.test(text)) return undefined;
  return [...text.matchAll(/\d+/g)].map(([digits]) => long('orderIds', digits));
}

function namesIn(text: string): readonly string[] | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    if (!Array.isArray(parsed) || JSON.stringify(parsed) !== text) return undefined;
    const names = parsed.filter((name) => typeof name === 'string');
    if (names.length < parsed.length) return undefined;
    return names.map((name) => clientName('clientOrderIds', name));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
