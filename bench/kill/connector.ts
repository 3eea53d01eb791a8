import { ConfigurationRestAPI } from '@binance/common';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import * as v from 'valibot';
import { signed } from '../connector-call.ts';
import { errorAnswer, type HttpAnswer, jsonAnswer } from '../contenders/shared/answer.ts';
import { readSecret } from '../contenders/shared/secret.ts';
import { underlyingOf } from './request.ts';

const openOrders = v.array(v.object({ symbol: v.string() }));

const keys = await readSecret();
const configuration = new ConfigurationRestAPI({ ...keys, basePath: process.env.BINANCE_BASE_URL ?? '' });

/** Kills with the official connector: one mass call, then one list. Any order of the underlying is a failure. */
export async function handler(event: APIGatewayProxyEventV2): Promise<HttpAnswer> {
  try {
    const underlying = underlyingOf(event);
    await signed(configuration, 'DELETE', '/eapi/v1/allOpenOrdersByUnderlying', { underlying });
    const orders = v.parse(openOrders, await signed(configuration, 'GET', '/eapi/v1/openOrders', {}));
    const left = orders.filter(({ symbol }) => `${symbol.split('-')[0]}USDT` === underlying).length;
    return jsonAnswer(left === 0 ? 200 : 409, { left });
  } catch (error) {
    return errorAnswer(502, error);
  }
}
