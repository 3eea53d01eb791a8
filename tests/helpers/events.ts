import { randomUUID } from 'node:crypto';
import type { EventBridgeEvent, SQSEvent, SQSMessageAttribute, SQSRecord } from 'aws-lambda';

const QUEUE_ARN = 'arn:aws:sqs:ap-northeast-1:123456789012:cancel';

/** What varies between one message and the next. */
export interface RecordParts {
  readonly messageId?: string;
  readonly receiptHandle?: string;
  /** Which receive this is. Default 1. */
  readonly receives?: number;
  /** Milliseconds since the epoch; default now. */
  readonly sentAt?: number;
  /** The message attribute `askedAt`; none by default. */
  readonly askedAt?: string;
}

/** One message as Lambda hands it over (https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html). */
export function sqsRecord(body: string, parts: RecordParts = {}): SQSRecord {
  const {
    messageId = randomUUID(),
    receiptHandle = `AQEB${messageId}`,
    receives = 1,
    sentAt = Date.now(),
    askedAt,
  } = parts;
  return {
    messageId,
    receiptHandle,
    body,
    attributes: {
      ApproximateReceiveCount: String(receives),
      SentTimestamp: String(sentAt),
      SenderId: 'AIDAIENQZJOLO23YVJ4VO',
      ApproximateFirstReceiveTimestamp: String(sentAt + 1),
    },
    messageAttributes: askedAt === undefined ? {} : { askedAt: stringAttribute(askedAt) },
    md5OfBody: 'e4e68fb7bd0e697a0ae8f1bb342846b3',
    eventSource: 'aws:sqs',
    eventSourceARN: QUEUE_ARN,
    awsRegion: 'ap-northeast-1',
  };
}

const stringAttribute = (stringValue: string): SQSMessageAttribute => ({
  stringValue,
  stringListValues: [],
  binaryListValues: [],
  dataType: 'String',
});

/** A batch of messages. */
export const sqsEvent = (Records: SQSRecord[]): SQSEvent => ({ Records });

/** What a rule's target gets: the request of whoever put the event is its `detail`. */
export function eventBridgeEvent<T>(
  detail: T,
  source = 'desk.risk',
  time = '2026-01-31T12:00:00Z',
): EventBridgeEvent<'Cancel', T> {
  return {
    version: '0',
    id: '6a7e8feb-b491-4cf7-a9f1-bf3703467718',
    'detail-type': 'Cancel',
    source,
    account: '123456789012',
    time,
    region: 'ap-northeast-1',
    resources: [],
    detail,
  };
}

/** What EventBridge Scheduler sends when its target has no input of its own: an event whose `detail` is text. */
export function schedulerDefaultEvent(): EventBridgeEvent<'Scheduled Event', string> {
  return {
    ...eventBridgeEvent('{}', 'aws.scheduler'),
    'detail-type': 'Scheduled Event',
    resources: ['arn:aws:scheduler:ap-northeast-1:123456789012:schedule/cancels/flatten-at-expiry'],
  };
}
