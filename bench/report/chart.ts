import { labelOf, NAMES } from '../contenders.ts';
import { median } from '../statistics.ts';
import { samplesOf } from '../targets.ts';
import { VERDICTS } from '../truth/verdict.ts';
import type { BenchResult } from './report.ts';
import { countsOf, title } from './truth.ts';

const [NEAR, FAR] = ['#1565c0', '#90caf9'];

const WIDTH = 960;
const LEFT = 260;
const ROW = 32;
/** The width of the longest bar; its value stands beside it. */
const SPAN = WIDTH - LEFT - 60;
/** The top of the first and of the second part. */
const [COLD, TRUTH] = [76, 76 + NAMES.length * ROW + 90];

const rect = (x: number, y: number, width: number, height: number, fill: string) =>
  `<rect x="${x}" y="${y}" width="${width.toFixed(1)}" height="${height}" fill="${fill}"/>`;
const text = (x: number, y: number, words: string | number, size = 12, anchor = 'start') =>
  `<text x="${x.toFixed(1)}" y="${y}" font-size="${size}" text-anchor="${anchor}">${words}</text>`;

/** Draws a standalone SVG with cold starts at the top and verdicts at the bottom. */
export function chart({ speed, truth, date }: Required<Pick<BenchResult, 'speed' | 'truth' | 'date'>>) {
  const seen = VERDICTS.filter((verdict) =>
    NAMES.some((name) => countsOf(truth, name).verdicts.has(verdict.name)),
  );
  const height = TRUTH + NAMES.length * ROW + 16;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" font-family="sans-serif">`,
    rect(0, 0, WIDTH, height, '#ffffff'),
    text(16, 28, 'Process start to first answer, ms', 16),
    text(WIDTH - 16, 28, date.slice(0, 10), 12, 'end'),
    legend(COLD, [
      ['no added latency', NEAR],
      ['secret 15 ms, exchange 20 ms, TLS', FAR],
    ]),
    ...coldBars(speed),
    text(16, TRUTH - 48, 'Runs of fault scripts by worst verdict', 16),
    legend(
      TRUTH,
      seen.map(({ name, colour }) => [title(name), colour]),
    ),
    ...truthBars(truth, seen),
    '</svg>\n',
  ].join('\n');
}

function legend(top: number, items: readonly (readonly [string, string])[]): string {
  let x = 16;
  return items
    .map(([words, colour]) => {
      const item = rect(x, top - 32, 12, 12, colour) + text(x + 18, top - 22, words);
      x += 50 + words.length * 7;
      return item;
    })
    .join('');
}

function coldBars(speed: NonNullable<BenchResult['speed']>): readonly string[] {
  const medians = NAMES.map((name) => samplesOf(speed, name)).map(({ cold, coldFar }) => [
    median(cold),
    median(coldFar),
  ]);
  const longest = Math.max(...medians.flat());
  return medians.flatMap((pair, row) => [
    nameOf(row, COLD),
    ...pair.flatMap((ms, index) => {
      const [y, width] = [COLD + row * ROW + index * 13, (SPAN * ms) / longest];
      return [
        rect(LEFT, y, width, 12, index === 0 ? NEAR : FAR),
        text(LEFT + width + 6, y + 10, Math.round(ms), 11),
      ];
    }),
  ]);
}

function truthBars(
  truth: NonNullable<BenchResult['truth']>,
  seen: readonly (typeof VERDICTS)[number][],
): readonly string[] {
  return NAMES.flatMap((name, row) => {
    const { verdicts, scripts } = countsOf(truth, name);
    let x = LEFT;
    const parts = seen.map((verdict) => {
      const width = (SPAN * (verdicts.get(verdict.name) ?? 0)) / scripts;
      x += width;
      return rect(x - width, TRUTH + row * ROW, width, 22, verdict.colour);
    });
    return [nameOf(row, TRUTH), ...parts];
  });
}

const nameOf = (row: number, top: number) =>
  text(LEFT - 10, top + row * ROW + 16, labelOf(NAMES[row] ?? 'ours'), 12, 'end');
