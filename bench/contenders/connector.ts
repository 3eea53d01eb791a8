import {
  BadRequestError,
  ConfigurationRestAPI,
  ConnectorClientError,
  ForbiddenError,
  NotFoundError,
  RateLimitBanError,
  TooManyRequestsError,
  UnauthorizedError,
} from '@binance/common';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { signed } from '../connector-call.ts';
import { errorAnswer, type HttpAnswer, jsonAnswer, parametersOf, readSecret } from './shared.ts';

/**
 * The connector's defaults: three retries, a growing pause, 1 s timeout, keep-alive, compression.
 */
const configuration = readSecret().then(
  (keys) => new ConfigurationRestAPI({ ...keys, basePath: process.env.BINANCE_BASE_URL ?? '' }),
);

/** Cancels with the exchange's official connector and a key from Secrets Manager. */
export async function handler(event: APIGatewayProxyEventV2): Promise<HttpAnswer> {
  try {
    const answer = await signed(await configuration, 'DELETE', '/eapi/v1/order', parametersOf(event));
    return jsonAnswer(200, answer);
  } catch (error) {
    return errorAnswer(statusOf(error), error);
  }
}

/** Connector errors for a rejected request. Any other error means that no usable answer came. */
const REFUSALS = [
  BadRequestError,
  ConnectorClientError,
  ForbiddenError,
  NotFoundError,
  RateLimitBanError,
  TooManyRequestsError,
  UnauthorizedError,
];

const statusOf = (error: unknown) => (REFUSALS.some((refusal) => error instanceof refusal) ? 400 : 502);
