import { randomUUID } from 'node:crypto';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';

export interface HttpRequestParts {
  /** The query string as sent, without `?`. */
  readonly query?: string;
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
  readonly requestId?: string;
}

/** Returns the event of a `DELETE /eapi/v1/order` from API Gateway's HTTP API (payload 2.0). */
export function httpEvent({
  query = '',
  body,
  isBase64Encoded = false,
  headers = {},
  requestId = randomUUID(),
}: HttpRequestParts): APIGatewayProxyEventV2 {
  const path = '/eapi/v1/order';
  return {
    version: '2.0',
    routeKey: `DELETE ${path}`,
    rawPath: path,
    rawQueryString: query,
    headers: { accept: '*/*', host: 'a1b2c3d4e5.execute-api.ap-northeast-1.amazonaws.com', ...headers },
    requestContext: {
      accountId: '123456789012',
      apiId: 'a1b2c3d4e5',
      domainName: 'a1b2c3d4e5.execute-api.ap-northeast-1.amazonaws.com',
      domainPrefix: 'a1b2c3d4e5',
      http: { method: 'DELETE', path, protocol: 'HTTP/1.1', sourceIp: '192.0.2.1', userAgent: 'desk/1.0' },
      requestId,
      routeKey: `DELETE ${path}`,
      stage: '$default',
      time: '31/Jan/2026:12:00:00 +0000',
      timeEpoch: 1_769_860_800_000,
    },
    ...(body !== undefined && { body }),
    isBase64Encoded,
  };
}
