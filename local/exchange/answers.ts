import type { ExchangeOrder } from './orders.ts';

/** One HTTP answer, before the headers that every answer carries. */
export interface Answer {
  readonly status: number;
  readonly body: string;
  /** Added to, and stronger than, the exchange's usual headers. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** A request the exchange refuses; thrown by the checks, turned into an answer in one place. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: number;
  readonly code: number;

  constructor(status: number, code: number, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** The exchange's error answer: `{"code":…,"msg":"…"}`. */
export function errorAnswer(
  status: number,
  code: number,
  msg: string,
  headers: Record<string, string> = {},
): Answer {
  return { status, body: JSON.stringify({ code, msg }), headers };
}

/** A query's, an open-orders list's and a new order's form of an order. */
export function orderBody(order: ExchangeOrder): string {
  return withBareId(order, liveForm(order));
}

/** What a cancel answers as seen live: the order, already `CANCELLED`. */
export function cancelledBody(order: ExchangeOrder): string {
  return withBareId(order, { ...liveForm(order), selfTradePreventionMode: 'NONE' });
}

/** What a cancel answers by the documentation: `ACCEPTED`, and `createDate` in place of `createTime`. */
export function acceptedBody(order: ExchangeOrder): string {
  return withBareId(order, {
    ...head(order),
    ...terms(order),
    createDate: order.createTime,
    ...tail(order, 'ACCEPTED'),
  });
}

/** The short acknowledgement that a new order gets unless it asks for the whole result. */
export function acknowledgementBody(order: ExchangeOrder): string {
  const { symbol, price, quantity, side, type, reduceOnly, postOnly, mmp } = order;
  return withBareId(order, { symbol, price, quantity, side, type, reduceOnly, postOnly, mmp });
}

function liveForm(order: ExchangeOrder): object {
  const { postOnly, createTime } = order;
  return { ...head(order), fee: '0', ...terms(order), postOnly, createTime, ...tail(order, order.status) };
}

function head({ symbol, price, quantity, executedQty }: ExchangeOrder): object {
  return { symbol, price, quantity, executedQty };
}

function terms({ side, type, timeInForce, reduceOnly }: ExchangeOrder): object {
  return { side, type, timeInForce, reduceOnly };
}

function tail(order: ExchangeOrder, status: string): object {
  return {
    updateTime: order.updateTime,
    status,
    avgPrice: order.avgPrice,
    source: 'API',
    clientOrderId: order.clientOrderId,
    priceScale: 4,
    quantityScale: 4,
    optionSide: order.symbol.endsWith('-P') ? 'PUT' : 'CALL',
    quoteAsset: 'USDT',
    mmp: order.mmp,
  };
}

/** Puts the id in front as a bare integer: through a JavaScript number it would become another order's. */
function withBareId(order: ExchangeOrder, rest: object): string {
  return `{"orderId":${order.orderId},${JSON.stringify(rest).slice(1)}`;
}
