import { SQSClient } from '@aws-sdk/client-sqs';
import { isLocal, LOCAL_REGION } from './queue-address.ts';

/** Made-up credentials. The local queues require a signature and do not check it. */
export const LOCAL_CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' };

const REGION_IN_HOST = /^(?:sqs(?:-fips)?\.)?([a-z]{2,}(?:-[a-z]+)+-\d)\./;

/**
 * Returns a client that calls the host of this queue URL. For a queue on this machine it uses
 * made-up credentials, so that real ones are never sent there. Otherwise it uses the SDK's
 * credentials, and the region in the host name or else the SDK's. The caller must destroy it, or
 * declare it with `using`.
 */
export function queueClient(queueUrl: string): SQSClient & Disposable {
  const region = isLocal(queueUrl) ? LOCAL_REGION : regionOf(queueUrl);
  const client = new SQSClient({
    endpoint: new URL(queueUrl).origin,
    ...(region !== undefined && { region }),
    ...(isLocal(queueUrl) && { credentials: LOCAL_CREDENTIALS }),
  });
  return Object.assign(client, { [Symbol.dispose]: () => client.destroy() });
}

/**
 * Returns the region in a queue URL's host name; undefined when there is none, as for a VPC
 * endpoint.
 */
export function regionOf(queueUrl: string): string | undefined {
  return REGION_IN_HOST.exec(new URL(queueUrl).hostname)?.[1];
}
