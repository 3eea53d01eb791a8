import type { Message, MessageAttributeValue } from '@aws-sdk/client-sqs';
import type { SQSMessageAttribute, SQSRecord } from 'aws-lambda';

/**
 * Returns the record that Lambda makes of a message received from the queue with this ARN.
 *
 * @throws Error when the message lacks a field that every received message has
 */
export function toRecord(message: Message, queueArn: string): SQSRecord {
  const { Attributes: attributes, MD5OfMessageAttributes: md5OfMessageAttributes } = message;
  return {
    messageId: given(message.MessageId, 'MessageId'),
    receiptHandle: given(message.ReceiptHandle, 'ReceiptHandle'),
    body: given(message.Body, 'Body'),
    attributes: {
      ...attributes,
      ApproximateReceiveCount: given(attributes?.ApproximateReceiveCount, 'ApproximateReceiveCount'),
      SentTimestamp: given(attributes?.SentTimestamp, 'SentTimestamp'),
      SenderId: given(attributes?.SenderId, 'SenderId'),
      ApproximateFirstReceiveTimestamp: given(
        attributes?.ApproximateFirstReceiveTimestamp,
        'ApproximateFirstReceiveTimestamp',
      ),
    },
    messageAttributes: toMessageAttributes(message.MessageAttributes ?? {}),
    md5OfBody: given(message.MD5OfBody, 'MD5OfBody'),
    ...(md5OfMessageAttributes === undefined ? {} : { md5OfMessageAttributes }),
    eventSource: 'aws:sqs',
    eventSourceARN: queueArn,
    awsRegion: given(queueArn.split(':')[3], 'region'),
  };
}

function toMessageAttributes(attributes: Record<string, MessageAttributeValue>) {
  const entries = Object.entries(attributes).map(
    ([name, value]) => [name, toMessageAttribute(value)] as const,
  );
  return Object.fromEntries(entries);
}

/**
 * Lambda spells the fields in lower case, encodes binary values in base64, and adds two lists that
 * are always empty.
 */
function toMessageAttribute({
  StringValue,
  BinaryValue,
  DataType,
}: MessageAttributeValue): SQSMessageAttribute {
  return {
    ...(StringValue === undefined ? {} : { stringValue: StringValue }),
    ...(BinaryValue === undefined ? {} : { binaryValue: Buffer.from(BinaryValue).toString('base64') }),
    stringListValues: [],
    binaryListValues: [],
    dataType: given(DataType, 'DataType'),
  };
}

function given(value: string | undefined, name: string): string {
  if (value === undefined) throw new Error(`a received message has no ${name}`);
  return value;
}
