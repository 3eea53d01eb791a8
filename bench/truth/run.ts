import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { FIRST_ORDER_ID } from '../../local/exchange/orders.ts';
import { type ExchangeOrder, isOpen } from '../../local/exchange.ts';
import { type HttpRequestParts, httpEvent } from '../../local/http-event.ts';
import { queueClient } from '../../tools/queue-client.ts';
import { CONTENDERS } from '../contenders.ts';
import type { Counts } from '../options.ts';
import { between, everyWay, type Scene, seeded, startScene } from '../scene.ts';
import { SCRIPTS } from './scripts.ts';
import { judge, type Verdict } from './verdict.ts';

/** The verdicts on one contender in one script. */
export type ScriptResult = Awaited<ReturnType<typeof measureTruth>>[number];

/** Runs every script on every contender with the seeds 1 … `seeds`. */
export function measureTruth({ seeds }: Counts) {
  return everyWay(4, Object.keys(SCRIPTS), CONTENDERS, seeds, async ({ label, bundle }, script, seed) => {
    return { contender: label, script, seed, ...(await play(bundle, script, seed)) };
  });
}

/**
 * Runs one script on one handler, with a verdict on each cancel.
 *
 * @throws RangeError when there is no such script
 */
export async function play(bundle: string, script: string, seed: number) {
  const steps = SCRIPTS[script];
  if (steps === undefined) throw new RangeError(`there is no script ${script}`);
  await using scene = await startScene(bundle);
  scene.random = seeded(`${seed}/${script}`);
  const verdicts: Verdict[] = [];
  for (const { before, request = inQuery } of steps) {
    const order = placeBesideNeighbour(scene);
    before?.(scene, order);
    verdicts.push(await verdictOn(scene, order, request(order)));
  }
  const refused = scene.exchange.calls.filter(({ madeWhile }) => madeWhile !== undefined);
  return { verdicts, /** Calls during a throttle or ban. */ callsAgainstRefusal: refused.length };
}

const inQuery = ({ symbol, orderId }: ExchangeOrder) => ({ query: `symbol=${symbol}&orderId=${orderId}` });

/**
 * Places an open order whose id exceeds JavaScript's exact integers. Also places the order that
 * the rounded id names.
 */
function placeBesideNeighbour({ exchange, random }: Scene): ExchangeOrder {
  const orderId = String(FIRST_ORDER_ID + BigInt(between(random, 0, 2 ** 31)) * 2n);
  exchange.place({ orderId: String(Number(orderId)) });
  return exchange.place({ orderId });
}

/** Requests the cancel of an order, and judges the answer. */
async function verdictOn(scene: Scene, { orderId }: ExchangeOrder, request: HttpRequestParts) {
  const { exchange } = scene;
  const bystanders = [...exchange.orders].filter((order) => isOpen(order) && order.orderId !== orderId);
  const deadLettersBefore = await deadLetters(scene);
  const answer = await scene.invoke(httpEvent(request));
  const wrongOrder = bystanders.some((order) => exchange.order(order.orderId)?.status === 'CANCELLED');
  const isKept = (await deadLetters(scene)) > deadLettersBefore;
  return judge({ answer, order: exchange.order(orderId), wrongOrder, isKept });
}

async function deadLetters({ queues: { deadLetterQueueUrl: QueueUrl } }: Scene): Promise<number> {
  using client = queueClient(QueueUrl);
  const request = { QueueUrl, AttributeNames: ['ApproximateNumberOfMessages' as const] };
  const { Attributes } = await client.send(new GetQueueAttributesCommand(request));
  return Number(Attributes?.ApproximateNumberOfMessages);
}
