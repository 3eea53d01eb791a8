import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import type { EmbeddedEventBus } from '../../local/event-bus.ts';

/** The variable that switches events on. */
export const BUS = { EVENT_BUS_NAME: 'outcomes' } as const;

/** The SDK's client of an embedded bus, without retries. */
export const busClient = ({ url }: EmbeddedEventBus): EventBridgeClient =>
  new EventBridgeClient({
    endpoint: url,
    region: 'ap-northeast-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  });

/**
 * Sends one event and forgets it, so that the SDK is loaded and compiled: the service waits 300 ms
 * for a bus, which a first call on a busy machine may exceed.
 */
export async function warmUp(bus: EmbeddedEventBus): Promise<void> {
  const client = busClient(bus);
  await client.send(new PutEventsCommand({ Entries: [{ Source: 's', DetailType: 't', Detail: '{}' }] }));
  client.destroy();
  bus.reset();
}
