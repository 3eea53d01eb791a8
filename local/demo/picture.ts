/**
 * Runs the demo and draws some of its scenes as docs/demo.svg.
 *
 * usage: npm run build && npx node local/demo/picture.ts
 */
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/** The scenes in the picture, by words of their titles. */
const SCENES = [/its answer is lost/, /The kill switch \(POST/];
const COLUMNS = 112;
const [WIDTH, HEIGHT] = [7.8, 18];
const MARGIN = 16;

/** The colours of the codes that `styleText` writes. A code that is not here ends the style. */
const STYLES: Readonly<Record<string, string>> = {
  1: 'font-weight="bold" fill="#ffffff"',
  31: 'fill="#ff7b72"',
  32: 'fill="#7ee787"',
  36: 'fill="#79c0ff"',
  90: 'fill="#8b949e"',
};

const demo = new URL('../demo.ts', import.meta.url);
const env = { ...process.env, FORCE_COLOR: '1' };
const { stdout } = await promisify(execFile)(process.execPath, [demo.pathname], { env });
const scenes = stdout.trim().split('\n\n');
const shown = [...scenes.filter((scene) => SCENES.some((words) => words.test(plain(scene)))), scenes.at(-1)];
const lines = ['$ npm run demo', ...shown.flatMap((scene = '') => ['', ...scene.split('\n')])];
await writeFile(new URL('../../docs/demo.svg', import.meta.url), svgOf(lines));

/** Removes the codes of styles. */
function plain(text: string): string {
  return text
    .split('\u001b[')
    .map((part, index) => (index === 0 ? part : part.replace(/^\d+m/, '')))
    .join('');
}

function svgOf(rows: readonly string[]): string {
  const size = `${2 * MARGIN + COLUMNS * WIDTH} ${2 * MARGIN + rows.length * HEIGHT}`;
  const texts = rows.map((row, index) => {
    const y = MARGIN + (index + 0.75) * HEIGHT;
    return `<text x="${MARGIN}" y="${y}" xml:space="preserve">${spansOf(row)}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size}" role="img" fill="#e6edf3"
  font-family="ui-monospace, Menlo, Consolas, monospace" font-size="13">
<title>The demo: a lost answer, and the kill switch</title>
<rect width="100%" height="100%" rx="8" fill="#0d1117"/>
${texts.join('\n')}
</svg>
`;
}

/** Turns the styles of a line into spans, and cuts the line off at the last column. */
function spansOf(row: string): string {
  let left = COLUMNS;
  const parts = row.split('\u001b[').map((part, index) => {
    const [, code = '', text = part] = index === 0 ? [] : (/^(\d+)m(.*)$/s.exec(part) ?? []);
    const cut = text.length > left ? `${text.slice(0, Math.max(left - 1, 0))}…` : text;
    const style = STYLES[code];
    const span = left > 0 ? escaped(cut) : '';
    left -= text.length;
    return style === undefined ? span : `<tspan ${style}>${span}</tspan>`;
  });
  return parts.join('');
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
