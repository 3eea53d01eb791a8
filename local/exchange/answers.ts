import type { ExchangeOrder } from './orders.ts';

/** One HTTP answer, without the headers that every answer carries. */
export interface Answer {
  readonly status: number;
  readonly body: string;
  /** Added to the usual headers; replaces those of the same name. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Error thrown when the exchange refuses a request. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly answer: Answer;

  constructor(status: number, code: number, message: string) {
    super(message);
    this.answer = errorAnswer(status, code, message);
  }
}

const ORDER_ERRORS = {
  [-2011]: 'Unknown order sent.',
  [-2013]: 'Order does not exist.',
  [-6028]: 'The order is already in a final state.',
  [-6037]: 'No open orders.',
} as const;

/** Returns the refusal of a call that finds no order, or none that is open. */
export function orderError(code: keyof typeof ORDER_ERRORS): ApiError {
  return new ApiError(400, code, ORDER_ERRORS[code]);
}

/** Returns the exchange's error answer: `{"code":…,"msg":"…"}`. */
export function errorAnswer(status: number, code: number, msg: string): Answer {
  return { status, body: JSON.stringify({ code, msg }) };
}

/** Returns an order in the form of queries and lists. */
export function orderBody(order: ExchangeOrder): string {
  return bodyOf(order, { fee: '0' });
}

/** Returns a cancel's answer as seen live: the order, already `CANCELLED`. */
export function canceledBody(order: ExchangeOrder): string {
  return bodyOf(order, { fee: '0', selfTradePreventionMode: 'NONE' });
}

/** Returns a cancel's documented answer: `ACCEPTED`, and `createDate` in place of `createTime`. */
export function acceptedBody(order: ExchangeOrder): string {
  const { createTime: createDate } = order;
  return bodyOf(order, { status: 'ACCEPTED', createDate, createTime: undefined, postOnly: undefined });
}

/** The sequence of an order's fields after its id. No answer has all of them. */
const SEQUENCE = (
  'symbol price quantity executedQty fee side type timeInForce reduceOnly postOnly createTime createDate ' +
  'updateTime status avgPrice source clientOrderId priceScale quantityScale optionSide quoteAsset mmp ' +
  'selfTradePreventionMode'
).split(' ');

const CONSTANT_FIELDS = { source: 'API', priceScale: 4, quantityScale: 4, quoteAsset: 'USDT' };

/** Writes the id as a bare integer. A JavaScript number would round it to another order's id. */
function bodyOf(order: ExchangeOrder, changes: object): string {
  const optionSide = order.symbol.endsWith('-P') ? 'PUT' : 'CALL';
  const fields = { ...order, ...CONSTANT_FIELDS, optionSide, ...changes };
  return `{"orderId":${order.orderId},${JSON.stringify(fields, SEQUENCE).slice(1)}`;
}
