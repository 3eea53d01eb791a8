type FinalStatus = 'FILLED' | 'CANCELLED' | 'CANCELED' | 'REJECTED' | 'EXPIRED' | 'EXPIRED_IN_MATCH';
export type OrderStatus = 'ACCEPTED' | 'NEW' | 'PARTIALLY_FILLED' | FinalStatus;

/** One order. Immutable: a change makes a new one. Times are in ms of the exchange's clock. */
export interface ExchangeOrder {
  /** A 64-bit integer, as digits. */
  readonly orderId: string;
  /** Empty when the order has no name. */
  readonly clientOrderId: string;
  /** The account that it belongs to; an answer does not show it. */
  readonly account: string;
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
  /** Overrides the exchange's `acceptedForMs` for this order. */
  readonly acceptedForMs?: number;
}

/** The fields that can be given when an order is placed. Times default to now. */
export type NewOrder = Omit<ExchangeOrder, 'avgPrice'>;

/** The account of a key, and of an order, that names none. */
export const MAIN_ACCOUNT = 'main';

/** The order of the exchange's documentation, without the fields that the book sets. */
export const documentedOrder = {
  account: MAIN_ACCOUNT,
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

/** The documented order's id. The book counts up from it. */
export const FIRST_ORDER_ID = 4611875134427365377n;

/** Returns true while an order can be filled or canceled. */
export function isOpen({ status }: ExchangeOrder): boolean {
  return status === 'ACCEPTED' || status === 'NEW' || status === 'PARTIALLY_FILLED';
}
