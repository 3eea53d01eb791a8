import type { Case } from './cases.ts';
import type { HttpService } from './service.ts';

/** The end of a call through a client. */
export interface Ending {
  /** The error that the client raised. */
  readonly error: unknown;
  readonly requests: number;
  /** The status of the first answer. */
  readonly status: number;
  /** The outcome of every answer, without repeats. */
  readonly outcome: string;
}

/** Waits for a call through a client. */
export async function endingOf(answers: HttpService['answers'], called: Promise<unknown>): Promise<Ending> {
  const error: unknown = await called.then(
    () => undefined,
    (reason) => reason,
  );
  const outcomes = answers.map(({ statusCode, headers, body }) => {
    const [, ofProblem] = /"type":"urn:cancel:([a-z-]+)"/.exec(body) ?? [];
    return headers['x-cancel-outcome'] ?? ofProblem ?? String(statusCode);
  });
  const outcome = [...new Set(outcomes)].join(' ');
  return { error, requests: answers.length, status: answers[0]?.statusCode ?? 0, outcome };
}

/** A read's throttle is the exchange's own answer first, and a problem while the exchange is not called. */
export const isOutcome = (outcome: string, example: Case) =>
  outcome === example.outcome || (example.outcome === '429' && outcome === '429 throttled');

/** Returns the name of an error's class. */
export const nameOf = (error: unknown) =>
  error instanceof Error ? `\`${error.constructor.name}\`` : 'nothing';
