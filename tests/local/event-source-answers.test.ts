import { describe, expect, test } from '@jest/globals';
import { unsettledRecords } from '../../local/queue/batch-response.ts';
import { toRecord } from '../../local/queue/records.ts';

const records = ['one', 'two', 'three'].map((MessageId) =>
  toRecord(
    {
      MessageId,
      ReceiptHandle: `handle of ${MessageId}`,
      Body: '{}',
      MD5OfBody: '99914b932bd37a50b983c5e7c90ae93b',
      Attributes: {
        ApproximateReceiveCount: '1',
        SentTimestamp: '1611825601400',
        SenderId: '000000000000',
        ApproximateFirstReceiveTimestamp: '1611825601500',
      },
    },
    'arn:aws:sqs:ap-northeast-1:000000000000:cancel',
  ),
);

function unsettled(answer: unknown): string[] {
  return unsettledRecords(answer, records).map((record) => record.messageId);
}

describe("a handler's answer", () => {
  test.each([
    ['no answer', undefined],
    ['null', null],
    ['an empty object', {}],
    ['a null list', { batchItemFailures: null }],
    ['an empty list', { batchItemFailures: [] }],
  ])('%s settles the whole batch', (_name, answer) => {
    expect(unsettled(answer)).toEqual([]);
  });

  test('that names messages settles the others', () => {
    const answer = { batchItemFailures: [{ itemIdentifier: 'three' }, { itemIdentifier: 'one' }] };

    expect(unsettled(answer)).toEqual(['one', 'three']);
  });

  test('that names a message twice settles the others', () => {
    const answer = { batchItemFailures: [{ itemIdentifier: 'two' }, { itemIdentifier: 'two' }] };

    expect(unsettled(answer)).toEqual(['two']);
  });

  test.each([
    ['text', 'done'],
    ['a list of another type', { batchItemFailures: 'one' }],
    ['an empty name', { batchItemFailures: [{ itemIdentifier: '' }] }],
    ['a null name', { batchItemFailures: [{ itemIdentifier: null }] }],
    ['a name under another key', { batchItemFailures: [{ messageId: 'one' }] }],
    ['a bare name', { batchItemFailures: ['one'] }],
    [
      'a name that is not in the batch',
      { batchItemFailures: [{ itemIdentifier: 'one' }, { itemIdentifier: 'four' }] },
    ],
  ])('%s settles nothing', (_name, answer) => {
    expect(unsettled(answer)).toEqual(['one', 'two', 'three']);
  });
});

describe('a received message', () => {
  test('that lacks a mandatory field is refused with the name of the field', () => {
    expect(() => toRecord({ MessageId: 'one' }, 'arn:aws:sqs:ap-northeast-1:0:cancel')).toThrow(
      'Expected "ReceiptHandle"',
    );
  });
});
