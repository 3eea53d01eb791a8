import { text } from 'node:stream/consumers';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { isDrill, parseDrill } from '../lib/cancel/drill-request.ts';
import { fieldsFromJson } from '../lib/cancel/fields.ts';
import { isKill, parseKill } from '../lib/cancel/kill-request.ts';
import { type Parsed, parseCancelRequest } from '../lib/cancel/request.ts';
import {
  CANCEL_QUEUE,
  isLocal,
  KILL_QUEUE,
  localQueueUrl,
  queueUrlFor,
  queueUrlOf,
} from '../tools/queue-address.ts';
import { queueClient } from '../tools/queue-client.ts';
import {
  type Environment,
  type Print,
  parseArguments,
  printable,
  runScript,
  UsageError,
} from '../tools/terminal.ts';
import { desk } from './desk.ts';

const USAGE = `npm run send -- '{"symbol":"BTC-200730-9000-C","orderId":4611875134427365377}' [--queue-url URL]
npm run send -- '{"kill":{"underlying":"BTCUSDT"}}' [--queue-url URL]

Sends one cancel, kill or drill to its queue, byte for byte, and prints its message id. "-" reads it from standard input.
A request that the service would refuse is not sent.

  --queue-url URL   the queue. Default for a kill: KILL_QUEUE_URL, else CANCEL_QUEUE_URL, else the local service's
                    (${localQueueUrl(KILL_QUEUE)}). Default for anything else: CANCEL_QUEUE_URL, else the local
                    service's (${localQueueUrl(CANCEL_QUEUE)})
  --raw             sends anything, unchecked
  --wait            waits for the outcome and prints it; exits with 1 unless it is good. With npm start only, whose
                    --desk-port is in DESK_PORT`;

const OPTIONS = {
  'queue-url': { type: 'string' },
  raw: { type: 'boolean', default: false },
  wait: { type: 'boolean', default: false },
} as const;

/**
 * Sends the message in the arguments, byte for byte, and prints its message id.
 *
 * @param wait waits for the outcome of a message and returns the exit code. Default: asks the desk
 * @returns the exit code
 * @throws UsageError when the arguments or the message are wrong; the SDK's error when SQS refuses it
 */
export async function send(
  args: string[],
  env: Environment,
  print: Print,
  wait = (id: string, print: Print) => desk(['wait', id], env, print),
): Promise<number> {
  const { values, positionals } = parseArguments({ args, options: OPTIONS, allowPositionals: true });
  const [given, ...more] = positionals;
  if (more.length > 0) throw new UsageError('there is more than one message: put it in quotes');
  const body = given === '-' ? await text(process.stdin) : given;
  if (body === undefined || body === '') throw new UsageError('there is no message to send');
  if (!values.raw) check(body);
  const queueUrl = queueUrlOf(values['queue-url'] ?? queueUrlFor(body, env), '--queue-url');
  if (values.wait && !isLocal(queueUrl))
    throw new UsageError('--wait works with npm start only: the log and the event bus have other outcomes');
  using client = queueClient(queueUrl);
  const message = new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: body });
  const { MessageId = '' } = await client.send(message);
  print(MessageId);
  return values.wait ? await wait(MessageId, print) : 0;
}

/** @throws UsageError if the queue handler would refuse the message */
function check(body: string): void {
  const parsed = parsedOf(body);
  if (!parsed.ok) throw new UsageError(`${printable(parsed.errors.join('; '))}; --raw sends it unchecked`);
}

function parsedOf(body: string): Parsed<unknown> {
  const fields = fieldsFromJson(body);
  if (!fields.ok) return fields;
  if (isDrill(fields.value)) return parseDrill(fields.value);
  return isKill(fields.value) ? parseKill(fields.value) : parseCancelRequest(fields.value);
}

if (import.meta.main) {
  await runScript(USAGE, (args) => send(args, process.env, console.log));
}
