import { beforeEach, expect, test } from '@jest/globals';
import type { Claim } from '../../local/soak/books.ts';
import { LogReader } from '../../local/soak/log-reader.ts';

const SETTLED = `${JSON.stringify({
  level: 'INFO',
  message: 'cancel settled',
  timestamp: '2026-01-31T12:00:00.000Z',
  outcome: 'canceled',
  orderId: '4611875134427365377',
  requestId: 'a',
  detail: 'the order is CANCELLED',
})}\n`;

let claims: Claim[];
let strange: string[];
let reader: LogReader;

beforeEach(() => {
  claims = [];
  strange = [];
  reader = new LogReader(
    'process-1',
    (claim) => claims.push(claim),
    (line) => strange.push(line),
  );
});

test('a settled cancel is a claim, whatever pieces its line comes in', () => {
  for (const character of SETTLED) reader.read(character);

  expect(claims).toEqual([
    {
      messageId: 'a',
      environment: 'process-1',
      at: Date.UTC(2026, 0, 31, 12),
      outcome: 'canceled',
      orderId: '4611875134427365377',
      detail: 'the order is CANCELLED',
    },
  ]);
  expect(strange).toEqual([]);
});

test('a line that its process could not end is nothing', () => {
  reader.read(`${SETTLED}${SETTLED.slice(0, 40)}`);

  expect(claims).toHaveLength(1);
  expect(strange).toEqual([]);
});

test('other log lines and metrics are passed over', () => {
  reader.read('{"level":"WARN","message":"dead letter could not be written"}\n{"_aws":{},"Cancels":1}\n');

  expect(claims).toEqual([]);
  expect(strange).toEqual([]);
});

test('a stack, and the log line of a defect, are strange', () => {
  const defect = '{"level":"ERROR","message":"cancel failed in a way that nobody foresaw"}';

  reader.read(`Error: boom\n    at file:1\n${defect}\n`);

  expect(strange).toEqual(['Error: boom', '    at file:1', defect]);
});
