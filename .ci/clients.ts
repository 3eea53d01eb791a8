/**
 * Calls the built API handler with the exchange's usual clients, ccxt and the official connector, through every door
 * and into every outcome, and makes the tables of docs/clients.md. An embedded exchange stands behind the handler.
 * Exits with 1 when a success is not true in the book, when a client repeats a final outcome or takes one that may
 * still change for a final one, when README's lines for ccxt cancel nothing, or when the tables of docs/clients.md
 * differ.
 *
 * usage: npm run build && npx node .ci/clients.ts [--write]
 */
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { installContenders } from '../bench/contenders.ts';
import { replaceBetween } from '../bench/report/document.ts';
import { isOpen } from '../local/exchange.ts';
import { placeOrders } from '../local/start/examples.ts';
import type { Case } from './clients/cases.ts';
import { type Calls, DOORS, type Door } from './clients/doors.ts';
import { type Ending, endingOf, isOutcome, nameOf } from './clients/ending.ts';
import { startHttpService } from './clients/service.ts';

const ROOT = resolve(import.meta.dirname, '..');
const DOCUMENT = resolve(ROOT, 'docs/clients.md');
const TIMEOUT_MS = 5000;

installContenders();
const { clientsOf, isRetryable } = await import('../bench/clients.ts');
const service = await startHttpService();
const { exchange } = service;
const clients = {
  main: await clientsOf(service.url, exchange.url),
  /** A base URL that carries an account, whose book is another one. */
  'desk-a': await clientsOf(`${service.url}/accounts/desk-a`, exchange.url),
};
const wrong: string[] = [];

type Account = keyof typeof clients;
type ClientName = keyof Calls;

function expectThat(isTrue: boolean, sentence: string): void {
  if (!isTrue) wrong.push(sentence);
}

/** Makes one case happen to a client, with an empty book, an exchange that works, and a new handler. */
async function run(call: Calls, client: ClientName, example: Case): Promise<Ending> {
  await reset(example.timeoutMs);
  const { orderId } = exchange.place();
  example.arrange?.(exchange, orderId);
  return endingOf(
    service.answers,
    call[client](clients.main, [example.orderId ?? orderId], example.parameters ?? {}),
  );
}

async function reset(timeoutMs = TIMEOUT_MS): Promise<void> {
  exchange.clearScripts();
  exchange.behaviour.acceptedForMs = undefined;
  for (const order of exchange.orders) if (isOpen(order)) exchange.settle(order.orderId, 'CANCELLED');
  await service.load(timeoutMs);
}

/** Checks a case through every client, and returns its row. */
async function rowOf(door: Door, call: Calls, example: Case): Promise<string> {
  const endings = {
    ccxt: await run(call, 'ccxt', example),
    connector: await run(call, 'connector', example),
    patient: await run(call, 'patient', example),
  };
  checkErrors(door, example, endings);
  checkRepeats(door, example, endings);
  const cells = [endings.ccxt, endings.connector].flatMap(({ error, requests }) => [
    nameOf(error),
    requests > 1 ? 'yes' : 'no',
  ]);
  const name = example.title ?? `\`${example.outcome}\``;
  return `| ${[name, String(endings.ccxt.status), ...cells].join(' | ')} |`;
}

type Endings = Readonly<Record<ClientName, Ending>>;

/** Expects the outcome, and an error of the right nature. The connector judges by the HTTP status alone. */
function checkErrors(door: Door, example: Case, endings: Endings): void {
  const isError = example.nature !== 'success';
  for (const [name, { error, status, outcome }] of Object.entries(endings)) {
    const isRaised = isError && (name === 'ccxt' || !(door.isBatch && status === 200));
    const here = `${door.title}, ${example.outcome}, ${name}`;
    expectThat(isOutcome(outcome, example), `${here}: the outcome was ${outcome}`);
    expectThat((error !== undefined) === isRaised, `${here} raised ${nameOf(error)}`);
    const isNatural = name !== 'ccxt' || isRetryable(error) === (example.nature === 'open');
    expectThat(isNatural, `${here} raised ${nameOf(error)}, which is of the wrong nature`);
  }
}

