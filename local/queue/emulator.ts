import { buildApp } from 'fauxqs';
import * as v from 'valibot';
import { LOCAL_REGION } from '../../tools/queue-address.ts';
import { type SqsError, sqsErrorOf } from './sqs-rules.ts';

/**
 * Returns the error that SQS answers to a call such as `SendMessage`; undefined to execute the
 * call.
 */
export type Fault = (action: string, body: unknown) => SqsError | undefined;

/**
 * Returns the SQS emulator, not yet listening, with the checks of `sqs-rules.ts` that it lacks.
 * `fault` comes first and can fail any call.
 */
export function sqsEmulator(fault: Fault) {
  const server = buildApp({ logger: false });
  server.addHook('preHandler', async (request, reply) => {
    const action = String(request.headers['x-amz-target']).replace('AmazonSQS.', '');
    const error = fault(action, request.body) ?? sqsErrorOf(action, request.body);
    if (error !== undefined)
      return reply
        .code(error.status)
        .type('application/x-amz-json-1.0')
        .send({ __type: `com.amazonaws.sqs#${error.name}`, message: error.message });
    if (v.is(aboutQueue, request.body))
      request.body.QueueUrl = ownUrlOf(request.body.QueueUrl, request.socket.localPort);
    return undefined;
  });
  return server;
}

const aboutQueue = v.looseObject({ QueueUrl: v.string() });

/** The emulator knows a queue by the URL that it made, with a host name that does not resolve everywhere. */
const ownUrlOf = (queueUrl: string, port?: number) =>
  queueUrl.replace(/^http:\/\/[^/]+/, `http://sqs.${LOCAL_REGION}.localhost:${port}`);
