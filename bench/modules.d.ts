/**
 * Declares the parts of bench-only packages that the benchmark uses, so that type checks pass
 * without those packages.
 */
declare module '@binance/common' {
  export class ConfigurationRestAPI {
    constructor(options: Readonly<Record<string, string | number>>);
  }
  export function sendRequest(
    configuration: ConfigurationRestAPI,
    endpoint: string,
    method: 'GET' | 'DELETE',
    queryParams: object,
    bodyParams: object,
    headerParams: object,
    timeUnit: undefined,
    options: { isSigned: boolean },
  ): Promise<{ data(): Promise<unknown> }>;
}

declare module 'ccxt' {
  export class OperationFailed extends Error {}
  export class NetworkError extends OperationFailed {}
  export class binance {
    constructor(settings: { apiKey: string; secret: string; options: object });
    urls: { api: Record<string, string> };
    options: Record<string, unknown>;
    timeout: number;
    enableRateLimit: boolean;
    loadMarkets(): Promise<unknown>;
    cancelOrder(id: string, symbol: string, parameters?: object): Promise<{ id: string }>;
    cancelAllOrders(symbol: string, parameters?: object): Promise<unknown>;
    fetchOrder(id: string, symbol: string, parameters?: object): Promise<unknown>;
    fetchOpenOrders(symbol: string, since?: number, limit?: number, parameters?: object): Promise<unknown>;
    eapiPrivateDeleteAllOpenOrdersByUnderlying(parameters: object): Promise<unknown>;
    eapiPrivateDeleteOrder(parameters: object): Promise<unknown>;
    eapiPrivateDeleteBatchOrders(parameters: object): Promise<unknown>;
  }
}
