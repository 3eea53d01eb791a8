import { paint } from '../../tools/terminal.ts';

/** Prints the scenes of the demo and counts failed checks. */
export class Report {
  failures = 0;
  #scenes = 0;

  scene(title: string): void {
    this.#scenes += 1;
    console.log(`\n${paint('bold', `${this.#scenes}. ${title}`)}`);
  }

  line(label: string, text: string): void {
    console.log(`   ${paint('gray', label.padEnd(9))} ${text}`);
  }

  check(name: string, actual: unknown, expected: unknown): void {
    const isRight = actual === expected;
    if (!isRight) this.failures += 1;
    const verdict = isRight ? paint('green', '✓') : paint('red', '✗');
    console.log(`   ${verdict} ${name}: ${actual}${isRight ? '' : paint('red', `, not ${expected}`)}`);
  }

  summary(ms: number): void {
    const seconds = (ms / 1000).toFixed(1);
    const text =
      this.failures === 0
        ? paint('green', `All ${this.#scenes} scenes passed`)
        : paint('red', `${this.failures} checks failed`);
    console.log(`\n${text} (${seconds} s).`);
  }
}
