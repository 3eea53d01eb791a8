import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type LocalQueues, startQueues } from '../../local/queues.ts';
import { send } from '../../local/send.ts';
import { queueClient, regionOf } from '../../tools/queue-client.ts';
import { UsageError } from '../../tools/terminal.ts';

const SCRIPT = fileURLToPath(new URL('../../local/send.ts', import.meta.url));
const BODY = '{"symbol": "BTC-200730-9000-C",\t"orderId":4611875134427365377, "clientOrderId":"\\u0041" }';

let queues: LocalQueues;

beforeEach(async () => {
  queues = await startQueues();
});

afterEach(async () => {
  await queues.stop();
});

async function received(queueUrl: string) {
  const client = queueClient(queueUrl);
  const { Messages = [] } = await client.send(new ReceiveMessageCommand({ QueueUrl: queueUrl }));
  client.destroy();
  return Messages.map(({ MessageId, Body }) => ({ id: MessageId, body: Body }));
}

describe('sending', () => {
  test('keeps every character of the message, and prints the message id', async () => {
    const printed: string[] = [];

    const code = await send([BODY], queues.env, (line) => printed.push(line));

    expect(code).toBe(0);
    expect(await received(queues.cancelQueueUrl)).toEqual([{ id: printed[0], body: BODY }]);
    expect(printed).toHaveLength(1);
  });

  test('goes to the queue of --queue-url rather than to that of the environment', async () => {
    const args = ['--queue-url', queues.deadLetterQueueUrl, '--raw', 'not even JSON 撤'];

    await send(args, { CANCEL_QUEUE_URL: queues.cancelQueueUrl }, () => undefined);

    expect(await received(queues.deadLetterQueueUrl)).toEqual([
      { id: expect.any(String), body: 'not even JSON 撤' },
    ]);
    expect(await received(queues.cancelQueueUrl)).toEqual([]);
  });

  test('sends a kill to the kill queue, or to the cancel queue where only that is known', async () => {
    const kill = '{"kill":{"symbol":"BTC-200730-9000-C"}}';

    await send([kill], queues.env, () => undefined);
    await send([kill], { CANCEL_QUEUE_URL: queues.cancelQueueUrl }, () => undefined);

    expect((await received(queues.killQueueUrl)).map(({ body }) => body)).toEqual([kill]);
    expect((await received(queues.cancelQueueUrl)).map(({ body }) => body)).toEqual([kill]);
  });

  test('with --wait exits with the result of waiting for that message', async () => {
    const printed: string[] = [];

    const wait = async (id: string, print: (line: string) => void) => {
      print(`the outcome of ${id}`);
      return 1;
    };

    const code = await send([BODY, '--wait'], queues.env, (line) => printed.push(line), wait);

    expect(code).toBe(1);
    expect(printed).toEqual([expect.any(String), `the outcome of ${printed[0]}`]);
  });

  test('fails with the error of SQS', async () => {
    const env = { CANCEL_QUEUE_URL: `${queues.cancelQueueUrl}-of-another-name` };

    await expect(send([BODY], env, () => undefined)).rejects.toThrow('The specified queue does not exist');
  });

  test.each([
    ['no message', [], 'there is no message to send'],
    ['an empty message', [''], 'there is no message to send'],
    ['a cancel without an order', ['{"symbol":"BTC-200730-9000-C"}'], 'orderId or clientOrderId is missing'],
    ['a kill without a scope', ['{"kill":{}}'], 'kill must hold exactly one of'],
    ['a drill of a wrong account', ['{"drill":true,"account":"A"}'], 'account must be 1 to 32'],
    ['text that is no JSON', ['cancel'], 'the body must be one JSON object: '],
    [
      '--wait and a remote queue',
      ['--wait', '--queue-url', 'https://sqs.eu-west-1.amazonaws.com/1/cancel', BODY],
      '--wait works with npm start only',
    ],
    ['two messages', ['{}', '{}'], 'there is more than one message'],
    ['an unknown option', ['--url', 'x', '{}'], "Unknown option '--url'"],
    ['a wrong URL', ['--queue-url', 'cancel', BODY], '--queue-url is not the URL of a queue: cancel'],
  ])('is refused with %s', async (_name, args, message) => {
    const sending = send(args, { CANCEL_QUEUE_URL: queues.cancelQueueUrl }, () => undefined);

    await expect(sending).rejects.toThrow(UsageError);
    await expect(sending).rejects.toThrow(message);
    expect(await received(queues.cancelQueueUrl)).toEqual([]);
  });
});

describe('the script', () => {
  const run = (...args: string[]) =>
    promisify(execFile)(process.execPath, [SCRIPT, ...args], {
      env: { CANCEL_QUEUE_URL: queues.cancelQueueUrl },
    });

  test('sends the message in its arguments', async () => {
    const { stdout, stderr } = await run(BODY);

    expect(stderr).toBe('');
    expect(await received(queues.cancelQueueUrl)).toEqual([{ id: stdout.trim(), body: BODY }]);
  });

  test('reads the message from standard input', async () => {
    const running = run('-');
    running.child.stdin?.end(BODY);
    const { stdout } = await running;

    expect(await received(queues.cancelQueueUrl)).toEqual([{ id: stdout.trim(), body: BODY }]);
  });

  test('exits with 2 and one sentence when its arguments are wrong', async () => {
    await expect(run()).rejects.toMatchObject({
      code: 2,
      stdout: '',
      stderr: 'there is no message to send (--help shows the options)\n',
    });
  });

  test('exits with 1 and names the address where nothing listens', async () => {
    await expect(run('--queue-url', 'http://127.0.0.1:9/000000000000/cancel', BODY)).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('127.0.0.1:9: nothing listens there'),
    });
  });

  test('prints its usage with --help', async () => {
    const { stdout } = await run('--help');

    expect(stdout).toContain('--queue-url URL');
  });
});

describe("a queue's client", () => {
  test('has made-up credentials for a queue on this machine, even with real ones in the environment', async () => {
    process.env.AWS_ACCESS_KEY_ID = 'AKIAREAL';
    process.env.AWS_SECRET_ACCESS_KEY = 'real';
    const client = queueClient(queues.cancelQueueUrl);

    const { accessKeyId } = await client.config.credentials();

    expect(accessKeyId).toBe('local');
  });

  test.each([
    ['https://sqs.eu-west-1.amazonaws.com/123456789012/cancel', 'eu-west-1'],
    ['https://sqs.us-gov-west-1.amazonaws.com/123456789012/cancel', 'us-gov-west-1'],
    ['https://sqs-fips.us-east-1.amazonaws.com/123456789012/cancel', 'us-east-1'],
    ['https://ap-northeast-1.queue.amazonaws.com/123456789012/cancel', 'ap-northeast-1'],
    ['https://queue.example.com/cancel', undefined],
  ])('takes the region from %s', (url, region) => {
    expect(regionOf(url)).toBe(region);
  });
});
