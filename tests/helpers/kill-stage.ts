import type { SQSRecord } from 'aws-lambda';
import { isOpen } from '../../local/exchange.ts';
import { type RecordParts, sqsRecord } from './events.ts';
import { type QueueMessageFound, takeMessages } from './queue-probe.ts';
import type { Stage } from './stage.ts';

export const CALL = 'BTC-261225-90000-C';
export const PUT = 'BTC-261225-90000-P';

/** A list of everything weighs 40, so that a file of tests needs more than the 400 of a minute. */
export const AMPLE_WEIGHT = { BINANCE_WEIGHT_LIMIT: '100000' };

/** An invocation of 4.5 s: 3 s for the exchange, enough for a first list on a slow machine. */
export const ENOUGH_MS = 4500;

/** Ids of the orders that are open. */
export const openIn = ({ exchange }: Stage): readonly string[] =>
  [...exchange.orders].filter(isOpen).map(({ orderId }) => orderId);

/** The calls so far without those of the clock, such as `DELETE allOpenOrders`. */
export const callsTo = ({ exchange }: Pick<Stage, 'exchange'>): readonly string[] =>
  exchange.calls
    .filter(({ path }) => !path.endsWith('/time'))
    .map(({ method, path }) => `${method} ${path.replace('/eapi/v1/', '')}`);

/** Closes every open order, so that the next test begins with an empty book. */
export function emptyBook(stage: Stage): void {
  for (const orderId of openIn(stage)) stage.exchange.settle(orderId, 'CANCELLED');
}

/** Removes the faults and the open orders of the test before. */
export function clear(stage: Stage): void {
  const { exchange, queues } = stage;
  queues.fault = undefined;
  exchange.clearScripts();
  exchange.beforeCall = undefined;
  exchange.behaviour.massSurvivors = () => false;
  emptyBook(stage);
}

/** A message of the kill queue as Lambda hands it over. */
export const killRecord = ({ queues }: Stage, body: string, parts: RecordParts = {}): SQSRecord => ({
  ...sqsRecord(body, parts),
  eventSourceARN: queues.killQueueArn,
});

/** Takes the messages off the kill queue that are visible. */
export const takeKills = ({ queues }: Stage): Promise<QueueMessageFound[]> =>
  takeMessages(queues.killQueueUrl);
