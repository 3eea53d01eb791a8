import type { ExchangeOrder } from './orders.ts';

/** One HTTP answer, without the headers that every answer carries. */
export interface Answer {
  readonly status: number;
  readonly body: string;
  /** Added to the usual headers; replaces those of the same name. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Error thrown when the exchange refuses a request; the call handler turns it into an answer. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly code: number;

  constructor(status: number, code: number, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** Returns the exchange's error answer: `{"code":…,"msg":"…"}`. */
export function errorAnswer(
  status: number,
  code: number,
  msg: string,
  headers: Record<string, string> = {},
): Answer {
  return { status, body: JSON.stringify({ code, msg }), headers };
}

/** Returns an order in the form of queries and lists. */
export function orderBody(order: ExchangeOrder): string {
  return withBareId(order, liveForm(order));
}

/** Returns a cancel's answer as seen live: the order, already `CANCELLED`. */
export function canceledBody(order: ExchangeOrder): string {
  return withBareId(order, { ...liveForm(order), selfTradePreventionMode: 'NONE' });
}

/** Returns a cancel's documented answer: `ACCEPTED`, and `createDate` in place of `createTime`. */
export function acceptedBody(order: ExchangeOrder): string {
  const { createTime: createDate } = order;
  return withBareId(order, { ...head(order), ...terms(order), createDate, ...tail(order, 'ACCEPTED') });
}

function liveForm(order: ExchangeOrder): object {
  const { postOnly, createTime, status } = order;
  return { ...head(order), fee: '0', ...terms(order), postOnly, createTime, ...tail(order, status) };
}

const head = ({ symbol, price, quantity, executedQty }: ExchangeOrder) => ({
  symbol,
  price,
  quantity,
  executedQty,
});

const terms = ({ side, type, timeInForce, reduceOnly }: ExchangeOrder) => ({
  side,
  type,
  timeInForce,
  reduceOnly,
});

const tail = ({ updateTime, avgPrice, clientOrderId, symbol, mmp }: ExchangeOrder, status: string) => ({
  updateTime,
  status,
  avgPrice,
  source: 'API',
  clientOrderId,
  priceScale: 4,
  quantityScale: 4,
  optionSide: symbol.endsWith('-P') ? 'PUT' : 'CALL',
  quoteAsset: 'USDT',
  mmp,
});

/** Writes the id as a bare integer. A JavaScript number would round it to another order's id. */
function withBareId(order: ExchangeOrder, rest: object): string {
  return `{"orderId":${order.orderId},${JSON.stringify(rest).slice(1)}`;
}
