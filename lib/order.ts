import { isJsonObject, parseArray, parseObject } from './json.ts';

/**
 * The one order that a call names, by exactly one identifier: which of two would win is documented
 * nowhere.
 */
export type OrderRef =
  | { readonly symbol: string; readonly orderId: string; readonly clientOrderId?: never }
  | { readonly symbol: string; readonly orderId?: never; readonly clientOrderId: string };

/** The state that a status stands for. Every status that is not known to be terminal is `open`. */
export type OrderState = 'canceled' | 'filled' | 'closed' | 'open';

/**
 * An order as the exchange reported it. Times in milliseconds of the exchange's clock, where it
 * gives them.
 */
export interface Order {
  readonly orderId: string;
  readonly status: string | undefined;
  readonly state: OrderState;
  readonly symbol: string | undefined;
  readonly clientOrderId: string | undefined;
  readonly createdAt: number | undefined;
  /** The time of the last change: of a terminal order, its end. */
  readonly updatedAt: number | undefined;
  readonly executedQty: string | undefined;
  readonly side: string | undefined;
  readonly optionSide: string | undefined;
}

/** An order that an answer is about. */
export interface AnsweredOrder extends Order {
  /** The exchange's own JSON, byte for byte. */
  readonly text: string;
}

const STATES: ReadonlyMap<string | undefined, OrderState> = new Map([
  ['CANCELLED', 'canceled'],
  ['CANCELED', 'canceled'],
  ['FILLED', 'filled'],
  ['REJECTED', 'closed'],
  ['EXPIRED', 'closed'],
  ['EXPIRED_IN_MATCH', 'closed'],
]);

/**
 * Reads an order from the body of an answer. Returns undefined unless it is a JSON object with an
 * `orderId`.
 */
export function readOrder(text: string): AnsweredOrder | undefined {
  const order = orderOf(parseObject(text));
  return order === undefined ? undefined : { ...order, text };
}

/**
 * Reads a list of orders. Returns undefined unless it is a JSON array of objects with an `orderId`
 * and a `symbol`.
 */
export function readOrders(text: string): readonly ListedOrder[] | undefined {
  const items = parseArray(text)?.map(orderOf);
  return items?.every(isListed) ? items : undefined;
}

/** An order of a list. */
export type ListedOrder = Order & { readonly symbol: string };

const isListed = (order: Order | undefined): order is ListedOrder => order?.symbol !== undefined;

function orderOf(fields: unknown): Order | undefined {
  if (!isJsonObject(fields)) return undefined;
  const orderId = textOf(fields.orderId);
  if (orderId === undefined || !/^\d{1,19}$/.test(orderId)) return undefined;
  const status = textOf(fields.status);
  return {
    orderId,
    status,
    state: STATES.get(status) ?? 'open',
    symbol: textOf(fields.symbol),
    clientOrderId: textOf(fields.clientOrderId),
    createdAt: timeOf(fields.createTime ?? fields.createDate),
    updatedAt: timeOf(fields.updateTime),
    executedQty: textOf(fields.executedQty),
    side: textOf(fields.side),
    optionSide: textOf(fields.optionSide),
  };
}

/**
 * Returns true if an order is the one that `ref` names: the same `orderId` where `ref` has one,
 * else the same `clientOrderId` (the exchange may leave it empty), and the same symbol where the
 * order has one.
 */
export function isSameOrder(order: Order, ref: OrderRef): boolean {
  if (order.symbol !== undefined && order.symbol !== ref.symbol) return false;
  if (ref.orderId !== undefined) return order.orderId === ref.orderId;
  return !order.clientOrderId || order.clientOrderId === ref.clientOrderId;
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : undefined);

const timeOf = (value: unknown) =>
  typeof value === 'string' && /^\d{1,16}$/.test(value) ? Number(value) : undefined;
