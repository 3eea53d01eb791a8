import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { CONSEQUENCES, isFinal, KILL_CONSEQUENCES, type Next, type Trigger } from '../consequence.ts';
import type { OrderRef } from '../order.ts';
import { type DrillResult, detailOf, type KillResult, type Settlement } from '../outcome.ts';
import type { OutcomeEvent, OutcomeEvents } from './events.ts';

/** Powertools' own variable tells one stage's metrics from another's. */
const SERVICE = process.env.POWERTOOLS_SERVICE_NAME ?? 'binance-options-cancel';
const NAMESPACE = 'BinanceOptionsCancel';

/** The way of a request through this service. */
interface Way {
  readonly requestId: string;
  /** The id of the invocation. */
  readonly lambdaRequestId: string;
  readonly caller: string | undefined;
  /** The one for whom the API sent the message: a claim of its sender. */
  readonly onBehalfOf: string | undefined;
  readonly receives: number | undefined;
  readonly next: Next;
  /** The next delivery of a message that went back, ISO 8601. */
  readonly backAt: string | undefined;
  readonly deadLetterMessageId: string | undefined;
}

/** A settled cancel, for logs and metrics. */
export interface CancelRecord extends Way {
  readonly settlement: Settlement;
  /** The identifiers that the request gave. */
  readonly order: Readonly<Record<string, string | undefined>> | undefined;
  /** The account's name; undefined for the default account. */
  readonly account: string | undefined;
  /** Milliseconds from the sending of the queue message to the end of its cancel. */
  readonly ageMs: number | undefined;
}

/** A kill that has ended in this invocation, for logs and metrics. */
export interface KillRecord extends Way {
  readonly result: KillResult;
  readonly latencyMs: number;
}

/** A drill, for logs and metrics. */
interface DrillRecord extends DrillResult {
  readonly requestId: string;
  /** The id of the invocation. */
  readonly lambdaRequestId: string;
  readonly latencyMs: number;
}

/** The message of an outcome line, after `cancel` or `kill`: it names what happened to the request. */
const HAPPENED: Readonly<Record<Next, string>> = {
  done: 'settled',
  back: 'returned to its queue',
  'dead-letter': 'kept as a dead letter',
  'handed-over': 'handed over',
};

/** The version of the fields of an event. It changes when a consumer has to. */
const EVENT_VERSION = 1;

/**
 * Logs, metrics and events of one execution environment. No key, signature or signed URL is ever
 * passed to it.
 */
export class Telemetry {
  readonly #trigger: Trigger | 'preflight';
  readonly #events: OutcomeEvents | undefined;
  readonly #logger: Logger;
  readonly #metrics: Metrics;
  /** Counts by outcome or result: dimensions that the other metrics do not have. */
  readonly #outcomeMetrics: Metrics;
  /** By metric and outcome. */
  #outcomes = new Map<
    string,
    { readonly metric: 'Cancels' | 'Kills'; readonly outcome: string; count: number }
  >();

  /** @param events the events of final outcomes, where a bus is configured */
  constructor(trigger: Trigger | 'preflight', events?: OutcomeEvents) {
    this.#trigger = trigger;
    this.#events = events;
    const options = { namespace: NAMESPACE, serviceName: SERVICE, defaultDimensions: { trigger } };
    this.#logger = new Logger({ serviceName: SERVICE, persistentKeys: { trigger } });
    this.#metrics = new Metrics(options);
    this.#outcomeMetrics = new Metrics(options);
  }

  /** Writes one log line, counts one cancel and, if its outcome is final, keeps an event. */
  cancelSettled(record: CancelRecord): void {
    const { kind } = record.settlement.outcome;
    const fields = cancelFields(record);
    this.#logger[CONSEQUENCES[kind].log](this.#messageOf('cancel', record.next), fields);
    this.#count('Cancels', kind);
    this.#keep('Cancel Settled', fields, record.next);
    const { ageMs } = record;
    if (ageMs !== undefined) this.#metrics.addMetric('CancelAge', MetricUnit.Milliseconds, ageMs);
  }

  /** Writes one log line, counts one kill and, if its outcome is final, keeps an event. */
  killSettled({ result, ...record }: KillRecord): void {
    // CloudWatch Logs Insights finds the first 200 fields of a line, and 200 orders have a thousand
    const { results, ...others } = result;
    const fields = { ...others, ...record, results };
    this.#logger[KILL_CONSEQUENCES[result.outcome].log](this.#messageOf('kill', record.next), fields);
    this.#count('Kills', result.outcome);
    this.#keep('Kill Settled', fields, record.next);
  }

