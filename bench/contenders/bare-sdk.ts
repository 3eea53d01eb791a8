import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { errorAnswer, type HttpAnswer } from './shared/answer.ts';
import { parametersOf } from './shared/event.ts';
import { readSecret } from './shared/secret.ts';
import { signedDelete } from './shared/signed-delete.ts';

const keys = readSecret();

/** Cancels with Node's HTTP client and a key from Secrets Manager. */
export async function handler(event: APIGatewayProxyEventV2): Promise<HttpAnswer> {
  try {
    return await signedDelete(await keys, parametersOf(event));
  } catch (error) {
    return errorAnswer(502, error);
  }
}
