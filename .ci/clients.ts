/**
 * Checks that the exchange's usual clients, ccxt and the official connector, can be pointed at this service
 * unmodified. Runs the built API handler behind an HTTP server on loopback, with the embedded exchange behind it.
 * Prints the exception that each client raises for each outcome. Exits with 1 when a success is not true in the
 * book, or when a client repeats a call whose outcome is final or takes an open outcome for a final one.
 *
 * usage: npm run build && node .ci/clients.ts
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { resolve } from 'node:path';
import * as v from 'valibot';
import { installContenders } from '../bench/install.ts';
import { apiEvent } from '../bench/measure/events.ts';
import { table } from '../bench/report/table.ts';
import { type Fault, faults, isOpen } from '../local/exchange.ts';
import { type LambdaProcess, startLambdaProcess } from '../local/lambda-process.ts';
import { startLocalStack } from '../local/stack.ts';

const httpAnswer = v.object({
  statusCode: v.number(),
  headers: v.record(v.string(), v.string()),
  body: v.string(),
});

const ROOT = resolve(import.meta.dirname, '..');
const BUNDLE = new URL('../dist/handlers/api.mjs', import.meta.url);
/** Milliseconds for one invocation: enough for a proof, and short where none can come. */
const TIMEOUT_MS = 4000;
const SYMBOL = 'BTC-200730-9000-C';
const UNIFIED = 'BTC/USDT:USDT-200730-9000-C';
const ALWAYS = Number.POSITIVE_INFINITY;

installContenders(ROOT);
const { clientsOf, isRetryable } = await import('../bench/clients.ts');

const stack = await startLocalStack({ exchange: { weightLimit: 1_000_000 } });
const { exchange } = stack;
let handler: LambdaProcess | undefined;
/** The outcomes that the service has answered to the call of a client, one for each request. */
let outcomes: string[] = [];
const server = createServer((request, response) => void serve(request, response));
await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
const address = server.address();
if (address === null || typeof address === 'string') throw new Error('the server has no port');
const clients = await clientsOf(`http://127.0.0.1:${address.port}`, exchange.url, 2 * TIMEOUT_MS);
/** The same clients with a base URL that carries an account, whose book is another one. */
const deskClients = await clientsOf(
  `http://127.0.0.1:${address.port}/accounts/desk-a`,
  exchange.url,
  2 * TIMEOUT_MS,
);

/** Turns a request into an event of an HTTP API (payload 2.0), and the handler's answer into a response. */
async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [path = '/', query = ''] = (request.url ?? '/').split('?');
  const body = (await request.toArray()).join('');
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
  );
  const event = apiEvent(request.method ?? '', path, { query, headers, ...(body !== '' && { body }) });
  const answer = v.parse(httpAnswer, await handler?.invoke(event));
  outcomes.push(answer.headers['x-cancel-outcome'] ?? String(answer.statusCode));
  response.writeHead(answer.statusCode, answer.headers).end(answer.body);
}

type ClientName = 'ccxt' | 'connector';
type Call = (orderId: string, parameters?: Readonly<Record<string, string>>) => Promise<unknown>;

const cancelBy: Readonly<Record<ClientName, Call>> = {
  ccxt: (orderId, parameters) => clients.ccxt.cancelOrder(orderId, UNIFIED, parameters),
  connector: (orderId, parameters) =>
    clients.connector('DELETE', '/eapi/v1/order', { symbol: SYMBOL, orderId, ...parameters }),
};

const killBy: Readonly<Record<ClientName, Call>> = {
  ccxt: () => clients.ccxt.cancelAllOrders(UNIFIED),
  connector: () => clients.connector('DELETE', '/eapi/v1/allOpenOrders', { symbol: SYMBOL }),
};

interface Success {
  /** The number of two open orders that may stay open. */
  readonly leaves: number;
  readonly call: (made: typeof clients, ids: readonly string[]) => Promise<unknown>;
}

const listOf = (ids: readonly string[]) => `[${ids.join()}]`;
const underlying = 'BTCUSDT';
const symbol = SYMBOL;

