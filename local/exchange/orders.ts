/** Every status an order is reported with, here or elsewhere in the exchange's family. */
export type OrderStatus =
  | 'ACCEPTED'
  | 'NEW'
  | 'PARTIALLY_FILLED'
  | 'FILLED'
  | 'CANCELLED'
  | 'CANCELED'
  | 'REJECTED'
  | 'EXPIRED';

/** One order as the book has it. Immutable: a change of the book makes a new one. Times are ms of the exchange's clock. */
export interface ExchangeOrder {
  /** 64-bit integer, as digits. */
  readonly orderId: string;
  /** Empty when the order was placed without a name. */
  readonly clientOrderId: string;
  readonly symbol: string;
  readonly side: 'BUY' | 'SELL';
  readonly type: 'LIMIT';
  readonly timeInForce: 'GTC' | 'IOC' | 'FOK';
  readonly price: string;
  readonly quantity: string;
  readonly executedQty: string;
  readonly avgPrice: string;
  readonly status: OrderStatus;
  readonly reduceOnly: boolean;
  readonly postOnly: boolean;
  readonly mmp: boolean;
  readonly createTime: number;
  readonly updateTime: number;
  /** Overrides the exchange's own `acceptedForMs` for this order. */
  readonly acceptedForMs?: number;
}

/** What can be chosen when an order is placed; the book sets the rest. */
export type NewOrder = Omit<ExchangeOrder, 'createTime' | 'updateTime' | 'avgPrice'>;

/** The order of the exchange's own documentation, without what the book assigns. */
export const documentedOrder = {
  symbol: 'BTC-200730-9000-C',
  side: 'BUY',
  type: 'LIMIT',
  timeInForce: 'GTC',
  price: '100',
  quantity: '1',
  executedQty: '0',
  clientOrderId: '',
  status: 'ACCEPTED',
  reduceOnly: false,
  postOnly: false,
  mmp: false,
} as const;

/** The documented order's id; the book counts up from here. */
export const FIRST_ORDER_ID = 4611875134427365377n;

/** True while an order can still be filled or cancelled. */
export function isOpen(order: ExchangeOrder): boolean {
  return order.status === 'ACCEPTED' || order.status === 'NEW' || order.status === 'PARTIALLY_FILLED';
}

/** Adds two decimal quantities, exact to the four places that the exchange deals in. */
export function addQuantities(left: string, right: string): string {
  return String(Number((Number(left) + Number(right)).toFixed(4)));
}
