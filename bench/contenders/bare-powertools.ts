/** Cancels as `bare-sdk.ts` does, with a log line and metrics for each cancel. */
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { bareHandler, parametersOf, readSecret } from './shared.ts';

const logger = new Logger({ serviceName: 'bare' });
const metrics = new Metrics({ namespace: 'Bench', serviceName: 'bare' });
const cancel = bareHandler(readSecret());

export async function handler(event: APIGatewayProxyEventV2) {
  const startedAt = Date.now();
  const answer = await cancel(event);
  const { statusCode } = answer;
  const latencyMs = Date.now() - startedAt;
  const { requestId } = event.requestContext;
  logger.info('cancel', { ...parametersOf(event), statusCode, latencyMs, requestId });
  metrics.addDimension('status', String(statusCode)).addMetric('Cancels', MetricUnit.Count, 1);
  metrics.addMetric('Latency', MetricUnit.Milliseconds, latencyMs);
  metrics.publishStoredMetrics();
  return answer;
}
