import * as v from 'valibot';
import {
  accountField,
  errorsOf,
  orderFields,
  orderIdField,
  orderOf,
  type Parsed,
  recvWindowField,
  symbolField,
} from './request.ts';

/** A valid request to look at an order or at the open orders. */
export interface ReadRequest {
  /** The exchange's own parameters, in the documented order. */
  readonly parameters: Readonly<Record<string, string | undefined>>;
  /** Default: that of the service's own secret. */
  readonly account?: string;
  /** Milliseconds that the exchange may take to receive the call. Default: the service's. */
  readonly recvWindow?: number;
}

const TIME = 'must be milliseconds since the epoch';
const timeField = v.optional(v.pipe(v.string(TIME), v.regex(/^\d{1,16}$/, TIME)));

const orderSchema = v.strictObject(orderFields);

const openOrdersSchema = v.strictObject({
  symbol: v.optional(symbolField),
  orderId: orderIdField,
  startTime: timeField,
  endTime: timeField,
  account: accountField,
  recvWindow: recvWindowField,
});

/** Parses the parameters of `GET /eapi/v1/order`: exactly one identifier, since one is ever sent. */
export function parseOrderRead(fields: unknown): Parsed<ReadRequest> {
  const result = v.safeParse(orderSchema, fields);
  if (!result.success) return { ok: false, errors: errorsOf(result.issues, 'a query of an order') };
  const { account, recvWindow } = result.output;
  const order = orderOf(result.output);
  if (typeof order === 'string') return { ok: false, errors: [order] };
  if (order.orderId !== undefined && order.clientOrderId !== undefined) return { ok: false, errors: [BOTH] };
  return { ok: true, value: readOf({ ...order }, account, recvWindow) };
}

const BOTH = 'orderId and clientOrderId are both given: send one of them';

/** Parses the parameters of `GET /eapi/v1/openOrders`. */
export function parseOpenOrdersRead(fields: unknown): Parsed<ReadRequest> {
  const result = v.safeParse(openOrdersSchema, fields);
  if (!result.success) return { ok: false, errors: errorsOf(result.issues, 'a list of open orders') };
  const { account, recvWindow, symbol, orderId, startTime, endTime } = result.output;
  return { ok: true, value: readOf({ symbol, orderId, startTime, endTime }, account, recvWindow) };
}

const readOf = (
  parameters: ReadRequest['parameters'],
  account: string | undefined,
  recvWindow: number | undefined,
): ReadRequest => ({
  parameters,
  ...(account !== undefined && { account }),
  ...(recvWindow !== undefined && { recvWindow }),
});
