import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { OutcomeEvents } from '../../lib/aws/events.ts';
import { LOCAL_REGION } from '../../tools/queue-address.ts';
import { LOCAL_CREDENTIALS } from '../../tools/queue-client.ts';
import type { EmbeddedEventBus } from './event-bus.ts';

/** The variable that switches events on. */
export const BUS = { EVENT_BUS_NAME: 'outcomes' } as const;

/** The SDK's client of an embedded bus, without retries. */
export const busClient = ({ url }: EmbeddedEventBus): EventBridgeClient =>
  new EventBridgeClient({
    endpoint: url,
    region: LOCAL_REGION,
    credentials: LOCAL_CREDENTIALS,
    maxAttempts: 1,
  });

/**
 * Publishes through the service's own code until the bus confirms an event, so that the SDK and its
 * credentials are loaded and compiled: the service waits 300 ms for a bus, which a first call on a
 * busy machine exceeds. Points the SDK of this process at the bus.
 */
export async function warmUp(bus: EmbeddedEventBus): Promise<void> {
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_EVENTBRIDGE: bus.url,
    AWS_REGION: LOCAL_REGION,
    AWS_ACCESS_KEY_ID: LOCAL_CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: LOCAL_CREDENTIALS.secretAccessKey,
  });
  for (let confirmed = 0; confirmed < 3; ) {
    const events = new OutcomeEvents('warm-up');
    events.add({ detailType: 'Cancel Settled', detail: {} });
    if ((await events.publish(Number.POSITIVE_INFINITY)) === undefined) confirmed += 1;
  }
  bus.reset();
}
