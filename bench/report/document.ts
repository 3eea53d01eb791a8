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
