import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { OrderRef } from '../cancel/request.ts';
import { detailOf, type OutcomeKind, type Settlement } from '../outcome.ts';

/** Powertools' own variable tells one stage's metrics from another's. */
const SERVICE = process.env.POWERTOOLS_SERVICE_NAME ?? 'binance-options-cancel';
const NAMESPACE = 'BinanceOptionsCancel';

/** One cancel, settled, as logs and metrics tell it. */
export interface CancelRecord {
  readonly settlement: Settlement;
  readonly order: OrderRef | undefined;
  readonly requestId: string;
  readonly deadLetterMessageId: string | undefined;
  /** Milliseconds from sending the message to settling it, where it came through the queue. */
  readonly ageMs: number | undefined;
}

type Level = 'info' | 'warn' | 'error';

const LEVELS: Readonly<Record<OutcomeKind, Level>> = {
  canceled: 'info',
  accepted: 'info',
  filled: 'warn',
  closed: 'warn',
  'not-found': 'warn',
  'invalid-request': 'warn',
  expired: 'warn',
  throttled: 'error',
  credentials: 'error',
  forbidden: 'error',
  unavailable: 'error',
  unknown: 'error',
};

/** Logs and metrics of one execution environment. Nothing secret is ever handed to it: no key, signature or signed URL. */
export class Telemetry {
  readonly #logger: Logger;
  readonly #metrics: Metrics;
  /** Counts by outcome, a dimension that the other metrics do not have. */
  readonly #outcomeMetrics: Metrics;
  #outcomes = new Map<OutcomeKind, number>();

  constructor(trigger: string) {
    const options = { namespace: NAMESPACE, serviceName: SERVICE, defaultDimensions: { trigger } };
    this.#logger = new Logger({ serviceName: SERVICE, persistentKeys: { trigger } });
    this.#metrics = new Metrics(options);
    this.#outcomeMetrics = new Metrics(options);
  }

  /** One log line and the counters of one cancel. */
  cancelSettled({ settlement, order, requestId, deadLetterMessageId, ageMs }: CancelRecord): void {
    const { outcome, attempts, latencyMs, usedWeight } = settlement;
    this.#logger[LEVELS[outcome.kind]]('cancel settled', {
      outcome: outcome.kind,
      ...order,
      ...('order' in outcome && { orderId: outcome.order.orderId, status: outcome.order.status }),
      ...('fault' in outcome && { code: outcome.fault.code, detail: detailOf(outcome) }),
      attempts,
      latencyMs,
      usedWeight,
      requestId,
      deadLetterMessageId,
      ageMs,
    });
    this.#outcomes.set(outcome.kind, (this.#outcomes.get(outcome.kind) ?? 0) + 1);
    if (ageMs !== undefined) this.#metrics.addMetric('CancelAge', MetricUnit.Milliseconds, ageMs);
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

  deadLetterWritten(): void {
    this.#metrics.addMetric('DeadLetters', MetricUnit.Count, 1);
  }

  warn(message: string, error: unknown): void {
    this.#logger.warn(message, { cause: nameOf(error) });
  }

  error(message: string, error: unknown, fields: Readonly<Record<string, string>> = {}): void {
    this.#logger.error(message, { ...fields, cause: nameOf(error) });
  }

  /** Writes out what has been counted. To be called at the end of every invocation, whatever became of it. */
  flush(): void {
    for (const [outcome, count] of this.#outcomes) {
      this.#outcomeMetrics.addDimension('outcome', outcome).addMetric('Cancels', MetricUnit.Count, count);
      this.#outcomeMetrics.publishStoredMetrics();
    }
    this.#outcomes.clear();
    if (this.#metrics.hasStoredMetrics()) this.#metrics.publishStoredMetrics();
  }
}

/** An error's name alone: messages of other people's errors may hold anything. */
const nameOf = (error: unknown) => (error instanceof Error ? error.name : typeof error);
