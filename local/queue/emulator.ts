import { buildApp } from 'fauxqs';
import { type Refusal, refusalOf } from './sqs-rules.ts';

/** What SQS answers in place of carrying out a call, such as `SendMessage`; undefined to carry it out. */
export type Fault = (action: string, body: unknown) => Refusal | undefined;

/**
 * The SQS emulator, not yet listening, with what it leaves out put in: the rules of SQS in `sqs-rules.ts`. `fault` is
 * asked about every call first, so that failures of SQS itself can be played.
 */
export function sqsEmulator(fault: Fault) {
  const server = buildApp({ logger: false });
  server.addHook('preHandler', async (request, reply) => {
    const action = String(request.headers['x-amz-target']).replace('AmazonSQS.', '');
    const refusal = fault(action, request.body) ?? refusalOf(action, request.body);
    if (refusal === undefined) return;
    return reply
      .code(refusal.status)
      .type('application/x-amz-json-1.0')
      .send({ __type: `com.amazonaws.sqs#${refusal.name}`, message: refusal.message });
  });
  return server;
}
