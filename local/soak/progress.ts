import type { Progress } from './run.ts';

const LINE_EVERY_MS = 5000;

/** Shows how far a run is: on a terminal in one line that is written over, elsewhere in a line every few seconds. */
export class ProgressLine {
  readonly #out: NodeJS.WriteStream;
  readonly #total: number;
  readonly #startedAt = Date.now();
  #lastLineAt = Date.now();

  constructor(total: number, out: NodeJS.WriteStream) {
    this.#total = total;
    this.#out = out;
  }

  show({ sent, removed, deliveries, killed }: Progress): void {
    const seconds = Math.round((Date.now() - this.#startedAt) / 1000);
    const text = `${seconds} s: ${sent} of ${this.#total} sent, ${deliveries} delivered, ${removed} dealt with, ${killed} processes killed`;
    if (this.#out.isTTY) {
      this.#out.write(`\r${text}\x1b[K`);
    } else if (Date.now() - this.#lastLineAt >= LINE_EVERY_MS) {
      this.#lastLineAt = Date.now();
      this.#out.write(`${text}\n`);
    }
  }

  /** Leaves the line, so that what follows has one of its own. */
  end(): void {
    if (this.#out.isTTY) this.#out.write('\r\x1b[K');
  }
}
