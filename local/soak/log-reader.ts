import * as v from 'valibot';
import type { Claim } from './books.ts';

const logged = v.looseObject({ level: v.string(), message: v.string() });
const settled = v.object({
  message: v.literal('cancel settled'),
  timestamp: v.pipe(v.string(), v.transform(Date.parse), v.number()),
  outcome: v.string(),
  requestId: v.string(),
  orderId: v.optional(v.string()),
  detail: v.optional(v.string()),
});
const metrics = v.object({ _aws: v.unknown() });

/** The service's own words for a defect of its own. */
const DEFECT = 'cancel failed in a way that nobody foresaw';

/** Reads what one process writes: its claims, and whatever is no log line and no metric. */
export class LogReader {
  readonly #environment: string;
  readonly #onClaim: (claim: Claim) => void;
  readonly #onStrange: (line: string) => void;
  #rest = '';

  constructor(environment: string, onClaim: (claim: Claim) => void, onStrange: (line: string) => void) {
    this.#environment = environment;
    this.#onClaim = onClaim;
    this.#onStrange = onStrange;
  }

  /** Takes the next piece of output. A line that a killed process could not end is left out. */
  read(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#readLine(line);
  }

  #readLine(line: string): void {
    const value = parse(line);
    const claim = v.safeParse(settled, value);
    if (claim.success) {
      const { requestId: messageId, timestamp: at, outcome, orderId, detail } = claim.output;
      const environment = this.#environment;
      this.#onClaim({ messageId, environment, at, outcome, orderId, detail });
    } else if (v.is(logged, value) ? value.message === DEFECT : !v.is(metrics, value)) {
      this.#onStrange(line);
    }
  }
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
