import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { errorAnswer, type HttpAnswer } from './shared/answer.ts';
import { parametersOf } from './shared/event.ts';
import { signedDelete } from './shared/signed-delete.ts';

const keys = {
  apiKey: process.env.BENCH_API_KEY ?? '',
  apiSecret: process.env.BENCH_API_SECRET ?? '',
};

/**
 * Cancels with Node's HTTP client and a key from the environment. It sets the lower bound for the
 * other contenders. A trading key does not belong in the environment.
 */
export async function handler(event: APIGatewayProxyEventV2): Promise<HttpAnswer> {
  try {
    return await signedDelete(keys, parametersOf(event));
  } catch (error) {
    return errorAnswer(502, error);
  }
}
