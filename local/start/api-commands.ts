import { onlyOne, type Print, parseArguments } from '../../tools/terminal.ts';
import { MAIN_ACCOUNT } from '../exchange/orders.ts';
import type { LocalStack } from '../stack.ts';

/** The running service, as commands of the desk use it. */
export interface Desk {
  readonly stack: LocalStack;
  /** The address of the HTTP API. */
  readonly url: string;
  /** Prints the outcomes of a request until the last one. Returns the exit code. */
  readonly follow: (requestId: string, print: Print) => Promise<number>;
}

const account = { type: 'string', default: MAIN_ACCOUNT } as const;

/** Cancels an order of the book, named by its id or its name, through the API. */
export function cancel(args: string[], desk: Desk, print: Print): Promise<number> {
  const { values, positionals } = parseArguments({ args, options: { account }, allowPositionals: true });
  const named = onlyOne(positionals, 'the id or name of an order');
  const order = [...desk.stack.exchange.orders].findLast(
    ({ account, orderId, clientOrderId }) =>
      account === values.account && [orderId, clientOrderId].includes(named),
  );
  if (order === undefined)
    throw new Error(`${values.account} has no order ${named}: "book --all" lists them`);
  const field = named === order.orderId ? 'orderId' : 'clientOrderId';
  const query = new URLSearchParams({ symbol: order.symbol, [field]: named });
  return call(desk, values.account, `/eapi/v1/order?${query}`, { method: 'DELETE' }, print);
}

/** Empties the book of a symbol, an underlying or everything through the API. */
export function kill(args: string[], desk: Desk, print: Print): Promise<number> {
  const options = { account, reason: { type: 'string' }, 'dry-run': { type: 'boolean' } } as const;
  const { values, positionals } = parseArguments({ args, options, allowPositionals: true });
  const scope = onlyOne(positionals, 'a symbol, an underlying or everything');
  const { reason, 'dry-run': dryRun } = values;
  const body = JSON.stringify({ kill: scopeOf(scope), dryRun, reason });
  return call(desk, values.account, '/kills', { method: 'POST', body }, print);
}

function scopeOf(scope: string): object {
  if (scope === 'everything') return { everything: true };
  return scope.includes('-') ? { symbol: scope } : { underlying: scope };
}

/** Calls the API, and prints what the service logs about the request. */
async function call(desk: Desk, account: string, path: string, request: RequestInit, print: Print) {
  const base = account === MAIN_ACCOUNT ? desk.url : `${desk.url}/accounts/${account}`;
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${base}${path}`, { ...request, headers });
  const body = await answer.text();
  const requestId = answer.headers.get('x-request-id');
  if (requestId === null) throw new Error(`the API answered ${answer.status}: ${body}`);
  return desk.follow(requestId, print);
}
