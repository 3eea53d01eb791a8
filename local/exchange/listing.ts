/** The underlyings that the exchange lists in 2026. */
export const UNDERLYINGS = ['BTC', 'ETH', 'BNB', 'SOL', 'XRP', 'DOGE', 'XAU', 'XAG'].map(
  (asset) => `${asset}USDT`,
);

/** Symbols that are always listed: those of the documentation and of the tests. */
export const SYMBOLS = [
  'BTC-200730-9000-C',
  'BTC-200730-9000-P',
  'BTC-210129-40000-C',
  'ETH-261225-4000-P',
  'DOGE-240126-0.08-C',
  'DOGE-240126-0.08-P',
] as const;

/** The number that the exchange lists in 2026, which makes `exchangeInfo` larger than 1 MiB. */
const LISTED_SYMBOLS = 1750;

/** Returns the body of `exchangeInfo`, its list of symbols filled up. */
export function exchangeInfo(underlyings: readonly string[], serverTime: number, limit: number): string {
  return JSON.stringify({
    timezone: 'UTC',
    serverTime,
    rateLimits: [
      { rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit },
      { rateLimitType: 'ORDERS', interval: 'MINUTE', intervalNum: 1, limit: 100 },
      { rateLimitType: 'ORDERS', interval: 'SECOND', intervalNum: 10, limit: 30 },
    ],
    optionContracts: underlyings.map((underlying) => ({
      baseAsset: assetOf(underlying),
      quoteAsset: 'USDT',
      underlying,
      settleAsset: 'USDT',
    })),
    optionAssets: [{ name: 'USDT' }],
    optionSymbols: [...SYMBOLS, ...fillers(underlyings)].map(optionSymbol),
  });
}

/** Returns plausible symbols, a call and a put of each underlying in turn. */
function fillers(underlyings: readonly string[]): string[] {
  if (underlyings.length === 0) return [];
  return Array.from({ length: LISTED_SYMBOLS - SYMBOLS.length }, (_, index) => {
    const asset = assetOf(underlyings[(index >> 1) % underlyings.length] ?? '');
    const strike = 1000 + 25 * Math.floor(index / (2 * underlyings.length));
    return `${asset}-261225-${strike}-${index % 2 === 0 ? 'C' : 'P'}`;
  });
}

const assetOf = (underlying: string) => underlying.replace(/USDT$/, '');

/** Returns the underlying of a symbol: that of `BTC-200730-9000-C` is `BTCUSDT`. */
export function underlyingOf(symbol: string): string {
  return `${symbol.slice(0, symbol.indexOf('-'))}USDT`;
}

function optionSymbol(symbol: string): object {
  const [, expiry = '', strikePrice = '', side] = symbol.split('-');
  const date = `20${expiry.slice(0, 2)}-${expiry.slice(2, 4)}-${expiry.slice(4, 6)}`;
  return {
    symbol,
    underlying: underlyingOf(symbol),
    status: 'TRADING',
    expiryDate: Date.parse(`${date}T08:00:00Z`),
    side: side === 'P' ? 'PUT' : 'CALL',
    strikePrice,
    contractType: 'EUROPEAN',
    unit: 1,
    quoteAsset: 'USDT',
    priceScale: 4,
    quantityScale: 4,
    minQty: '0.0100',
    maxQty: '1000.0000',
    liquidationFeeRate: '0.00190000',
    initialMargin: '0.15000000',
    maintenanceMargin: '0.07500000',
    minInitialMargin: '0.10000000',
    minMaintenanceMargin: '0.05000000',
    filters: [
      { filterType: 'PRICE_FILTER', minPrice: '0.0001', maxPrice: '80000.0000', tickSize: '0.0001' },
      { filterType: 'LOT_SIZE', minQty: '0.0100', maxQty: '1000.0000', stepSize: '0.0100' },
    ],
  };
}
