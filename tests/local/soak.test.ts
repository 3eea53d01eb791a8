import { beforeAll, describe, expect, test } from '@jest/globals';
import { audit } from '../../local/soak/auditor.ts';
import { runSoak, type SoakRun } from '../../local/soak/run.ts';
import { balanceSheet } from '../../local/soak/table.ts';

const SHORT = { messages: 300, processes: 2, maxReceiveCount: 2 };

/** What does not balance, as the table shows it: empty when all is well. */
function faultsOf(run: SoakRun): string {
  const balance = audit(run.books);
  const isBalanced = balance.checks.every(({ offenders }) => offenders.length === 0);
  return isBalanced ? '' : balanceSheet(run, balance);
}

describe('a short soak of the built queue handler', () => {
  let undisturbed: SoakRun;
  let withKills: SoakRun;

  beforeAll(async () => {
    // Both wait most of the time: side by side they take as long as one.
    [undisturbed, withKills] = await Promise.all([
      runSoak({ ...SHORT, seed: 2, kills: 0 }),
      runSoak({ ...SHORT, seed: 4, kills: 3 }),
    ]);
  }, 60_000);

  test('balances its books', () => {
    expect(faultsOf(undisturbed)).toBe('');
    expect(undisturbed.books.sent).toHaveLength(300);
  });

  test('balances its books when processes are killed in mid-batch', () => {
    expect(faultsOf(withKills)).toBe('');
    expect(withKills.killed).toBe(3);
  });

  test('has something to balance: cancels, dead letters, answers unheard, refused calls', () => {
    const { settled, deadLetters } = audit(withKills.books);

    expect(settled.get('canceled')).toBeGreaterThan(100);
    expect(deadLetters.get('invalid-request')).toBeGreaterThan(0);
    expect(withKills.books.deliveries.some(({ heard }) => !heard)).toBe(true);
    expect(withKills.books.bans.flatMap(({ calls }) => calls)).not.toHaveLength(0);
  });
});
