import { paint } from '../terminal.ts';

/** Prints the scenes of the demo and counts failed checks. */
export class Report {
  /** The number of failed checks. */
  failures = 0;
  #scenes = 0;

  /** Begins a scene. */
  scene(title: string): void {
    this.#scenes += 1;
    console.log(`\n${paint('bold', `${this.#scenes}. ${title}`)}`);
  }

  /** Prints one line of a scene. */
  line(label: string, text: string): void {
    console.log(`   ${paint('gray', label.padEnd(9))} ${text}`);
  }

  /** Compares an actual value with the expected one and prints the result. */
  check(name: string, actual: unknown, expected: unknown): void {
    const isRight = actual === expected;
    if (!isRight) this.failures += 1;
    const verdict = isRight ? paint('green', '✓') : paint('red', '✗');
    console.log(`   ${verdict} ${name}: ${actual}${isRight ? '' : paint('red', `, not ${expected}`)}`);
  }

  /** Prints the last line. */
  summary(ms: number): void {
    const seconds = (ms / 1000).toFixed(1);
    const text =
      this.failures === 0
        ? paint('green', `All ${this.#scenes} scenes passed`)
        : paint('red', `${this.failures} checks failed`);
    console.log(`\n${text} (${seconds} s).`);
  }
}