function checkRepeats(door: Door, { outcome, nature }: Case, { ccxt, connector, patient }: Endings): void {
  const here = `${door.title}, ${outcome}`;
  expectThat(ccxt.requests === (nature === 'open' ? 2 : 1), `${here}: ccxt sent ${ccxt.requests} requests`);
  const mayRepeat = nature === 'open' || nature === 'keys';
  expectThat(mayRepeat || connector.requests === 1, `${here}: the connector repeated it`);
  expectThat(patient.requests === 1, `${here}: the connector repeated it in spite of retries: 0`);
}

/** Gives each of two books two open orders, and expects a successful call to touch one book alone. */
async function checkBooks(door: Door, call: Calls, client: ClientName, account: Account) {
  await reset();
  const place = (book: Account) => [0, 1].map(() => exchange.place({ account: book }).orderId);
  const ids = { main: place('main'), 'desk-a': place('desk-a') };
  const { error } = await endingOf(service.answers, call[client](clients[account], ids[account], {}));
  const leftOf = (book: Account) =>
    ids[book].filter((id) => exchange.order(id)?.status !== 'CANCELLED').length;
  const here = `${door.title} through ${client} for ${account}`;
  expectThat(error === undefined, `${here} raised ${nameOf(error)}`);
  expectThat(leftOf(account) === door.leaves, `${here} left ${leftOf(account)} orders open`);
  const other = account === 'main' ? 'desk-a' : 'main';
  expectThat(leftOf(other) === 2, `${here} touched the book of ${other}`);
}

async function tableOf(door: Door): Promise<string> {
  const tables = [];
  for (const call of door.calls) {
    for (const account of ['main', 'desk-a'] as const)
      for (const client of ['ccxt', 'connector'] as const) await checkBooks(door, call, client, account);
    const rows = [];
    for (const example of door.cases) rows.push(await rowOf(door, call, example));
    tables.push(rows.join('\n'));
  }
  expectThat(new Set(tables).size === 1, `${door.title} differ`);
  const head = '| outcome | status | ccxt raises | ccxt repeats | connector raises | connector repeats |';
  return `### ${door.title}\n\n${head}\n| --- | --- | --- | --- | --- | --- |\n${tables[0]}`;
}

/** Expects README's lines for ccxt to cancel the order that they name, one of those of `npm start`. */
async function checkReadme(): Promise<void> {
  const readme = await readFile(resolve(ROOT, 'README.md'), 'utf8');
  const [, lines = ''] = /```js\n(import \{ binance \} from 'ccxt';\n[^`]*)```/.exec(readme) ?? [];
  await reset();
  const placed = placeOrders(exchange).filter(({ clientOrderId }) => lines.includes(`'${clientOrderId}'`));
  const input = lines.replace('http://localhost:3000', service.url);
  const cwd = resolve(ROOT, 'bench');
  await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', input], { cwd });
  const statuses = placed.map(({ orderId }) => exchange.order(orderId)?.status);
  expectThat(statuses.join() === 'CANCELLED', `README's lines for ccxt leave the orders ${statuses}`);
}

/** Expects a case of every outcome that docs/openapi.yaml lists, except that of `POST /kills` alone. */
async function checkCoverage(): Promise<void> {
  const description = await readFile(resolve(ROOT, 'docs/openapi.yaml'), 'utf8');
  const [, names = ''] = /enum: \[(canceled, [^\]]+)\]/.exec(description) ?? [];
  const seen = new Set(DOORS.flatMap(({ cases }) => cases.map(({ outcome }) => outcome)));
  for (const name of names.split(', '))
    expectThat(seen.has(name) || name === 'dry-run', `the outcome ${name} has no case`);
}

await checkCoverage();
await checkReadme();
const sections = [];
for (const door of DOORS) sections.push(await tableOf(door));
await service.stop();
const document = await readFile(DOCUMENT, 'utf8');
const made = replaceBetween(document, 'clients', sections.join('\n\n'));
if (process.argv.includes('--write')) await writeFile(DOCUMENT, made);
else expectThat(document === made, 'docs/clients.md differs: run npx node .ci/clients.ts --write');
for (const sentence of wrong) console.error(sentence);
if (wrong.length === 0) console.log('Both clients understand every outcome through every door.');
process.exit(wrong.length > 0 ? 1 : 0);
