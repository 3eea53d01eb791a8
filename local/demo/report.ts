import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

/** Prints what happens, readably and in colour on a terminal, and counts what is not as it should be. */
export class Report {
  failures = 0;
  #scenes = 0;

  /** Begins a scene. */
  scene(title: string): void {
    this.#scenes += 1;
    console.log(`\n${paint('bold', `${this.#scenes}. ${title}`)}`);
  }

  /** One thing that is to be seen. */
  line(label: string, text: string): void {
    console.log(`   ${paint('gray', label.padEnd(9))} ${text}`);
  }

  /** Compares what is with what should be, and says so. */
  check(what: string, actual: unknown, expected: unknown): void {
    const isRight = actual === expected;
    if (!isRight) this.failures += 1;
    const verdict = isRight ? paint('green', '✓') : paint('red', '✗');
    console.log(`   ${verdict} ${what}: ${actual}${isRight ? '' : paint('red', `, not ${expected}`)}`);
  }

  /** The last line. */
  summary(ms: number): void {
    const seconds = (ms / 1000).toFixed(1);
    const text =
      this.failures === 0
        ? paint('green', `All ${this.#scenes} scenes are as they should be`)
        : paint('red', `${this.failures} things are not as they should be`);
    console.log(`\n${text} (${seconds} s).`);
  }
}

/** The text in a style, where standard output is a terminal that shows one. */
export const paint = (style: Style, text: string): string =>
  styleText(style, text, { stream: process.stdout });