/** Calls that must succeed, for the default account and for a named one. */
const SUCCESSES: Readonly<Record<string, Success>> = {
  'ccxt cancelOrder': { leaves: 1, call: ({ ccxt }, [id = '']) => ccxt.cancelOrder(id, UNIFIED) },
  'ccxt cancelAllOrders': { leaves: 0, call: ({ ccxt }) => ccxt.cancelAllOrders(UNIFIED) },
  'ccxt eapiPrivateDeleteBatchOrders': {
    leaves: 0,
    call: ({ ccxt }, ids) => ccxt.eapiPrivateDeleteBatchOrders({ symbol, orderIds: listOf(ids) }),
  },
  'ccxt fetchOrder': { leaves: 2, call: ({ ccxt }, [id = '']) => ccxt.fetchOrder(id, UNIFIED) },
  'ccxt fetchOpenOrders': { leaves: 2, call: ({ ccxt }) => ccxt.fetchOpenOrders(UNIFIED) },
  'connector order': {
    leaves: 1,
    call: ({ connector }, [orderId = '']) => connector('DELETE', '/eapi/v1/order', { symbol, orderId }),
  },
  'connector allOpenOrders': {
    leaves: 0,
    call: ({ connector }) => connector('DELETE', '/eapi/v1/allOpenOrders', { symbol }),
  },
  'connector allOpenOrdersByUnderlying': {
    leaves: 0,
    call: ({ connector }) => connector('DELETE', '/eapi/v1/allOpenOrdersByUnderlying', { underlying }),
  },
  'connector batchOrders, ids as text': {
    leaves: 0,
    call: ({ connector }, orderIds) => connector('DELETE', '/eapi/v1/batchOrders', { symbol, orderIds }),
  },
  'connector open orders': {
    leaves: 2,
    call: ({ connector }) => connector('GET', '/eapi/v1/openOrders', { symbol }),
  },
};

/** What a client may make of an outcome: `final` is never worth a repeat, `open` is worth one. */
type Nature = 'final' | 'open' | 'keys' | 'success';

interface Failure {
  readonly outcome: string;
  readonly nature: Nature;
  readonly name?: string;
  readonly isKill?: boolean;
  /** Makes the exchange fail. */
  readonly arrange?: (orderId: string) => unknown;
  /** Sent with the call, or in place of its `orderId`. */
  readonly parameters?: Readonly<Record<string, string>>;
}

const every = (fault: Fault, method?: string) =>
  exchange.script(fault, { times: ALWAYS, ...(method && { method }) });
const refuseKey = () => every(faults.code(401, -2015, 'Invalid API-key, IP, or permissions for action.'));
const loseAnswerAndOrder = () => {
  every(faults.reset(), 'DELETE');
  every(faults.code(400, -2013, 'Order does not exist.'), 'GET');
};

const FAILURES: readonly Failure[] = [
  { outcome: 'filled', nature: 'final', arrange: (id) => exchange.fill(id) },
  { outcome: 'closed', nature: 'final', arrange: (id) => exchange.settle(id, 'EXPIRED') },
  { outcome: 'not-found', nature: 'final', parameters: { orderId: '4611875134427399999' } },
  { outcome: 'invalid-request', nature: 'final', parameters: { orderId: '0' } },
  { outcome: 'expired', nature: 'final', parameters: { expiresAt: '1700000000000' } },
  {
    outcome: 'accepted',
    nature: 'success',
    arrange: () => Object.assign(exchange.behaviour, { acceptedForMs: ALWAYS }),
  },
  { outcome: 'throttled', nature: 'open', arrange: () => every(faults.tooMany(30)) },
  { outcome: 'unavailable', nature: 'open', arrange: () => every(faults.internal503()) },
  {
    outcome: 'unavailable',
    name: '-1016',
    nature: 'open',
    arrange: () => every(faults.code(503, -1016, 'This service is no longer available.')),
  },
  {
    outcome: 'unavailable',
    name: '-2011, order open',
    nature: 'open',
    arrange: () => every(faults.unknownOrder(), 'DELETE'),
  },
  {
    outcome: 'unavailable',
    name: '-6063, order open',
    nature: 'open',
    arrange: () => every(faults.cancelRejected(), 'DELETE'),
  },
  { outcome: 'unknown', nature: 'open', arrange: () => every(faults.unknown503()) },
  { outcome: 'unknown', name: '-4078', nature: 'open', arrange: () => every(faults.optionsInternalError()) },
  { outcome: 'unknown', name: 'then -2013', nature: 'open', arrange: loseAnswerAndOrder },
  { outcome: 'credentials', nature: 'keys', arrange: refuseKey },
  { outcome: 'forbidden', nature: 'keys', arrange: () => every(faults.firewall()) },
  {
    outcome: 'not-emptied',
    isKill: true,
    nature: 'open',
    arrange: () => every(faults.unknownOrder(), 'DELETE'),
  },
  { outcome: 'throttled', isKill: true, nature: 'open', arrange: () => every(faults.tooMany(30)) },
  { outcome: 'unknown', isKill: true, nature: 'open', arrange: () => every(faults.unknown503()) },
  { outcome: 'credentials', isKill: true, nature: 'keys', arrange: refuseKey },
];

