import { type JsonObject, parseArray } from '../json.ts';
import { type CancelRequest, type Parsed, parseCancelRequest } from './request.ts';

/** The exchange takes ten orders in one batch. */
const MOST_ORDERS = 10;
const ONE_LIST = 'orderIds or clientOrderIds is missing: send exactly one, a JSON array of 1 to 10';

/** Fields of a single cancel that would name one order for every item. */
const SINGLES = ['orderId', 'clientOrderId', 'origClientOrderId'] as const;
const notOfABatch = (name: string) => `${name} is not a field of a batch: remove it`;

/**
 * Parses the fields of a batch: `symbol`, and `orderIds` or `clientOrderIds` as JSON array text or
 * as an array, with every digit kept. Returns one cancel for each, in the order given. The other
 * fields are those of a single cancel.
 */
export function parseBatch({
  orderIds,
  clientOrderIds,
  ...rest
}: JsonObject): Parsed<readonly CancelRequest[]> {
  const singles = SINGLES.filter((name) => Object.hasOwn(rest, name));
  if (singles.length > 0) return { ok: false, errors: singles.map(notOfABatch) };
  if ((orderIds === undefined) === (clientOrderIds === undefined)) return { ok: false, errors: [ONE_LIST] };
  const list = orderIds === undefined ? 'clientOrderIds' : 'orderIds';
  const field = orderIds === undefined ? 'clientOrderId' : 'orderId';
  const items = itemsOf(orderIds ?? clientOrderIds);
  if (items === undefined)
    return { ok: false, errors: [`${list} must be a JSON array of 1 to ${MOST_ORDERS}`] };
  if (new Set(items).size < items.length)
    return { ok: false, errors: [`${list} names an order twice: send it once`] };
  const requests: CancelRequest[] = [];
  for (const item of items) {
    const parsed = parseCancelRequest({ ...rest, [field]: item });
    if (!parsed.ok) return parsed;
    requests.push(parsed.value);
  }
  return { ok: true, value: requests };
}

function itemsOf(value: unknown): readonly unknown[] | undefined {
  const items: unknown = typeof value === 'string' ? parseArray(value) : value;
  return Array.isArray(items) && items.length > 0 && items.length <= MOST_ORDERS ? items : undefined;
}
