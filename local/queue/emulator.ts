import { buildApp } from 'fauxqs';
import * as v from 'valibot';
import { LOCAL_REGION } from '../../tools/queue-address.ts';

interface SqsError {
  readonly status: number;
  readonly name: string;
  readonly message: string;
}

/** Returns the error that SQS answers to a call such as `SendMessage`; undefined to execute it. */
export type Fault = (action: string, body: unknown) => SqsError | undefined;

/**
 * Returns the SQS emulator, not yet listening, with rules of SQS that it lacks. `fault` comes first
 * and can fail any call.
 */
export function sqsEmulator(fault: Fault) {
  const server = buildApp({ logger: false });
  server.addHook('preHandler', async ({ headers, body, socket }, reply) => {
    const action = String(headers['x-amz-target']).replace('AmazonSQS.', '');
    const error = fault(action, body) ?? brokenRule(body);
    if (error !== undefined)
      return reply
        .code(error.status)
        .type('application/x-amz-json-1.0')
        .send({ __type: `com.amazonaws.sqs#${error.name}`, message: error.message });
    if (v.is(aboutQueue, body)) body.QueueUrl = ownUrlOf(body.QueueUrl, socket.localPort);
    return undefined;
  });
  return server;
}

const UNICODE_OF_SQS = /^[\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]*$/u;

const attributeText = v.pipe(
  v.string(),
  v.nonEmpty('is empty'),
  v.regex(UNICODE_OF_SQS, 'has characters that SQS does not allow'),
);
const entry = v.object({
  VisibilityTimeout: v.optional(v.pipe(v.number(), v.integer('is not a whole number of seconds'))),
  MessageAttributes: v.optional(
    v.pipe(
      v.record(v.string(), v.object({ StringValue: v.optional(attributeText) })),
      v.maxEntries(10, ({ received }) => `has ${received} entries: SQS allows 10`),
    ),
  ),
});
const call = v.nullish(v.object({ ...entry.entries, Entries: v.optional(v.array(entry)) }));

/**
 * Returns SQS's error for a call that the emulator would accept by mistake: more than ten message
 * attributes, an empty one, one with characters that SQS does not allow, and a visibility timeout
 * that is not a whole number of seconds.
 */
function brokenRule(body: unknown): SqsError | undefined {
  const [issue] = v.safeParse(call, body).issues ?? [];
  if (issue === undefined) return undefined;
  const message = `${v.getDotPath(issue)} ${issue.message}`;
  const isNoMessage = issue.path?.at(-1)?.key === 'VisibilityTimeout';
  return { status: 400, name: isNoMessage ? 'SerializationException' : 'InvalidParameterValue', message };
}

const aboutQueue = v.looseObject({ QueueUrl: v.string() });

/**
 * The emulator knows a queue by the URL that it made, with a host name that does not resolve
 * everywhere.
 */
const ownUrlOf = (queueUrl: string, port?: number) =>
  queueUrl.replace(/^http:\/\/[^/]+/, `http://sqs.${LOCAL_REGION}.localhost:${port}`);
