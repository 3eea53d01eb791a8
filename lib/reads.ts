import type { ReadRequest } from './cancel/read-request.ts';
import { type Environment, RESERVE_MS } from './environment.ts';
import { type Endpoint, openOrdersForCaller, orderForCaller } from './exchange/endpoints.ts';
import type { Failure, OwnWords } from './exchange/result.ts';
import type { Job } from './job.ts';
import type { Reason } from './outcome.ts';

/** The endpoints that callers can read. */
export const READS = { order: orderForCaller, openOrders: openOrdersForCaller } as const satisfies Record<
  string,
  Endpoint<true>
>;

/** The reason why a read has no answer of the exchange. */
export type ReadProblem = 'invalid-request' | 'throttled' | 'credentials' | 'unavailable';

/** The exchange's own answer to a read, or the reason why there is none. */
export type Reading = {
  /** The exchange's weight used by this address, as its last answer reported it. */
  readonly usedWeight: number | undefined;
} & (
  | { readonly kind: 'answered'; readonly answer: OwnWords }
  | {
      readonly kind: ReadProblem;
      readonly reason: Reason;
      /** Milliseconds until such a read may be sent; 0 when it may be sent now. */
      readonly waitMs: number;
    }
);

/** Reads an endpoint for a caller. Never rejects. */
export async function read(
  environment: Environment,
  what: keyof typeof READS,
  job: Pick<Job<ReadRequest>, 'parsed' | 'remainingMs'>,
): Promise<Reading> {
  const { client, effects } = environment;
  const request = environment.allowed(job.parsed);
  if (!request.ok) {
    const reason = { detail: request.errors.join('; ') };
    return { kind: 'invalid-request', reason, waitMs: 0, usedWeight: undefined };
  }
  const session = environment.openSession(effects.monotonic() + job.remainingMs - RESERVE_MS, request.value);
  const result = await session.read(READS[what], request.value.parameters);
  const { usedWeight } = session;
  if (result.kind === 'ok') return { kind: 'answered', answer: result.value, usedWeight };
  const waitMs = Math.max(0, (client.throttle.heldUntil(READS[what].purpose) ?? 0) - effects.now());
  return { kind: problemOf(result), reason: result.reason, waitMs, usedWeight };
}

function problemOf({ kind }: Failure): ReadProblem {
  if (kind === 'held' || kind === 'reserved') return 'throttled';
  return kind === 'keys' ? 'credentials' : 'unavailable';
}