  /**
   * Writes one log line about a drill and counts it, a named account's apart from the default one's.
   * A failed drill is a warning: the alarm watches for drills that are ok.
   */
  drilled({ drill: result, ...fields }: DrillRecord): void {
    this.#logger[result === 'failed' ? 'warn' : 'info'](`drill ${result}`, { result, ...fields });
    this.#outcomeMetrics.addDimension('result', result);
    if (fields.account !== undefined) this.#outcomeMetrics.addDimension('account', fields.account);
    this.#outcomeMetrics.addMetric('Drills', MetricUnit.Count, 1).publishStoredMetrics();
  }

  /** Logs that a request will be carried out from its queue, under the id of its message. */
  sentToQueue(fields: Readonly<Record<string, string | undefined>>): void {
    this.#logger.info('request sent to its queue', fields);
  }

  answered(latencyMs: number, usedWeight: number | undefined): void {
    this.#metrics.addMetric('ExchangeLatency', MetricUnit.Milliseconds, latencyMs);
    if (usedWeight !== undefined) this.#metrics.addMetric('UsedWeight', MetricUnit.Count, usedWeight);
  }

  clockRead(offsetMs: number): void {
    this.#metrics.addMetric('ClockOffset', MetricUnit.Milliseconds, offsetMs);
  }

  secretRead(): void {
    this.#metrics.addMetric('SecretReads', MetricUnit.Count, 1);
  }

  /** Logs at once that the exchange answered about another order than it was asked about. */
  otherOrder(asked: OrderRef, answered: string): void {
    this.#logger.error('the exchange answered with another order', { asked: { ...asked }, answered });
  }

  deadLetterWritten(): void {
    this.#metrics.addMetric('DeadLetters', MetricUnit.Count, 1);
  }

  /** Logs a warning, with the name of an error if one caused it. */
  warn(message: string, error?: unknown): void {
    this.#logger.warn(message, error === undefined ? {} : { cause: nameOf(error) });
  }

  error(message: string, error: unknown, fields: Readonly<Record<string, string | number>> = {}): void {
    this.#logger.error(message, { ...fields, cause: nameOf(error) });
  }

  /**
   * Publishes the metrics, then the events, for which it waits 300 ms at most. Call it at the end
   * of every invocation. Never rejects: events that could not be published are an error in the log.
   *
   * @param remainingMs milliseconds that remain of the invocation
   */
  async flush(remainingMs: number): Promise<void> {
    this.#publishMetrics();
    const unpublished = await this.#events?.publish(remainingMs);
    if (unpublished === undefined) return;
    const { count, error } = unpublished;
    this.error('could not publish outcome events', error, { unpublished: count });
  }

  #publishMetrics(): void {
    for (const { metric, outcome, count } of this.#outcomes.values()) {
      this.#outcomeMetrics.addDimension('outcome', outcome).addMetric(metric, MetricUnit.Count, count);
      this.#outcomeMetrics.publishStoredMetrics();
    }
    this.#outcomes.clear();
    if (this.#metrics.hasStoredMetrics()) this.#metrics.publishStoredMetrics();
  }

  /** Without a queue to go back to, `back` means that the dead letter could not be written. */
  #messageOf(request: 'cancel' | 'kill', next: Next): string {
    const isLost = next === 'back' && this.#trigger !== 'queue';
    return `${request} ${isLost ? 'not kept' : HAPPENED[next]}`;
  }

  #keep(detailType: OutcomeEvent['detailType'], fields: OutcomeEvent['detail'], next: Next): void {
    if (!isFinal(next, this.#trigger)) return;
    this.#events?.add({
      detailType,
      detail: { version: EVENT_VERSION, service: SERVICE, trigger: this.#trigger, ...fields },
    });
  }

  #count(metric: 'Cancels' | 'Kills', outcome: string): void {
    const key = `${metric} ${outcome}`;
    const count = (this.#outcomes.get(key)?.count ?? 0) + 1;
    this.#outcomes.set(key, { metric, outcome, count });
  }
}

/** Returns the fields of a settled cancel, for its log line and its event. */
function cancelFields({ settlement, order, ...record }: CancelRecord) {
  const { outcome, orderId, attempts, latencyMs, usedWeight } = settlement;
  return {
    outcome: outcome.kind,
    ...order,
    ...(orderId !== undefined && { orderId }),
    ...('order' in outcome && { status: outcome.order.status }),
    ...('reason' in outcome && { code: outcome.reason.code, detail: detailOf(outcome) }),
    attempts,
    latencyMs,
    usedWeight,
    ...record,
  };
}

/** Returns an error's name alone: the messages of libraries' errors may hold anything. */
const nameOf = (error: unknown) => (error instanceof Error ? error.name : typeof error);
