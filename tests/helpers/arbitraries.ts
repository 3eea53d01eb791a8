import fc from 'fast-check';
import type { CancelRequest, RequestedOrder } from '../../lib/cancel/request.ts';
import type { OrderRef } from '../../lib/order.ts';

/** Any option symbol, decimal strikes included. */
export const optionSymbol = fc.stringMatching(/^[A-Z0-9]{1,10}-\d{6}-\d{1,9}(\.\d{1,9})?-[CP]$/);

/** Any orderId from 1 to 2^63 - 1, as digits; the border cases often. */
export const orderId = fc
  .oneof(
    fc.bigInt({ min: 1n, max: 2n ** 63n - 1n }),
    fc.constantFrom(1n, 2n ** 53n - 1n, 2n ** 53n + 1n, 4611875134427365377n, 2n ** 63n - 1n),
  )
  .map(String);

/** Any name of 1 to 64 visible ASCII characters. */
export const clientOrderId = fc
  .array(fc.integer({ min: 0x21, max: 0x7e }), { minLength: 1, maxLength: 64 })
  .map((codes) => String.fromCharCode(...codes));

/** Any reference to one order: by orderId or by clientOrderId. */
export const orderRef: fc.Arbitrary<OrderRef> = fc.oneof(
  fc.record({ symbol: optionSymbol, orderId }),
  fc.record({ symbol: optionSymbol, clientOrderId }),
);

/** Any identifiers of one order as a request gives them: orderId, clientOrderId, or both. */
const requestedOrder: fc.Arbitrary<RequestedOrder> = fc.oneof(
  fc.record({ symbol: optionSymbol, orderId }),
  fc.record({ symbol: optionSymbol, clientOrderId }),
  fc.record({ symbol: optionSymbol, orderId, clientOrderId }),
);

const epochMs = fc.integer({ min: 0, max: 8_640_000_000_000_000 });

/** Any valid request, each option there or not. */
export const cancelRequest: fc.Arbitrary<CancelRequest> = fc
  .tuple(
    requestedOrder,
    fc.record(
      {
        recvWindow: fc.integer({ min: 1, max: 59_999 }),
        expiresAt: epochMs,
        askedAt: epochMs,
        confirm: fc.boolean(),
      },
      { requiredKeys: [] },
    ),
  )
  .map(([order, options]) => ({ order, ...options }));
