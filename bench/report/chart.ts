import { CONTENDERS, type Contender } from '../contenders.ts';
import { valuesOf } from '../measure/speed.ts';
import type { BenchResult } from '../measure.ts';
import { median } from '../statistics.ts';
import { VERDICTS } from '../truth/verdict.ts';
import { countOf, runsOf } from './truth.ts';

const DISTANCES = [
  { name: 'no latency', colour: '#1565c0', measure: 'cold' },
  { name: 'secret 15 ms, exchange 20 ms, TLS', colour: '#90caf9', measure: 'coldFar' },
] as const;

const WIDTH = 960;
const LEFT = 260;
const ROW = 32;
/** The width of the longest bar; its value stands beside it. */
const SPAN = WIDTH - LEFT - 60;
/** The width of an item of a legend. */
const ITEM = 116;
/** The top of the bars of the first part and of the second, and the height of all. */
const COLD = 76;
const TRUTH = COLD + CONTENDERS.length * ROW + 90;
const HEIGHT = TRUTH + CONTENDERS.length * ROW + 16;

const rect = (x: number, y: number, width: number, height: number, fill: string) =>
  `<rect x="${x}" y="${y}" width="${width.toFixed(1)}" height="${height}" fill="${fill}"/>`;
const text = (x: number, y: number, words: string | number, size = 12, anchor = 'start') =>
  `<text x="${x.toFixed(1)}" y="${y}" font-size="${size}" text-anchor="${anchor}">${words}</text>`;

/** Draws a standalone SVG with cold starts at the top and verdicts at the bottom. */
export function chart({ speed = [], truth = [], date }: BenchResult): string {
  const seen = VERDICTS.filter(({ name }) => countOf(truth, name) > 0);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" font-family="sans-serif">`,
    rect(0, 0, WIDTH, HEIGHT, '#ffffff'),
    text(WIDTH - 16, 28, date.slice(0, 10), 12, 'end'),
    text(16, 28, 'Process start to first answer, ms', 16),
    ...legend(COLD, DISTANCES),
    ...coldBars(speed),
    text(16, TRUTH - 48, 'Runs of fault scripts by worst verdict', 16),
    ...legend(TRUTH, seen),
    ...truthBars(truth),
    '</svg>\n',
  ].join('\n');
}

const legend = (top: number, items: readonly { readonly name: string; readonly colour: string }[]) =>
  items.flatMap(({ name, colour }, index) => [
    rect(16 + index * ITEM, top - 32, 12, 12, colour),
    text(34 + index * ITEM, top - 22, name),
  ]);

function coldBars(speed: NonNullable<BenchResult['speed']>): readonly string[] {
  const medians = ({ label }: Contender) =>
    DISTANCES.map(({ colour, measure }) => ({ colour, ms: median(valuesOf(speed, label, measure)) }));
  const longest = Math.max(...CONTENDERS.flatMap(medians).map(({ ms }) => ms));
  return rows(COLD, (contender, top) =>
    medians(contender).flatMap(({ colour, ms }, index) => {
      const [y, width] = [top + index * 13, (SPAN * ms) / longest];
      return [rect(LEFT, y, width, 12, colour), text(LEFT + width + 6, y + 10, Math.round(ms), 11)];
    }),
  );
}

function truthBars(truth: NonNullable<BenchResult['truth']>): readonly string[] {
  return rows(TRUTH, ({ label }, top) => {
    const runs = runsOf(truth, label);
    let x = LEFT;
    return VERDICTS.map(({ name, colour }) => {
      const width = (SPAN * countOf(runs, name)) / runs.length;
      x += width;
      return rect(x - width, top, width, 22, colour);
    });
  });
}

/** Draws the name and the bars of each contender. */
const rows = (top: number, bars: (contender: Contender, top: number) => readonly string[]) =>
  CONTENDERS.flatMap((contender, row) => [
    text(LEFT - 10, top + row * ROW + 16, contender.label, 12, 'end'),
    ...bars(contender, top + row * ROW),
  ]);
