import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { CONSEQUENCES, KILL_CONSEQUENCES, type Next, type Trigger } from '../consequence.ts';
import type { OrderRef } from '../order.ts';
import { detailOf, type KillResult, type Settlement } from '../outcome.ts';

/** Powertools' own variable tells one stage's metrics from another's. */
const SERVICE = process.env.POWERTOOLS_SERVICE_NAME ?? 'binance-options-cancel';
const NAMESPACE = 'BinanceOptionsCancel';

/** A settled cancel, for logs and metrics. */
export interface CancelRecord {
  readonly settlement: Settlement;
  /** The identifiers that the request gave. */
  readonly order: Readonly<Record<string, string | undefined>> | undefined;
  readonly requestId: string;
  readonly deadLetterMessageId: string | undefined;
  readonly caller: string | undefined;
  /** Milliseconds from the sending of the queue message to the end of its cancel. */
  readonly ageMs: number | undefined;
}

/** A kill that has ended in this invocation, for logs and metrics. */
export interface KillRecord {
  readonly result: KillResult;
  readonly next: Next;
  readonly requestId: string;
  readonly deadLetterMessageId: string | undefined;
  readonly caller: string | undefined;
  readonly receives: number | undefined;
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
  cancelSettled({ settlement, order, requestId, ...record }: CancelRecord): void {
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
      requestId,
      ...record,
    });
    this.#count('Cancels', outcome.kind);
    const { ageMs } = record;
    if (ageMs !== undefined) this.#metrics.addMetric('CancelAge', MetricUnit.Milliseconds, ageMs);
  }

  /** Writes one log line and counts one kill. */
  killSettled({ result, ...record }: KillRecord): void {
    this.#logger[KILL_CONSEQUENCES[result.outcome].log]('kill settled', { ...result, ...record });
    this.#count('Kills', result.outcome);
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