/** Starts each case with an empty book, an exchange that works, and a new execution environment. */
async function reset(): Promise<void> {
  exchange.clearScripts();
  exchange.behaviour.acceptedForMs = undefined;
  for (const order of exchange.orders) if (isOpen(order)) exchange.settle(order.orderId, 'CANCELLED');
  await handler?.stop();
  handler = await startLambdaProcess({
    bundle: BUNDLE,
    env: stack.env,
    timeoutMs: TIMEOUT_MS,
    functionName: 'api',
  });
  outcomes = [];
}

/** Gives each of the two books two open orders, and expects the call to touch one book alone. */
async function checkSuccess(name: string, account: 'main' | 'desk-a'): Promise<readonly string[]> {
  const { leaves, call } = SUCCESSES[name] ?? { leaves: 0, call: async () => undefined };
  await reset();
  const place = (book: string) => [0, 1].map(() => exchange.place({ account: book }).orderId);
  const ids = { main: place('main'), 'desk-a': place('desk-a') };
  const error: unknown = await call(account === 'main' ? clients : deskClients, ids[account]).then(
    () => undefined,
    (reason) => reason,
  );
  const leftOf = (book: keyof typeof ids) =>
    ids[book].filter((id) => exchange.order(id)?.status !== 'CANCELLED').length;
  const other = account === 'main' ? 'desk-a' : 'main';
  const isRight = error === undefined && leftOf(account) === leaves && leftOf(other) === 2;
  return [
    name,
    account,
    error === undefined ? 'success' : nameOf(error),
    `${2 - leftOf(account)} of 2`,
    `${2 - leftOf(other)} of 2`,
    outcomes.join(' '),
    isRight ? 'ok' : 'WRONG',
  ];
}

async function checkFailure(failure: Failure, client: ClientName): Promise<readonly string[]> {
  await reset();
  const { orderId } = exchange.place();
  failure.arrange?.(orderId);
  const call = failure.isKill ? killBy[client] : cancelBy[client];
  const error: unknown = await call(failure.parameters?.orderId ?? orderId, failure.parameters).then(
    () => undefined,
    (reason) => reason,
  );
  const code = error instanceof Error ? (/"code":(-?\d+)/.exec(error.message)?.[1] ?? codeOf(error)) : '';
  const isRight = outcomes[0] === failure.outcome && judge(failure.nature, client, error);
  const label = `${failure.isKill ? 'kill ' : ''}${failure.outcome}${failure.name ? ` (${failure.name})` : ''}`;
  return [
    label,
    client,
    nameOf(error),
    code,
    String(outcomes.length),
    isRight ? 'ok' : `WRONG ${outcomes.join(' ')}`,
  ];
}

/** The connector judges by the HTTP status alone; it repeats what is a 5xx. */
function judge(nature: Nature, client: ClientName, error: unknown): boolean {
  if (nature === 'success') return error === undefined;
  if (error === undefined) return false;
  if (client === 'ccxt') return isRetryable(error) === (nature === 'open');
  return nature !== 'final' || outcomes.length === 1;
}

const nameOf = (error: unknown) => (error instanceof Error ? error.constructor.name : 'none');
const codeOf = (error: Error) => ('code' in error ? String(error.code) : '');

const successes: (readonly string[])[] = [];
for (const account of ['main', 'desk-a'] as const)
  for (const name of Object.keys(SUCCESSES)) successes.push(await checkSuccess(name, account));
const failures: (readonly string[])[] = [];
for (const failure of FAILURES)
  for (const client of ['ccxt', 'connector'] as const) failures.push(await checkFailure(failure, client));

console.log(table(['call', 'account', 'client', 'canceled', 'of the other book', 'outcome', ''], successes));
console.log();
console.log(table(['outcome', 'client', 'exception', 'code', 'requests', ''], failures));
server.close();
server.closeAllConnections();
await handler?.stop();
await stack.stop();
const wrong = [...successes, ...failures].filter((row) => row.at(-1) !== 'ok').length;
if (wrong > 0) console.error(`\n${wrong} of ${successes.length + failures.length} are wrong`);
process.exit(wrong > 0 ? 1 : 0);
