/**
 * Runs the demo and draws some of its scenes as docs/demo.svg.
 *
 * usage: npm run build && npx node local/demo/picture.ts
 */
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { promisify, stripVTControlCharacters } from 'node:util';

/** The scenes in the picture, by words of their titles. */
const SCENES = /its answer is lost|The kill switch \(POST|All \d+ scenes/;
const [COLUMNS, COLUMN_WIDTH, ROW_HEIGHT, MARGIN] = [112, 7.8, 18, 16];

/** The colours of the codes that `styleText` writes. */
const STYLES: Readonly<Record<string, string>> = {
  1: 'font-weight="bold" fill="#ffffff"',
  31: 'fill="#ff7b72"',
  32: 'fill="#7ee787"',
  36: 'fill="#79c0ff"',
  90: 'fill="#8b949e"',
};
const STYLED = /\p{Cc}\[(\d+)m(.*?)\p{Cc}\[\d+m/gu;

const demo = new URL('../demo.ts', import.meta.url);
const env = { ...process.env, FORCE_COLOR: '1' };
const { stdout } = await promisify(execFile)(process.execPath, [demo.pathname], { env });
const scenes = stdout.trim().split('\n\n');
const shown = scenes.filter((scene) => SCENES.test(stripVTControlCharacters(scene)));
const rows = ['$ npm run demo', ...shown.flatMap((scene) => ['', ...scene.split('\n')])];
const texts = rows.map((row, index) => {
  const y = MARGIN + (index + 0.75) * ROW_HEIGHT;
  return `<text x="${MARGIN}" y="${y}" xml:space="preserve">${spansOf(row)}</text>`;
});
const size = `${2 * MARGIN + COLUMNS * COLUMN_WIDTH} ${2 * MARGIN + rows.length * ROW_HEIGHT}`;
const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size}" role="img" fill="#e6edf3"
  font-family="ui-monospace, Menlo, Consolas, monospace" font-size="13">
<title>The demo: a lost answer, and the kill switch</title>
<rect width="100%" height="100%" rx="8" fill="#0d1117"/>
${texts.join('\n')}
</svg>
`;
await writeFile(new URL('../../docs/demo.svg', import.meta.url), svg);

/** Cuts a row off at the last column, and turns its styles into spans. A long row ends unstyled. */
function spansOf(row: string): string {
  const tooLong = stripVTControlCharacters(row).length - COLUMNS;
  const cut = tooLong > 0 ? `${row.slice(0, -tooLong - 1)}…` : row;
  return cut
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll(STYLED, (_, code: string, text: string) => `<tspan ${STYLES[code]}>${text}</tspan>`);
}
