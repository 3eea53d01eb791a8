/**
 * Replaces the text between two markers of a document.
 *
 * @throws Error when a marker is missing or repeated
 */
export function replaceBetween(document: string, name: string, text: string): string {
  const [begin, end] = [`<!-- ${name}:begin -->`, `<!-- ${name}:end -->`];
  const [before, inside, ...more] = document.split(begin);
  const [, after, ...rest] = inside?.split(end) ?? [];
  if (before === undefined || after === undefined || more.length > 0 || rest.length > 0) {
    throw new Error(`${begin} and ${end} must each appear once, in this order`);
  }
  return `${before}${begin}\n${text}\n${end}${after}`;
}

/**
 * Renders a Markdown table, padded for terminals. Aligns the first column to the left and the
 * others to the right.
 */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) =>
    Math.max(title.length, 3, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    `| ${widths
      .map((width, column) => {
        const cell = cells[column] ?? '';
        return column === 0 ? cell.padEnd(width) : cell.padStart(width);
      })
      .join(' | ')} |`;
  const rule = widths.map((width, column) =>
    column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`,
  );
  return [line(head), line(rule), ...rows.map(line)].join('\n');
}
