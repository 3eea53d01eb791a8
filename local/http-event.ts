import { randomUUID } from 'node:crypto';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';

export interface HttpRequestParts {
  readonly method?: string;
  readonly path?: string;
  /** The query string as sent, without `?`. */
  readonly query?: string;
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
  readonly requestId?: string;
  /** The time of the request, in ms since the epoch; default noon of 31 January 2026. */
  readonly timeEpoch?: number;
}

const HOST = 'a1b2c3d4e5.execute-api.ap-northeast-1.amazonaws.com';

/** Returns the event of a request to API Gateway's HTTP API (payload 2.0). */
export function httpEvent({
  method = 'DELETE',
  path = '/eapi/v1/order',
  query = '',
  headers = {},
  requestId = randomUUID(),
  timeEpoch = Date.UTC(2026, 0, 31, 12),
  ...body
}: HttpRequestParts): APIGatewayProxyEventV2 {
  const routeKey = `${method} ${path}`;
  const [, day, month, year, time] = new Date(timeEpoch).toUTCString().split(' ');
  return {
    version: '2.0',
    routeKey,
    rawPath: path,
    rawQueryString: query,
    headers: { accept: '*/*', host: HOST, ...headers },
    requestContext: {
      accountId: '123456789012',
      apiId: 'a1b2c3d4e5',
      domainName: HOST,
      domainPrefix: 'a1b2c3d4e5',
      http: { method, path, protocol: 'HTTP/1.1', sourceIp: '192.0.2.1', userAgent: 'desk/1.0' },
      requestId,
      routeKey,
      stage: '$default',
      time: `${day}/${month}/${year}:${time} +0000`,
      timeEpoch,
    },
    isBase64Encoded: false,
    ...body,
  };
}
