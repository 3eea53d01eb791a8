/**
 * Declares the parts of bench-only packages that the benchmark uses, so that type checks pass
 * without those packages.
 */
declare module '@binance/common' {
  export class ConfigurationRestAPI {
    constructor(options: {
      apiKey: string;
      apiSecret: string;
      basePath: string;
      retries?: number;
      backoff?: number;
      timeout?: number;
    });
  }
  export function sendRequest(
    configuration: ConfigurationRestAPI,
    endpoint: string,
    method: 'GET' | 'DELETE',
    queryParams: Record<string, unknown>,
    bodyParams: Record<string, unknown>,
    headerParams: Record<string, unknown>,
    timeUnit: undefined,
    options: { isSigned: boolean },
  ): Promise<{ data(): Promise<unknown> }>;
}

declare module 'ccxt' {
  export class OperationFailed extends Error {}
  export class NetworkError extends OperationFailed {}
  export class binance {
    constructor(settings: { apiKey: string; secret: string; options: Record<string, unknown> });
    urls: { api: Record<string, string> };
    options: Record<string, unknown>;
    timeout: number;
    enableRateLimit: boolean;
    loadMarkets(): Promise<unknown>;
    cancelOrder(id: string, symbol: string, parameters?: Record<string, unknown>): Promise<{ id: string }>;
    cancelAllOrders(symbol: string, parameters?: Record<string, unknown>): Promise<unknown>;
    fetchOrder(id: string, symbol: string, parameters?: Record<string, unknown>): Promise<unknown>;
    fetchOpenOrders(
      symbol: string,
      since?: number,
      limit?: number,
      parameters?: Record<string, unknown>,
    ): Promise<unknown>;
    eapiPrivateDeleteAllOpenOrdersByUnderlying(parameters: Record<string, unknown>): Promise<unknown>;
    eapiPrivateDeleteOrder(parameters: Record<string, unknown>): Promise<unknown>;
    eapiPrivateDeleteBatchOrders(parameters: Record<string, unknown>): Promise<unknown>;
  }
}
