import {
  type EmbeddedExchange,
  type ExchangeOrder,
  isOpen,
  type ReceivedCall,
} from '../../local/exchange.ts';
import { freshHmacKey } from '../../local/keys.ts';
import { CALL_FAULTS, type FaultScript, FIRST_ID, LATE_MS, TIMEOUT_MS } from './fault-scripts.ts';
import { type Settled, SYMBOL, startWorkbench, type Workbench } from './workbench.ts';

/** What was claimed, and the truth as the exchange's book has it in the end. */
export interface FaultRun {
  /** One for each delivery, with the target's status at that moment. */
  readonly claims: readonly (Settled & { readonly statusThen: string | undefined })[];
  readonly targetId: string;
  readonly target: ExchangeOrder | undefined;
  /** Every order but the target, as nobody but the world should have left it, and as it is. */
  readonly others: readonly { readonly expected: string; readonly actual: string | undefined }[];
  readonly calls: readonly ReceivedCall[];
  /** The statuses of the answers that reached the service: on a slow machine one may come too late. */
  readonly heard: readonly number[];
}

const NAME = 'desk-7';
/** After these nothing is left to be done, or nothing that another delivery could do. */
const LAST = new Set(['canceled', 'filled', 'closed', 'invalid-request', 'expired']);

/** Plays a script through the library, against an exchange of its own. */
export async function play(script: FaultScript): Promise<FaultRun> {
  const { acceptedForMs, options, events } = script;
  const others: ExchangeOrder[] = [];
  const bench: Workbench = await startWorkbench({
    timeoutMs: TIMEOUT_MS,
    ...(acceptedForMs !== undefined && { acceptedForMs }),
    ...options,
    ...script.behaviour,
    beforeCall: (number) => {
      for (const { before, what } of events) if (before === number) happen(what, bench, targetId, others);
    },
  });
  await using exchange = bench.exchange;
  const targetId = placeTarget(exchange, script, bench.time.now());
  others.push(...placeBystanders(bench, script));
  for (const name of script.calls) {
    const isOfCancels = name === 'rejectedAnswer'; // to a query it would be a lie
    exchange.script(CALL_FAULTS[name] ?? {}, isOfCancels ? { method: 'DELETE' } : {});
  }
  const claims = await deliver(bench, script, targetId, others);
  if (script.calls.includes('late'))
    await new Promise((resolve) => setTimeout(resolve, LATE_MS + TIMEOUT_MS));
  return {
    claims,
    targetId,
    target: exchange.order(targetId),
    others: others.map(({ orderId, status }) => ({
      expected: status,
      actual: exchange.order(orderId)?.status,
    })),
    calls: exchange.calls,
    heard: bench.heard,
  };
}

async function deliver(bench: Workbench, script: FaultScript, targetId: string, others: ExchangeOrder[]) {
  const { time, exchange } = bench;
  const askedAt = time.now();
  time.advance(script.waitedMs);
  if (script.isRenamed) happen('name-given-anew', bench, targetId, others);
  const request = {
    ...(script.by !== 'clientOrderId' && { orderId: targetId }),
    ...(script.by !== 'orderId' && { clientOrderId: NAME }),
    ...(script.expiresAfterMs !== undefined && { expiresAt: askedAt + script.expiresAfterMs }),
  };
  const claims: (Settled & { statusThen: string | undefined })[] = [];
  for (let delivery = 1; delivery <= script.deliveries; delivery++) {
    const settled = await bench.cancel(request, { ...script.options, askedAt, isRepeat: delivery > 1 });
    claims.push({ ...settled, statusThen: exchange.order(targetId)?.status });
    if (LAST.has(settled.outcome.kind)) break;
    time.advance(script.pauseMs);
  }
  return claims;
}

/** Places orders that no request names: other names, the same name elsewhere, and an older order of the same name. */
function placeBystanders({ exchange, time }: Workbench, { status, ageMs }: FaultScript): ExchangeOrder[] {
  const ended = time.now() - ageMs - 1;
  const older = { clientOrderId: NAME, status: 'FILLED', createTime: ended - 1, updateTime: ended } as const;
  return [
    exchange.place(),
    exchange.place({ clientOrderId: 'desk-8' }),
    exchange.place({ clientOrderId: NAME, symbol: SYMBOL.replace('-C', '-P') }),
    ...(status === 'none' ? [] : [exchange.place(older)]),
  ];
}

function placeTarget(exchange: EmbeddedExchange, { status, ageMs }: FaultScript, now: number): string {
  if (status === 'none') return '4611875134427399999';
  const executedQty = status === 'PARTIALLY_FILLED' ? '0.5' : '0';
  const createTime = now - ageMs;
  const order = { orderId: FIRST_ID, clientOrderId: NAME, status, executedQty, createTime };
  return exchange.place({ ...order, updateTime: createTime }).orderId;
}

function happen(
  what: FaultScript['events'][number]['what'],
  bench: Workbench,
  targetId: string,
  others: ExchangeOrder[],
): void {
  const { exchange, time, secret } = bench;
  const target = exchange.order(targetId);
  const open = target !== undefined && isOpen(target);
  time.advance(1); // what happens later is later
  if (what === 'fill' && open) exchange.fill(targetId);
  if (what === 'partial-fill' && open) exchange.fill(targetId, '0.25');
  if (what === 'expire' && open) exchange.settle(targetId, 'EXPIRED');
  if (what === 'drop-keys') exchange.setKeys([]);
  if (what === 'rotate-keys') {
    const { exchangeKey, secret: key } = freshHmacKey();
    exchange.setKeys([exchangeKey]);
    Object.assign(secret, { key, version: exchangeKey.apiKey });
  }
  const isGivenAlready = others.some(
    (order) => order.symbol === SYMBOL && order.clientOrderId === NAME && isOpen(order),
  );
  if (what === 'name-given-anew' && !isGivenAlready) {
    if (open) exchange.fill(targetId);
    others.push(exchange.place({ clientOrderId: NAME }));
  }
}
