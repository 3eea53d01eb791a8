import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { CANCEL_QUEUE, KILL_QUEUE, localQueueUrl, queueUrlFor, queueUrlOf } from './queue/address.ts';
import { queueClient } from './queue/client.ts';
import { type Print, parseArguments, runScript, UsageError } from './terminal.ts';

const USAGE = `npm run send -- '{"symbol":"BTC-200730-9000-C","orderId":4611875134427365377}' [--queue-url URL]
npm run send -- '{"kill":{"underlying":"BTCUSDT"}}' [--queue-url URL]

Sends one cancel or kill to its queue, byte for byte, and prints its message id.

  --queue-url URL   the queue. Default for a kill: KILL_QUEUE_URL, else CANCEL_QUEUE_URL, else the local service's
                    (${localQueueUrl(KILL_QUEUE)}). Default for anything else: CANCEL_QUEUE_URL, else the local
                    service's (${localQueueUrl(CANCEL_QUEUE)})`;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Sends the message in the arguments, byte for byte, and prints its message id.
 *
 * @returns the exit code
 * @throws UsageError when the arguments are wrong; the SDK's error when SQS refuses the message
 */
export async function send(args: string[], env: Environment, print: Print): Promise<number> {
  const { body, queueUrl } = sendArguments(args, env);
  const client = queueClient(queueUrl);
  try {
    const sent = await client.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: body }));
    print(String(sent.MessageId));
    return 0;
  } finally {
    client.destroy();
  }
}

function sendArguments(args: string[], env: Environment) {
  const options = { 'queue-url': { type: 'string' } } as const;
  const { values, positionals } = parseArguments({ args, options, allowPositionals: true });
  const [body, ...more] = positionals;
  if (body === undefined || body === '') throw new UsageError('there is no message to send');
  if (more.length > 0) throw new UsageError('there is more than one message: put it in quotes');
  const queueUrl = values['queue-url'] ?? queueUrlFor(body, env);
  return { body, queueUrl: queueUrlOf(queueUrl, '--queue-url') };
}

if (import.meta.main) {
  await runScript(USAGE, (args) => send(args, process.env, console.log));
}
