/**
 * Returns a function that takes a process's output, piece by piece, and passes on its lines. An
 * incomplete last line, which a crash leaves, is not passed on.
 */
export function lineReader(onLine: (line: string) => void): (text: string) => void {
  let rest = '';
  return (text) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line);
  };
}
