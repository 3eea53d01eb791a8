import { KILL_CONTENDERS, type KillSpeed, type KillTruth } from '../kill/run.ts';
import { LIMITED, WEATHERS } from '../kill/weather.ts';
import { spreadText } from '../statistics.ts';
import { table } from './document.ts';

const SPEED_HEAD = [
  'kill of 500 orders',
  'connection',
  'first cancel, ms',
  'book empty, ms',
  'answer, ms',
  'weight',
  'success rests on',
];

/** Renders the medians of each contender, with new connections and with open ones. */
export function killSpeedTable(speeds: readonly KillSpeed[]): string {
  const rows = speeds.flatMap(({ contender, fresh, open }) =>
    [['new', fresh] as const, ['open', open] as const].map(([connection, runs]) => [
      contender,
      connection,
      spreadText(runs.map(({ firstMs }) => firstMs)),
      spreadText(runs.map(({ emptyMs }) => emptyMs)),
      spreadText(runs.map(({ answerMs }) => answerMs)),
      spreadText(runs.map(({ weight }) => weight)),
      KILL_CONTENDERS.find(({ label }) => label === contender)?.proof ?? '',
    ]),
  );
  return table(SPEED_HEAD, rows);
}

/** Renders how many reports of success are false, of how many, for each contender in each weather. */
export function killTruthTable(results: readonly KillTruth[]): string {
  const weathers = [...Object.keys(WEATHERS), ...Object.keys(LIMITED)];
  const cell = (label: string, weather?: string) =>
    claims(
      results.filter(
        (result) => result.contender === label && result.weather === (weather ?? result.weather),
      ),
    );
  return table(
    ['false of all reports of success', ...weathers, 'all'],
    KILL_CONTENDERS.map(({ label }) => [
      label,
      ...weathers.map((weather) => cell(label, weather)),
      cell(label),
    ]),
  );
}

/** Returns how many reports of success are false, of how many. */
export function claims(results: readonly KillTruth[]): string {
  const done = results.filter(({ saysDone }) => saysDone);
  return `${done.filter(({ open }) => open > 0).length} of ${done.length}`;
}
