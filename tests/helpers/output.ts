import { jest } from '@jest/globals';

/** What this process writes, line by line, while it is captured; none of it is shown. */
export interface CapturedOutput extends Disposable {
  /** Every whole line so far, stdout and stderr together. */
  lines(): string[];
  /** Every line so far, read as a JSON object. */
  records(): Record<string, unknown>[];
}

/** Captures stdout and stderr until it is disposed of. */
export function captureOutput(): CapturedOutput {
  let text = '';
  const keep = (chunk: unknown) => {
    text += String(chunk);
    return true;
  };
  const spies = [process.stdout, process.stderr].map((stream) =>
    jest.spyOn(stream, 'write').mockImplementation(keep),
  );
  const lines = () => text.split('\n').filter((line) => line !== '');
  return {
    lines,
    records: () => lines().map((line) => JSON.parse(line)),
    [Symbol.dispose]: () => {
      for (const spy of spies) spy.mockRestore();
    },
  };
}
