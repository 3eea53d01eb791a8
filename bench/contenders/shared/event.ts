import type { APIGatewayProxyEventV2 } from 'aws-lambda';

/**
 * Reads a cancel's parameters from query, form or JSON. Rounds large JSON numbers, as a handler
 * without special care does.
 */
export function parametersOf(event: APIGatewayProxyEventV2): Record<string, string> {
  const query = Object.fromEntries(new URLSearchParams(event.rawQueryString));
  return { ...bodyParameters(event), ...query };
}

function bodyParameters({ body, headers, isBase64Encoded }: APIGatewayProxyEventV2): Record<string, string> {
  if (body === undefined || body === '') return {};
  const text = isBase64Encoded ? Buffer.from(body, 'base64').toString() : body;
  if (!headers['content-type']?.startsWith('application/json')) {
    return Object.fromEntries(new URLSearchParams(text));
  }
  const fields: object = JSON.parse(text);
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, String(value)]));
}
