/**
 * Declares the parts of bench-only packages that the benchmark uses, so that type checks pass
 * without those packages.
 */
declare module '@binance/common' {
  export class ConfigurationRestAPI {
    constructor(options: { apiKey: string; apiSecret: string; basePath: string });
  }
  export class BadRequestError extends Error {}
  export class ConnectorClientError extends Error {}
  export class ForbiddenError extends Error {}
  export class NotFoundError extends Error {}
  export class RateLimitBanError extends Error {}
  export class TooManyRequestsError extends Error {}
  export class UnauthorizedError extends Error {}
  export function sendRequest(
    configuration: ConfigurationRestAPI,
    endpoint: string,
    method: 'DELETE',
    queryParams: Record<string, unknown>,
    bodyParams: Record<string, unknown>,
    headerParams: Record<string, unknown>,
    timeUnit: undefined,
    options: { isSigned: boolean },
  ): Promise<{ data(): Promise<unknown> }>;
}

declare module 'ccxt' {
  export class NetworkError extends Error {}
  export class binance {
    constructor(options: { apiKey: string; secret: string; options: { maxRetriesOnFailure: number } });
    urls: { api: Record<string, string> };
    eapiPrivateDeleteOrder(parameters: Record<string, unknown>): Promise<unknown>;
  }
}

declare module 'echarts' {
  interface Chart {
    setOption(option: object): void;
    renderToSVGString(): string;
    dispose(): void;
  }
  export function init(
    element: null,
    theme: null,
    options: { renderer: 'svg'; ssr: true; width: number; height: number },
  ): Chart;
}
