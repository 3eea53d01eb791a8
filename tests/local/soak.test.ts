import { beforeAll, describe, expect, test } from '@jest/globals';
import { checkHistory } from '../../local/soak/checker.ts';
import { report } from '../../local/soak/report.ts';
import { runSoak, type SoakRun } from '../../local/soak/run.ts';

const SHORT = { messages: 300, processes: 2, maxReceiveCount: 2 };

/** Returns the report if a check failed, otherwise an empty text. */
function failuresOf(run: SoakRun): string {
  const verdict = checkHistory(run.history);
  return verdict.passed ? '' : report(run, verdict);
}

describe('a short soak of the built queue handler', () => {
  let undisturbed: SoakRun;
  let withCrashes: SoakRun;

  beforeAll(async () => {
    // Both wait most of the time, so side by side they take as long as one.
    [undisturbed, withCrashes] = await Promise.all([
      runSoak({ ...SHORT, seed: 57, crashes: 0 }),
      runSoak({ ...SHORT, seed: 38, crashes: 4 }),
    ]);
  }, 180_000);

  test('passes every check', () => {
    expect(failuresOf(undisturbed)).toBe('');
    expect(undisturbed.history.sent.size).toBe(300);
  });

  test('passes every check when processes are crashed during a batch', () => {
    expect(failuresOf(withCrashes)).toBe('');
    // A crash that is planned for a kill may find no batch left that lasts as long.
    expect(withCrashes.history.crashed.size).toBeGreaterThanOrEqual(3);
  });

  test('has cancels, kills, dead letters, lost answers and refused calls', () => {
    const { settled, deadLetters } = checkHistory(withCrashes.history);
    const claims = withCrashes.history.claims.flatMap(({ kill }) => (kill === undefined ? [] : [kill]));

    expect(settled.get('canceled')).toBeGreaterThan(100);
    expect(claims.some(({ late, orders }) => !late && orders.seen > 0)).toBe(true);
    expect(claims.some(({ late }) => late)).toBe(true);
    expect(deadLetters.get('invalid-request')).toBeGreaterThan(0);
    expect(withCrashes.history.deliveries.some(({ acknowledged }) => !acknowledged)).toBe(true);
    expect(withCrashes.history.bans.flatMap(({ calls }) => calls)).not.toHaveLength(0);
  });
});
