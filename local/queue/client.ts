import { SQSClient } from '@aws-sdk/client-sqs';
import { isLocal, LOCAL_REGION } from './address.ts';

/** Credentials that open nothing: the local queues ask for a signature and check none. */
export const LOCAL_CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' };

const REGION_IN_HOST = /^(?:sqs(?:-fips)?\.)?([a-z]{2,}(?:-[a-z]+)+-\d)\./;

/**
 * A client for the queue at this URL; every call goes to the URL's own host. A queue on this machine gets made-up
 * credentials, so that real ones are never sent there; any other gets the SDK's own credentials and the region that
 * its host names, else the SDK's own region. The caller destroys it.
 */
export function queueClient(queueUrl: string): SQSClient {
  const endpoint = new URL(queueUrl).origin;
  if (isLocal(queueUrl)) {
    return new SQSClient({ endpoint, region: LOCAL_REGION, credentials: LOCAL_CREDENTIALS });
  }
  const region = regionOf(queueUrl);
  return new SQSClient(region === undefined ? { endpoint } : { endpoint, region });
}

/** The region that a queue URL's host names; undefined when it names none (a VPC endpoint's own name, for one). */
export function regionOf(queueUrl: string): string | undefined {
  return REGION_IN_HOST.exec(new URL(queueUrl).hostname)?.[1];
}
