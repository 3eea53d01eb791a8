import { type EmbeddedExchange, type Fault, faults, type OrderStatus } from '../../local/exchange.ts';
import { type CancelOptions, type Settled, startWorkbench, type WorkbenchOptions } from './workbench.ts';

/** The id of the documented order, the first in every book. */
export const ORDER_ID = '4611875134427365377';

/** Such a name for it as a client gives. */
export const NAME = 'desk-7';

/** A cancel of the documented order, and what happens to it. */
export interface Story extends WorkbenchOptions, CancelOptions {
  /** The order's status when the cancel is asked for, or that there is no order. Default `ACCEPTED`. */
  readonly status?: OrderStatus | 'none';
  /** How the request names the order. Default by its id. */
  readonly by?: 'orderId' | 'clientOrderId' | 'both';
  /** Milliseconds from the start after which the request has expired. */
  readonly expiresAfterMs?: number;
  /** What goes wrong with the first signed call, the second, and so on. */
  readonly faults?: readonly Fault[];
  /** What goes wrong with every query, and with every cancel, after those. */
  readonly queries?: Fault;
  readonly cancels?: Fault;
}

export interface Told extends Settled {
  /** The order as the book has it at the end. */
  readonly status: OrderStatus | undefined;
  /** The service's waits in all, by its own clock. */
  readonly waitedMs: number;
  readonly exchange: EmbeddedExchange;
  /** How long the exchange is not to be called for. */
  readonly throttledForMs: number;
}

/** Has the documented order cancelled with all that goes wrong, and tells what came of it. */
export async function cancelThrough(story: Story): Promise<Told> {
  await using bench = await startWorkbench(story);
  const { exchange, time, client } = bench;
  const { status = 'ACCEPTED', by = 'orderId', queries, cancels, expiresAfterMs } = story;
  if (status !== 'none') {
    exchange.place({ clientOrderId: NAME });
    exchange.settle(ORDER_ID, status);
  }
  for (const fault of story.faults ?? []) exchange.script(fault);
  if (queries) exchange.script(queries, { method: 'GET', times: Number.POSITIVE_INFINITY });
  if (cancels) exchange.script(cancels, { method: 'DELETE', times: Number.POSITIVE_INFINITY });
  const startedAt = time.now();
  const settled = await bench.cancel(
    {
      ...(by !== 'clientOrderId' && { orderId: ORDER_ID }),
      ...(by !== 'orderId' && { clientOrderId: NAME }),
      ...(expiresAfterMs !== undefined && { expiresAt: startedAt + expiresAfterMs }),
    },
    story,
  );
  return {
    ...settled,
    status: exchange.order(ORDER_ID)?.status,
    waitedMs: time.now() - startedAt,
    throttledForMs: client.throttle.remainingMs(),
    exchange,
  };
}

/** An answer of 200 about the documented order, with these fields besides its id. */
export function orderAnswer(fields: object, orderId: string = ORDER_ID): Fault {
  return faults.answer(200, `{"orderId":${[orderId, ...Object.entries(fields).map(toMember)].join(',')}}`);
}

const toMember = ([name, value]: [string, unknown]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`;
