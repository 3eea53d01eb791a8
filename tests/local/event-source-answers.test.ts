import { describe, expect, test } from '@jest/globals';
import { unsettledRecords } from '../../local/queue/batch-response.ts';
import { toRecord } from '../../local/queue/records.ts';

const records = ['one', 'two', 'three'].map((MessageId) =>
  toRecord({ MessageId }, 'arn:aws:sqs:ap-northeast-1:000000000000:cancel'),
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
