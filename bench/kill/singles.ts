import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { errorAnswer, type HttpAnswer, jsonAnswer } from '../contenders/shared/answer.ts';
import { readSecret } from '../contenders/shared/secret.ts';
import { signedCall, signedDelete } from '../contenders/shared/signed-delete.ts';
import { underlyingOf, width } from './request.ts';

const keys = await readSecret();
const ORDER = /"orderId":(\d+),"symbol":"([^"]+)"/g;

/** Kills with one list and a cancel for each order. Any cancel that is not answered with 200 is a failure. */
export async function handler(event: APIGatewayProxyEventV2): Promise<HttpAnswer> {
  try {
    const underlying = underlyingOf(event);
    const { body, statusCode } = await signedCall(keys, 'GET', '/eapi/v1/openOrders', {});
    if (statusCode !== 200) return jsonAnswer(502, { body });
    const orders = [...body.matchAll(ORDER)]
      .map(([, orderId = '', symbol = '']) => ({ orderId, symbol }))
      .filter(({ symbol }) => `${symbol.split('-')[0]}USDT` === underlying);
    const worker = async () => {
      for (let order = orders.shift(); order !== undefined; order = orders.shift()) {
        const answer = await signedDelete(keys, order);
        if (answer.statusCode !== 200) throw new Error(answer.body);
      }
    };
    await Promise.all(Array.from({ length: width }, worker));
    return jsonAnswer(200, {});
  } catch (error) {
    return errorAnswer(502, error);
  }
}
