import type { Clients } from '../../bench/clients.ts';
import {
  CANCEL_ENDS,
  type Case,
  EXPIRED,
  FAILURES,
  INVALID,
  NOT_EMPTIED,
  READ_FAILURES,
  SHUTTING_DOWN,
  UNAVAILABLE,
  WRONG_PARAMETER,
} from './cases.ts';

type Parameters = Readonly<Record<string, string>>;
type Call = (clients: Clients, orderIds: readonly string[], parameters: Parameters) => Promise<unknown>;
/** One call of the exchange's, through each client. */
export type Calls = Readonly<Record<'ccxt' | 'connector' | 'patient', Call>>;

/** Calls of the exchange's that answer alike. */
export interface Door {
  readonly title: string;
  readonly calls: readonly Calls[];
  /** True if the answer is a 200 with an error inside. */
  readonly isBatch?: true;
  /** The open orders, of two, that the successful call leaves. */
  readonly leaves: number;
  readonly cases: readonly Case[];
}

const SYMBOL = 'BTC-200730-9000-C';
const UNIFIED = 'BTC/USDT:USDT-200730-9000-C';
const listOf = (ids: readonly string[]) => `[${ids.join()}]`;

/** Returns the same call through both connectors. */
function connectors(method: 'GET' | 'DELETE', path: string, own: (ids: readonly string[]) => object) {
  const by = (name: 'connector' | 'patient'): Call => {
    return (clients, ids, more) => clients[name](method, `/eapi/v1/${path}`, { ...own(ids), ...more });
  };
  return { connector: by('connector'), patient: by('patient') };
}

export const DOORS: readonly Door[] = [
  {
    title: '`DELETE /eapi/v1/order`',
    calls: [
      {
        ccxt: ({ ccxt }, [id = ''], more) => ccxt.cancelOrder(id, UNIFIED, more),
        ...connectors('DELETE', 'order', ([orderId]) => ({ symbol: SYMBOL, orderId })),
      },
    ],
    leaves: 1,
    cases: [...CANCEL_ENDS, INVALID, EXPIRED, ...FAILURES, UNAVAILABLE],
  },
  {
    title: '`DELETE /eapi/v1/batchOrders` with one order',
    calls: [
      {
        ccxt: ({ ccxt }, ids, more) =>
          ccxt.eapiPrivateDeleteBatchOrders({ symbol: SYMBOL, orderIds: listOf(ids), ...more }),
        ...connectors('DELETE', 'batchOrders', (ids) => ({ symbol: SYMBOL, orderIds: listOf(ids) })),
      },
    ],
    isBatch: true,
    leaves: 0,
    cases: [...CANCEL_ENDS, WRONG_PARAMETER, EXPIRED, ...FAILURES, UNAVAILABLE],
  },
  {
    title: '`DELETE /eapi/v1/allOpenOrders` and `DELETE /eapi/v1/allOpenOrdersByUnderlying`',
    calls: [
      {
        ccxt: ({ ccxt }, _, more) => ccxt.cancelAllOrders(UNIFIED, more),
        ...connectors('DELETE', 'allOpenOrders', () => ({ symbol: SYMBOL })),
      },
      {
        ccxt: ({ ccxt }, _, more) =>
          ccxt.eapiPrivateDeleteAllOpenOrdersByUnderlying({ underlying: 'BTCUSDT', ...more }),
        ...connectors('DELETE', 'allOpenOrdersByUnderlying', () => ({ underlying: 'BTCUSDT' })),
      },
    ],
    leaves: 0,
    cases: [
      { outcome: 'emptied', nature: 'success' },
      NOT_EMPTIED,
      INVALID,
      EXPIRED,
      ...FAILURES,
      SHUTTING_DOWN,
    ],
  },
  {
    title: '`GET /eapi/v1/order`',
    calls: [
      {
        ccxt: ({ ccxt }, [id = ''], more) => ccxt.fetchOrder(id, UNIFIED, more),
        ...connectors('GET', 'order', ([orderId]) => ({ symbol: SYMBOL, orderId })),
      },
    ],
    leaves: 2,
    cases: [
      { outcome: '200', title: 'answered', nature: 'success' },
      { outcome: '400', title: 'no such order', nature: 'final', orderId: '42' },
      ...READ_FAILURES,
    ],
  },
  {
    title: '`GET /eapi/v1/openOrders`',
    calls: [
      {
        ccxt: ({ ccxt }, _, more) => ccxt.fetchOpenOrders(UNIFIED, undefined, undefined, more),
        ...connectors('GET', 'openOrders', () => ({ symbol: SYMBOL })),
      },
    ],
    leaves: 2,
    cases: [{ outcome: '200', title: 'answered', nature: 'success' }, ...READ_FAILURES],
  },
];
