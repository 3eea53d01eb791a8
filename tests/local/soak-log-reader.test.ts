import { beforeEach, expect, test } from '@jest/globals';
import { logReader, Records } from '../../local/soak/history.ts';

const SETTLED = `${JSON.stringify({
  level: 'INFO',
  message: 'any words',
  timestamp: '2026-01-31T12:00:00.000Z',
  outcome: 'canceled',
  orderId: '4611875134427365377',
  requestId: 'a',
  detail: 'the order is CANCELLED',
})}\n`;

let records: Records;
let read: (text: string) => void;

beforeEach(() => {
  records = new Records();
  read = logReader('process-1', records);
});

test('a log line with an outcome is a claim, in whatever pieces it comes', () => {
  for (const character of SETTLED) read(character);

  expect(records.claims).toEqual([
    {
      messageId: 'a',
      environment: 'process-1',
      at: Date.UTC(2026, 0, 31, 12),
      outcome: 'canceled',
      orderId: '4611875134427365377',
      detail: 'the order is CANCELLED',
      kill: undefined,
    },
  ]);
  expect(records.unexpectedOutput).toEqual([]);
});

test('a log line with the orders of a kill is the claim of a kill', () => {
  const orders = { seen: 2, canceled: 1, filled: 0, closed: 0, unexamined: 1, left: 0, newer: 3 };
  const results = [{ orderId: '7', symbol: 'BTC-200730-9000-C', outcome: 'canceled', executedQty: '0' }];
  const line = {
    ...JSON.parse(SETTLED),
    ...{ orderId: undefined, outcome: 'emptied', killId: 'vol-limit', late: true, orders, results },
    asOf: '2026-01-31T11:59:59.500Z',
  };

  read(`${JSON.stringify(line)}\n`);

  const { newer: _, ...counts } = orders;
  expect(records.claims).toEqual([
    {
      messageId: 'a',
      environment: 'process-1',
      at: Date.UTC(2026, 0, 31, 12),
      outcome: 'emptied',
      detail: 'the order is CANCELLED',
      kill: {
        asOf: Date.UTC(2026, 0, 31, 11, 59, 59, 500),
        late: true,
        orders: counts,
        results: [{ orderId: '7', outcome: 'canceled' }],
      },
    },
  ]);
});

test('an incomplete last line is ignored', () => {
  read(`${SETTLED}${SETTLED.slice(0, 40)}`);

  expect(records.claims).toHaveLength(1);
  expect(records.unexpectedOutput).toEqual([]);
});

test('other log lines and metrics are ignored', () => {
  read('{"level":"ERROR","message":"any words","cause":"ServiceUnavailable"}\n{"_aws":{},"Cancels":1}\n');

  expect(records.claims).toEqual([]);
  expect(records.unexpectedOutput).toEqual([]);
  expect(records.queueErrors).toEqual([]);
});

test('a warning with a cause is a failed read of the secret', () => {
  const warning = { level: 'WARN', message: 'any words', timestamp: '2026-01-31T12:00:00.000Z' };

  read(`${JSON.stringify(warning)}\n${JSON.stringify({ ...warning, cause: 'TimeoutError' })}\n`);

  expect(records.failedReads).toEqual([{ environment: 'process-1', at: Date.UTC(2026, 0, 31, 12) }]);
  expect(records.unexpectedOutput).toEqual([]);
});

test('an error about a message is an error of a queue', () => {
  read('{"level":"ERROR","message":"any words","requestId":"a","cause":"TimeoutError"}\n');

  expect(records.queueErrors).toEqual(['a']);
  expect(records.claims).toEqual([]);
  expect(records.unexpectedOutput).toEqual([]);
});

test('a stack trace, and the log line of a defect, are unexpected', () => {
  const defect = '{"level":"ERROR","message":"any words","cause":"TypeError"}';

  read(`Error: boom\n    at file:1\n${defect}\n`);

  expect(records.unexpectedOutput).toEqual(['Error: boom', '    at file:1', defect]);
});
