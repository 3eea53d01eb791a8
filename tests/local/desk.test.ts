import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { desk } from '../../local/desk.ts';
import { isOpen } from '../../local/exchange.ts';
import { startControl } from '../../local/start/control.ts';
import { examples, placeOrders } from '../../local/start/examples.ts';
import { type Ports, startService } from '../../local/start/service.ts';
import { freePort } from '../helpers/free-port.ts';

const STARTING_MS = 60_000;

const printed: string[] = [];
let ports: Ports;
let service: Awaited<ReturnType<typeof startService>>;

beforeAll(async () => {
  ports = { port: await freePort(), 'queue-port': await freePort(), 'desk-port': await freePort() };
  service = await startService(ports, (line) => printed.push(line), new AbortController().signal);
}, STARTING_MS);
afterAll(async () => {
  await service[Symbol.asyncDispose]();
}, STARTING_MS);

/** Runs a command as a second terminal does. Returns its exit code and its lines. */
async function run(...words: string[]) {
  const lines: string[] = [];
  const env = { DESK_PORT: String(ports['desk-port']) };
  return { exitCode: await desk(words, env, (line) => lines.push(line)), lines };
}

test(
  'every command of the desk that npm start prints ends as it says',
  async () => {
    placeOrders(service.desk.stack.exchange);
    const text = examples(service.desk.url, 'desk> ', service.logPath);

    const results = [];
    for (const [, command = ''] of text.matchAll(/desk> (.*)/g)) {
      const words = command.replaceAll("'", '').split(' ');
      results.push(`${(await run(...words)).exitCode} ${words.slice(0, 2).join(' ')}`);
    }

    expect(results).toEqual([
      '0 place 20',
      '0 book',
      '0 kill BTCUSDT',
      '0 fault lost-answer',
      '0 cancel quote-4',
      '0 fault unavailable',
      '1 cancel quote-6',
      '0 dead-letters',
      '0 redrive',
      '0 send --wait',
      '0 send --wait',
      '0 ban 60',
      '1 kill everything',
    ]);
    expect(printed).toContainEqual(
      expect.stringMatching(/ api +emptied +kill BTCUSDT {2}20 seen, 20 canceled$/),
    );
    expect(printed).toContainEqual(
      expect.stringMatching(/ api +unavailable +XRP-261225-1000-P \d+ .*dead letter$/),
    );
    const ended = [...service.desk.stack.exchange.orders].filter((order) => !isOpen(order));
    const names = ended.map(({ account, clientOrderId }) => `${account} ${clientOrderId}`);
    expect(names).toEqual(expect.arrayContaining(['main quote-4', 'main quote-5', 'desk-a quote-1']));
  },
  STARTING_MS,
);

test('the log has the metrics, which are not printed', async () => {
  const log = await readFile(service.logPath, 'utf8');

  expect(log).toContain('"Metrics":[{"Name":"Kills"');
  expect(printed.join('')).not.toContain('_aws');
});

test.each([
  [['bok'], 'there is no command bok'],
  [['place', 'some'], 'the number of orders is not a whole number from 1 to 5000: some'],
  [['place', '--underlying', 'BTC'], '--underlying is one of BTCUSDT, '],
  [['kill'], 'give a symbol, an underlying or everything'],
  [['kill', 'BTCUSDT', 'ETHUSDT'], 'there is one argument too many: ETHUSDT'],
  [['fault', 'fire'], 'there is no fault fire: give lost-answer, '],
  [['send', '{}'], 'symbol is missing: send it; --raw sends it unchecked'],
  [['send', '{}', '--queue-url', 'https://sqs.eu-west-1.amazonaws.com/1/q'], 'leave out --queue-url'],
  [['redrive', '--to=https://sqs.eu-west-1.amazonaws.com/1/q'], 'leave out --to'],
])('%j is refused with one sentence', async (words, sentence) => {
  const { exitCode, lines } = await run(...words);

  expect([exitCode, lines]).toEqual([2, [expect.stringContaining(sentence)]]);
});

test('a fault without a name lists the names', async () => {
  expect(await run('fault')).toEqual({
    exitCode: 0,
    lines: [expect.stringMatching(/^lost-answer, .*, none$/)],
  });
});

test('a command for an order that is not in the book says how to go on', async () => {
  const { exitCode, lines } = await run('cancel', 'quote-9');

  expect([exitCode, lines]).toEqual([1, ['main has no order quote-9: "book --all" lists them']]);
});

test('a body that is no list of words is refused, and the desk goes on', async () => {
  const answer = await fetch(`http://127.0.0.1:${ports['desk-port']}`, {
    method: 'POST',
    body: '{"kill":1}',
  });

  expect(await answer.text()).toMatch(/^Invalid type/);
  expect((await run('book')).exitCode).toBe(0);
});

test('a command fails with one sentence when its desk stops', async () => {
  const port = await freePort();
  const follow = (_id: string, print: (line: string) => void) =>
    new Promise<number>(() => print('first line'));
  await using control = await startControl(port, { ...service.desk, follow });

  const waiting = desk(['wait', 'any'], { DESK_PORT: String(port) }, () => control.closeAllConnections());

  await expect(waiting).rejects.toThrow('the desk stopped before the command ended');
});
