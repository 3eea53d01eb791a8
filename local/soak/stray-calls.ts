import type { Ban, Books, Check, Claim } from './books.ts';
import { CLOCK_ERROR_MS } from './setup.ts';

/**
 * Finds the calls that a process made in a ban it knew of. One process cannot know what another was told, and a call may
 * be on its way when the telling answer comes: so a process counts as told from the moment when, after its first refused
 * call, its own log says "throttled"; and a call counts by the time at which it was signed.
 */
export function findStrayCalls({ bans, claims }: Books): Check[] {
  const told = claims.filter(({ outcome }) => outcome === 'throttled');
  return [
    {
      name: 'no process called on after it was told of a ban',
      offenders: bans.flatMap((ban) => callsByThoseTold(ban, told)),
    },
    {
      // Those who read the clock at the same time share one call, and its refusal tells them all.
      name: 'no process read the clock twice in a ban',
      offenders: bans.flatMap(({ calls, environments }) => {
        const readings = calls.filter(({ environment }) => environment === undefined).length;
        return readings > environments ? [`${readings} readings by ${environments} processes`] : [];
      }),
    },
  ];
}

function callsByThoseTold({ calls }: Ban, told: readonly Claim[]): string[] {
  const byCaller = Map.groupBy(calls, ({ environment }) => environment);
  return [...byCaller].flatMap(([caller, [first, ...others]]) => {
    const knowsFrom = told
      .filter(({ environment, at }) => environment === caller && first !== undefined && at >= first.arrivedAt)
      .reduce((earliest, { at }) => Math.min(earliest, at), Number.POSITIVE_INFINITY);
    return others
      .map(({ signedAt }) => signedAt - knowsFrom - CLOCK_ERROR_MS)
      .filter((lateMs) => lateMs > 0)
      .map((lateMs) => `${caller}, more than ${lateMs} ms after it was told`);
  });
}
