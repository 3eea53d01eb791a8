import { onlyOne, type Print, parseArguments } from '../../tools/terminal.ts';
import { MAIN_ACCOUNT } from '../exchange/orders.ts';
import type { Desk } from './command.ts';

/** Cancels an order of the book, named by its id or its name, through the API. */
export function cancel(args: string[], desk: Desk, print: Print): Promise<number> {
  const options = { symbol: { type: 'string' }, account: { type: 'string' } } as const;
  const { values, positionals } = parseArguments({ args, options, allowPositionals: true });
  const named = onlyOne(positionals, 'the id or name of an order');
  const account = values.account ?? MAIN_ACCOUNT;
  const order = [...desk.stack.exchange.orders].findLast(
    (found) => found.account === account && [found.orderId, found.clientOrderId].includes(named),
  );
  const symbol = values.symbol ?? order?.symbol;
  if (symbol === undefined)
    throw new Error(`${account} has no order ${named}: "book" lists them, --symbol tries anyway`);
  const field = /^\d+$/.test(named) ? 'orderId' : 'clientOrderId';
  const query = new URLSearchParams({ symbol, [field]: named });
  return call(desk, { method: 'DELETE', path: `/eapi/v1/order?${query}`, account }, print);
}

/** Empties the book of a symbol, an underlying or everything through the API. */
export function kill(args: string[], desk: Desk, print: Print): Promise<number> {
  const options = {
    account: { type: 'string', default: MAIN_ACCOUNT },
    reason: { type: 'string' },
    'dry-run': { type: 'boolean', default: false },
  } as const;
  const { values, positionals } = parseArguments({ args, options, allowPositionals: true });
  const scope = onlyOne(positionals, 'a symbol, an underlying or everything');
  const { account, reason, 'dry-run': dryRun } = values;
  const body = JSON.stringify({ kill: scopeOf(scope), dryRun, reason });
  return call(desk, { method: 'POST', path: '/kills', account, body }, print);
}

function scopeOf(scope: string): object {
  if (scope === 'everything') return { everything: true };
  return scope.includes('-') ? { symbol: scope } : { underlying: scope };
}

interface Call {
  readonly method: string;
  readonly path: string;
  readonly account: string;
  readonly body?: string;
}

/** Calls the API, and prints what the service logs about the request. */
async function call({ url, log }: Desk, { account, path, ...init }: Call, print: Print): Promise<number> {
  const base = account === MAIN_ACCOUNT ? url : `${url}/accounts/${account}`;
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${base}${path}`, { ...init, headers });
  const text = await answer.text();
  const requestId = answer.headers.get('x-request-id');
  if (requestId === null) throw new Error(`the API answered ${answer.status}: ${text}`);
  return (await log.follow(requestId, print)) ? 0 : 1;
}
