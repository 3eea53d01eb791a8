/** Puts text between two markers of a document, in place of what is there. @throws Error when the markers are missing or repeated */
export function replaceBetween(document: string, name: string, text: string): string {
  const [begin, end] = [`<!-- ${name}:begin -->`, `<!-- ${name}:end -->`];
  const [before, inside, ...more] = document.split(begin);
  const [, after, ...rest] = inside?.split(end) ?? [];
  if (before === undefined || after === undefined || more.length > 0 || rest.length > 0) {
    throw new Error(`${begin} and ${end} must each be there once, in this order`);
  }
  return `${before}${begin}\n${text}\n${end}${after}`;
}
