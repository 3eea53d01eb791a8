import type { Check } from './claim-checks.ts';
import type { Ban, Claim, History } from './history.ts';
import { CLOCK_ERROR_MS } from './settings.ts';

/**
 * Finds the calls that a process made during a ban that it knew of. Processes do not share what
 * they know, and a call may be under way when the refusal arrives. So a process knows of a ban from
 * the moment at which, after its first refused call, its own log says `throttled`; and a call
 * counts by the time at which it was signed.
 */
export function checkBans({ bans, claims }: History): Check[] {
  const throttled = claims.filter(({ outcome }) => outcome === 'throttled');
  return [
    {
      name: 'no process called during a ban that it knew of',
      violations: bans.flatMap((ban) => knowingCalls(ban, throttled)),
    },
    {
      // Cancels in one process share one call to read the clock, and all learn from its refusal.
      name: 'no process read the clock twice during a ban',
      violations: bans.flatMap(({ calls, environments }) => {
        const readings = calls.filter(({ environment }) => environment === undefined).length;
        return readings > environments ? [`${readings} readings by ${environments} processes`] : [];
      }),
    },
  ];
}

function knowingCalls({ calls }: Ban, throttled: readonly Claim[]): string[] {
  const byCaller = Map.groupBy(calls, ({ environment }) => environment);
  return [...byCaller].flatMap(([caller, [first, ...others]]) => {
    const knowsFrom = throttled
      .filter(({ environment, at }) => environment === caller && first !== undefined && at >= first.arrivedAt)
      .reduce((earliest, { at }) => Math.min(earliest, at), Number.POSITIVE_INFINITY);
    return others
      .map(({ signedAt }) => signedAt - knowsFrom - CLOCK_ERROR_MS)
      .filter((lateMs) => lateMs > 0)
      .map((lateMs) => `${caller}, more than ${lateMs} ms after it knew`);
  });
}
