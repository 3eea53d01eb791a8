import { afterAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Outcome, OutcomeKind } from '../../lib/outcome.ts';
import { faultCatalogue } from '../../local/exchange.ts';
import { agrees } from '../../local/oracle.ts';
import { type FaultRun, play } from '../helpers/fault-run.ts';
import { type FaultScript, FOUR_DAYS_MS, faultScript } from '../helpers/fault-scripts.ts';

const RUNS = 2000;

/** Claims that leave it open, or say, that a cancel was carried out. */
const ADMITS = new Set<OutcomeKind>(['canceled', 'accepted', 'unknown', 'not-found']);

const seen = new Set<OutcomeKind>();

/** A definite claim is the book's, at that moment and in the end, and about the order that was asked for. */
function checkClaims({ claims, target, targetId }: FaultRun): void {
  for (const { outcome, statusThen } of claims) {
    seen.add(outcome.kind);
    const orderId = 'order' in outcome ? outcome.order.orderId : undefined;
    const statement = { outcome: outcome.kind, orderId };
    expect(agrees(statement, { orderId: targetId, status: statusThen })).toBe(true);
    expect(agrees(statement, { orderId: targetId, status: target?.status })).toBe(true);
  }
}

/** What was carried out is admitted; what is accepted or not found, the exchange has said so. */
function checkSilences(
  { claims, target }: FaultRun,
  { status, ageMs, calls, acceptedForMs }: FaultScript,
): void {
  const kinds = claims.map(({ outcome }) => outcome.kind);
  const wasCancelled = target?.status === 'CANCELLED' && status !== 'CANCELLED';
  const wasMisled = claims.some(({ outcome }) => calls.some((name) => isMisled(outcome, name)));
  if (wasCancelled && !wasMisled) expect(kinds.some((kind) => ADMITS.has(kind))).toBe(true);
  if (kinds.includes('accepted')) expect(acceptedForMs).toBeDefined();
  const isGone = status === 'none' || (ageMs === FOUR_DAYS_MS && target?.executedQty === '0');
  if (kinds.includes('not-found')) expect(isGone || calls.includes('missing read')).toBe(true);
}

/**
 * The exchange has canceled the order, refused the cancel and shown the order open: the service
 * reports just that, or that the time to cancel again is over.
 */
function isMisled(outcome: Outcome, name: string): boolean {
  const { answer } = faultCatalogue.refused[name] ?? {};
  if (!name.endsWith(', executed') || typeof answer !== 'object') return false;
  if (outcome.kind === 'expired') return outcome.reason.detail.startsWith('not sent again');
  return outcome.kind === 'unavailable' && answer.body.includes(`"code":${outcome.reason.code},`);
}

/** No other order is touched, each call has one identifier, repeats go by orderId, and limits are heeded. */
function checkCalls({ claims, calls, others, heard }: FaultRun, { options }: FaultScript): void {
  for (const { expected, actual } of others) expect(actual).toBe(expected);
  const cancels = calls.filter(({ method }) => method === 'DELETE');
  expect(cancels.slice(1).filter(({ rawQuery }) => !/&orderId=\d/.test(rawQuery))).toEqual([]);
  expect(calls.filter(({ rawQuery }) => /orderId=.*clientOrderId=/i.test(rawQuery))).toEqual([]);
  for (const { attempts } of claims) expect(attempts).toBeLessThanOrEqual(options.maxAttempts);
  const attempts = claims.reduce((sum, claim) => sum + claim.attempts, 0);
  expect(cancels.length).toBeLessThanOrEqual(attempts);
  const knewAllRefusals =
    calls.filter(isRefusal).length === heard.filter((status) => isRefusal({ status })).length;
  if (knewAllRefusals) expect(calls.filter(({ madeWhile }) => madeWhile !== undefined)).toEqual([]);
}

const isRefusal = ({ status }: { readonly status: number | undefined }) => status === 429 || status === 418;

/** Where nothing goes wrong, a first delivery with time to look again leaves nothing open. */
function checkCalm({ claims, heard, calls: made }: FaultRun, script: FaultScript): void {
  const { calls, events, status, ageMs, isRenamed, by, behaviour, options } = script;
  const isCalm =
    calls.every((name) => name === 'none') && events.length === 0 && heard.length === made.length;
  const isMissing = status === 'none' || (ageMs === FOUR_DAYS_MS && !OPEN.has(status));
  const hasTime = !isMissing || options.remainingMs > 1500;
  const isClear = by !== 'clientOrderId' || (OPEN.has(status) && behaviour.nameQueryFinds === 'pending');
  if (!isCalm || !hasTime || isRenamed || !isClear) return;
  expect(['unknown', 'unavailable']).not.toContain(claims[0]?.outcome.kind);
}

const OPEN: ReadonlySet<string> = new Set(['ACCEPTED', 'NEW', 'PARTIALLY_FILLED']);

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
