import { afterAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { OutcomeKind } from '../../lib/outcome.ts';
import { type FaultRun, play } from '../helpers/fault-run.ts';
import { type FaultScript, faultScript } from '../helpers/fault-scripts.ts';

const RUNS = 2000;

/** What the book says where a claim is true. Every other claim is about what is not known, or was not done. */
const TRUTH: Readonly<Partial<Record<OutcomeKind, readonly string[]>>> = {
  canceled: ['CANCELLED', 'CANCELED'],
  filled: ['FILLED'],
  closed: ['REJECTED', 'EXPIRED'],
};

/** Claims that leave it open, or say, that a cancel was carried out. */
const ADMITS = new Set<OutcomeKind>(['canceled', 'accepted', 'unknown', 'not-found']);

const seen = new Set<OutcomeKind>();

/** A definite claim is the book's, at that moment and in the end, and about the order that was asked for. */
function checkClaims({ claims, target, targetId }: FaultRun): void {
  for (const { outcome, statusThen } of claims) {
    seen.add(outcome.kind);
    if ('order' in outcome) expect(outcome.order.orderId).toBe(targetId);
    const truth = TRUTH[outcome.kind];
    if (truth === undefined) continue;
    expect(truth).toContain(statusThen);
    expect(truth).toContain(target?.status);
  }
}

/** What was carried out is admitted; what is accepted or not found, the exchange has said so. */
function checkSilences({ claims, target }: FaultRun, { status, calls, acceptedForMs }: FaultScript): void {
  const kinds = claims.map(({ outcome }) => outcome.kind);
  const wasCancelled = target?.status === 'CANCELLED' && status !== 'CANCELLED';
  if (wasCancelled) expect(kinds.some((kind) => ADMITS.has(kind))).toBe(true);
  if (kinds.includes('accepted')) expect(acceptedForMs).toBeDefined();
  if (kinds.includes('not-found')) expect(status === 'none' || calls.includes('missing read')).toBe(true);
}

/** No other order is touched, repeats go by orderId, attempts are limited, and a throttle is heeded. */
function checkCalls({ claims, calls, others, heard }: FaultRun, { options }: FaultScript): void {
  for (const { expected, actual } of others) expect(actual).toBe(expected);
  const cancels = calls.filter(({ method }) => method === 'DELETE');
  expect(cancels.slice(1).filter(({ rawQuery }) => !/&orderId=\d/.test(rawQuery))).toEqual([]);
  for (const { attempts } of claims) expect(attempts).toBeLessThanOrEqual(options.maxAttempts ?? 0);
  const attempts = claims.reduce((sum, claim) => sum + claim.attempts, 0);
  expect(cancels.length).toBeLessThanOrEqual(attempts);
  const knewAllRefusals =
    calls.filter(isRefusal).length === heard.filter((status) => isRefusal({ status })).length;
  if (knewAllRefusals) expect(calls.filter(({ madeWhile }) => madeWhile !== undefined)).toEqual([]);
}

const isRefusal = ({ status }: { readonly status: number | undefined }) => status === 429 || status === 418;

/** Where nothing goes wrong nothing is left open. */
function checkCalm(run: FaultRun, { calls, events, status, options }: FaultScript): void {
  const { claims, heard } = run;
  if (status === 'none' && (options.remainingMs ?? 0) < 1500) return; // no time to look again
  if (calls.some((name) => name !== 'none') || events.length > 0 || heard.length < run.calls.length) return;
  for (const { outcome } of claims) expect(['unknown', 'unavailable']).not.toContain(outcome.kind);
}

test(`${RUNS} random scripts of faults and events: no claim is ever false`, async () => {
  const property = fc.asyncProperty(faultScript, async (script) => {
    const run = await play(script);
    checkClaims(run);
    checkSilences(run, script);
    checkCalls(run, script);
    checkCalm(run, script);
  });

  await fc.assert(property, {
    numRuns: RUNS,
    interruptAfterTimeLimit: 100_000, // shrinking has an end, so that the seed is printed
    markInterruptAsFailure: true,
  });
}, 120_000);

afterAll(() => {
  expect([...seen].sort()).toEqual([
    'accepted',
    'canceled',
    'closed',
    'credentials',
    'expired',
    'filled',
    'forbidden',
    'invalid-request',
    'not-found',
    'throttled',
    'unavailable',
    'unknown',
  ]);
});
