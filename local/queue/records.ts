import type { Message, MessageAttributeValue } from '@aws-sdk/client-sqs';
import type { SQSMessageAttribute, SQSRecord } from 'aws-lambda';
import * as v from 'valibot';

const ALWAYS = ['MessageId', 'ReceiptHandle', 'Body', 'MD5OfBody'] as const;
const ATTRIBUTES = [
  'ApproximateReceiveCount',
  'SentTimestamp',
  'SenderId',
  'ApproximateFirstReceiveTimestamp',
] as const;
/** The fields that every received message has. */
const received = v.object({
  ...v.entriesFromList(ALWAYS, v.string()),
  Attributes: v.objectWithRest(v.entriesFromList(ATTRIBUTES, v.string()), v.string()),
});

/**
 * Returns the record that Lambda makes of a message received from the queue with this ARN.
 *
 * @throws ValiError when the message lacks a field that every received message has
 */
export function toRecord(message: Message, queueArn: string): SQSRecord {
  const { MessageId, ReceiptHandle, Body, MD5OfBody, Attributes } = v.parse(received, message);
  const { MD5OfMessageAttributes } = message;
  const attributes = Object.entries(message.MessageAttributes ?? {});
  return {
    messageId: MessageId,
    receiptHandle: ReceiptHandle,
    body: Body,
    attributes: Attributes,
    messageAttributes: Object.fromEntries(attributes.map(([name, value]) => [name, toAttribute(value)])),
    md5OfBody: MD5OfBody,
    ...(MD5OfMessageAttributes && { md5OfMessageAttributes: MD5OfMessageAttributes }),
    eventSource: 'aws:sqs',
    eventSourceARN: queueArn,
    awsRegion: queueArn.split(':')[3] ?? '',
  };
}

/**
 * Lambda spells the fields in lower case, encodes binary values in base64, and adds two lists that
 * are always empty.
 */
function toAttribute({
  StringValue,
  BinaryValue,
  DataType = '',
}: MessageAttributeValue): SQSMessageAttribute {
  return {
    ...(StringValue !== undefined && { stringValue: StringValue }),
    ...(BinaryValue && { binaryValue: Buffer.from(BinaryValue).toString('base64') }),
    stringListValues: [],
    binaryListValues: [],
    dataType: DataType,
  };
}
