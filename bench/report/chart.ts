import { init } from 'echarts';
import { LABELS, NAMES } from '../contenders.ts';
import { type BenchResult, samplesOf } from '../result.ts';
import { median } from '../statistics.ts';
import type { Verdict } from '../truth/verdict.ts';
import { countsOf, RANKED, title } from './truth.ts';

const WIDTH = 960;
const HEIGHT = 620;

/** From best to worst. Warm colours mark a missing or false answer. */
const COLOURS: Readonly<Record<Verdict, string>> = {
  right: '#2e7d32',
  kept: '#8bc34a',
  unsure: '#cfd8dc',
  'gave-up': '#90a4ae',
  'no-answer': '#ffb74d',
  'false-failure': '#fb8c00',
  'false-success': '#e53935',
  'wrong-order': '#8e0000',
};

/** Draws a standalone SVG with cold starts at the top and verdicts at the bottom. */
export function chart({
  speed,
  truth,
  date,
}: Required<Pick<BenchResult, 'speed' | 'truth' | 'date'>>): string {
  const canvas = init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height: HEIGHT });
  const labels = NAMES.map((name) => LABELS[name]);
  const category = { type: 'category', data: labels, inverse: true, axisTick: { show: false } };
  canvas.setOption({
    animation: false,
    backgroundColor: '#ffffff',
    textStyle: { fontFamily: 'sans-serif' },
    title: [
      { text: 'Process start to first answer, ms', left: 16, top: 12, textStyle: { fontSize: 16 } },
      {
        text: 'Fault scripts by worst verdict',
        left: 16,
        top: 312,
        textStyle: { fontSize: 16 },
      },
      { text: date.slice(0, 10), right: 16, top: 16, textStyle: { fontSize: 12, fontWeight: 'normal' } },
    ],
    grid: [
      { left: 200, right: 60, top: 76, height: 200 },
      { left: 200, right: 60, top: 396, height: 170 },
    ],
    legend: [
      { top: 40, left: 200, itemGap: 40, data: ['no added latency', 'secret 15 ms, exchange 20 ms, TLS'] },
      { top: 344, left: 16, itemGap: 28, data: seen(truth).map(title) },
    ],
    xAxis: [
      { type: 'value', gridIndex: 0 },
      { type: 'value', gridIndex: 1, max: 100, axisLabel: { formatter: '{value} %' } },
    ],
    yAxis: [
      { ...category, gridIndex: 0 },
      { ...category, gridIndex: 1 },
    ],
    series: [...coldSeries(speed), ...truthSeries(truth)],
  });
  const svg = canvas.renderToSVGString();
  canvas.dispose();
  return svg;
}

function coldSeries(speed: NonNullable<BenchResult['speed']>): readonly object[] {
  const bars = (name: string, color: string, pick: 'cold' | 'coldFar') => ({
    type: 'bar',
    name,
    itemStyle: { color },
    label: { show: true, position: 'right' },
    data: NAMES.map((contender) => Math.round(median(samplesOf(speed, contender)[pick]))),
  });
  return [
    bars('no added latency', '#1565c0', 'cold'),
    bars('secret 15 ms, exchange 20 ms, TLS', '#90caf9', 'coldFar'),
  ];
}

function truthSeries(truth: NonNullable<BenchResult['truth']>): readonly object[] {
  return seen(truth).map((verdict) => ({
    type: 'bar',
    name: title(verdict),
    stack: 'truth',
    xAxisIndex: 1,
    yAxisIndex: 1,
    itemStyle: { color: COLOURS[verdict] },
    data: NAMES.map((contender) => {
      const { verdicts, scripts } = countsOf(truth, contender);
      return (100 * (verdicts.get(verdict) ?? 0)) / scripts;
    }),
  }));
}

/** Returns the verdicts that occur at least once. */
function seen(truth: NonNullable<BenchResult['truth']>): readonly Verdict[] {
  return RANKED.filter((verdict) =>
    NAMES.some((contender) => countsOf(truth, contender).verdicts.has(verdict)),
  );
}
