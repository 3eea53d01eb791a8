import { parseObject } from './json.ts';

/** The exact order that a call names: by `orderId`, by `clientOrderId`, or by both. */
export type OrderRef =
  | { readonly symbol: string; readonly orderId: string; readonly clientOrderId?: string }
  | { readonly symbol: string; readonly orderId?: never; readonly clientOrderId: string };

/** The state that a status stands for. Every status that is not known to be terminal is `open`. */
export type OrderState = 'canceled' | 'filled' | 'closed' | 'open';

/** An order as the exchange reported it. */
export interface Order {
  readonly orderId: string;
  readonly status: string | undefined;
  readonly state: OrderState;
  readonly symbol: string | undefined;
  readonly clientOrderId: string | undefined;
  /** Creation time in milliseconds of the exchange's clock; undefined where the exchange gives none. */
  readonly createdAt: number | undefined;
  /** The exchange's own JSON, byte for byte. */
  readonly text: string;
}

const STATES: ReadonlyMap<string | undefined, OrderState> = new Map([
  ['CANCELLED', 'canceled'],
  ['CANCELED', 'canceled'],
  ['FILLED', 'filled'],
  ['REJECTED', 'closed'],
  ['EXPIRED', 'closed'],
]);

/** Reads an order from the body of an answer. Returns undefined unless it is a JSON object with an `orderId`. */
export function readOrder(text: string): Order | undefined {
  const fields = parseObject(text);
  const orderId = textOf(fields?.orderId);
  if (fields === undefined || orderId === undefined || !/^\d{1,19}$/.test(orderId)) return undefined;
  const status = textOf(fields.status);
  const createdAt = Number(textOf(fields.createTime) ?? textOf(fields.createDate));
  return {
    orderId,
    status,
    state: STATES.get(status) ?? 'open',
    symbol: textOf(fields.symbol),
    clientOrderId: textOf(fields.clientOrderId),
    createdAt: Number.isFinite(createdAt) ? createdAt : undefined,
    text,
  };
}

/**
 * Returns true if an order is the one that `ref` names: the same `orderId` where `ref` has one, else
 * the same `clientOrderId` (the exchange may leave it empty), and the same symbol where the order has one.
 */
export function isSameOrder(order: Order, ref: OrderRef): boolean {
  if (order.symbol !== undefined && order.symbol !== ref.symbol) return false;
  if (ref.orderId !== undefined) return order.orderId === ref.orderId;
  return !order.clientOrderId || order.clientOrderId === ref.clientOrderId;
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : undefined);
