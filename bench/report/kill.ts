import { CONNECTIONS, KILL_CONTENDERS, type KillSpeed, type KillTruth } from '../kill/run.ts';
import { WEATHERS } from '../kill/weather.ts';
import { spreadText } from '../statistics.ts';
import { table } from './document.ts';

const MEASURES = {
  'first cancel, ms': 'firstMs',
  'book empty, ms': 'emptyMs',
  'answer, ms': 'answerMs',
  weight: 'weight',
} as const;

/** Returns the timed kills of a contender. */
export const killsOf = (runs: readonly KillSpeed[], label: string, connection: KillSpeed['connection']) =>
  runs.filter((run) => run.contender === label && run.connection === connection);

/** Renders the medians of each contender, with new connections and with open ones. */
export function killSpeedTable(speeds: readonly KillSpeed[]): string {
  const rows = KILL_CONTENDERS.flatMap(({ label, proof }) =>
    CONNECTIONS.map((connection) => {
      const runs = killsOf(speeds, label, connection);
      const spreads = Object.values(MEASURES).map((field) => spreadText(runs.map((run) => run[field])));
      return [label, connection, ...spreads, proof];
    }),
  );
  return table(['kill of 500 orders', 'connection', ...Object.keys(MEASURES), 'success rests on'], rows);
}

/**
 * Renders how many reports of success are false, of how many, for each contender in each weather.
 */
export function killTruthTable(results: readonly KillTruth[]): string {
  const weathers = Object.keys(WEATHERS);
  const rows = KILL_CONTENDERS.map(({ label }) => {
    const own = results.filter(({ contender }) => contender === label);
    const cells = weathers.map((name) => claims(own.filter(({ weather }) => weather === name)));
    return [label, ...cells, claims(own)];
  });
  return table(['false of all reports of success', ...weathers, 'all'], rows);
}

/** Returns how many reports of success are false, of how many. */
export function claims(results: readonly KillTruth[]): string {
  const done = results.filter(({ saysDone }) => saysDone);
  return `${done.filter(({ open }) => open > 0).length} of ${done.length}`;
}
