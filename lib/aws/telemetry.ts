import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { CONSEQUENCES, KILL_CONSEQUENCES, type Next, type Trigger } from '../consequence.ts';
import type { OrderRef } from '../order.ts';
import { detailOf, type KillResult, type Settlement } from '../outcome.ts';

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

/**
 * Logs and metrics of one execution environment. No key, signature or signed URL is ever passed to
 * it.
 */
export class Telemetry {
  readonly #logger: Logger;
  readonly #metrics: Metrics;
  /** Counts by outcome: a dimension that the other metrics do not have. */
  readonly #outcomeMetrics: Metrics;
  /** By metric and outcome. */
  #outcomes = new Map<
    string,
    { readonly metric: 'Cancels' | 'Kills'; readonly outcome: string; count: number }
  >();

  constructor(trigger: Trigger) {
    const options = { namespace: NAMESPACE, serviceName: SERVICE, defaultDimensions: { trigger } };
    this.#logger = new Logger({ serviceName: SERVICE, persistentKeys: { trigger } });
    this.#metrics = new Metrics(options);
    this.#outcomeMetrics = new Metrics(options);
  }

  /** Writes one log line and counts one cancel. */
  cancelSettled({ settlement, order, ...record }: CancelRecord): void {
    const { outcome, orderId, attempts, latencyMs, usedWeight } = settlement;
    this.#logger[CONSEQUENCES[outcome.kind].log]('cancel settled', {
      outcome: outcome.kind,
      ...order,
      ...(orderId !== undefined && { orderId }),
      ...('order' in outcome && { status: outcome.order.status }),
      ...('reason' in outcome && { code: outcome.reason.code, detail: detailOf(outcome) }),
      attempts,
      latencyMs,
      usedWeight,
      ...record,
    });
    this.#count('Cancels', outcome.kind);
    const { ageMs } = record;
    if (ageMs !== undefined) this.#metrics.addMetric('CancelAge', MetricUnit.Milliseconds, ageMs);
  }

  /** Writes one log line and counts one kill. */
  killSettled({ result, ...record }: KillRecord): void {
    // CloudWatch Logs Insights finds the first 200 fields of a line, and 200 orders have a thousand
    const { results, ...others } = result;
    this.#logger[KILL_CONSEQUENCES[result.outcome].log]('kill settled', { ...others, ...record, results });
    this.#count('Kills', result.outcome);
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

  error(message: string, error: unknown, fields: Readonly<Record<string, string>> = {}): void {
    this.#logger.error(message, { ...fields, cause: nameOf(error) });
  }

  /** Publishes the metrics. Call it at the end of every invocation. */
  flush(): void {
    for (const { metric, outcome, count } of this.#outcomes.values()) {
      this.#outcomeMetrics.addDimension('outcome', outcome).addMetric(metric, MetricUnit.Count, count);
      this.#outcomeMetrics.publishStoredMetrics();
    }
    this.#outcomes.clear();
    if (this.#metrics.hasStoredMetrics()) this.#metrics.publishStoredMetrics();
  }

  #count(metric: 'Cancels' | 'Kills', outcome: string): void {
    const key = `${metric} ${outcome}`;
    const count = (this.#outcomes.get(key)?.count ?? 0) + 1;
    this.#outcomes.set(key, { metric, outcome, count });
  }
}

/** Returns an error's name alone: the messages of libraries' errors may hold anything. */
const nameOf = (error: unknown) => (error instanceof Error ? error.name : typeof error);
