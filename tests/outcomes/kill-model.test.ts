import { afterAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { KillOutcomeKind } from '../../lib/outcome.ts';
import type { ExchangeOrder } from '../../local/exchange.ts';
import { covers, isTrueResult } from '../../local/oracle.ts';
import { type KillClaim, type KillRun, playKill } from '../helpers/kill-run.ts';
import { type KillScript, killScript } from '../helpers/kill-scripts.ts';

const RUNS = 1000;

const seen = new Set<KillOutcomeKind>();

/** Nothing that the kill covers, and that was placed before `asOf`, is open when it says that the scope is emptied. */
function checkEmptied({ end, open }: KillClaim, script: KillScript, run: KillRun): void {
  if (end.outcome !== 'emptied') return;
  const lateSince = end.late ? run.askedAt : undefined;
  const isClaimed = (order: ExchangeOrder) =>
    order.createTime < (end.asOf ?? 0) && covers(script, order, lateSince);
  expect(end.asOf).toBeDefined();
  expect(open.filter(isClaimed)).toEqual([]);
}

/** A result speaks of covered orders, as the book has them, and its counts add up. */
function checkResults({ end, book }: KillClaim, script: KillScript, { askedAt }: KillRun): void {
  expect(isTrueResult(end, (orderId) => book.get(orderId)?.status)).toBe(true);
  const orders = end.results.map(({ orderId }) => book.get(orderId)).filter((order) => order !== undefined);
  const lateSince = end.late ? askedAt : undefined;
  expect(orders.filter((order) => !covers(script, order, lateSince))).toEqual([]);
}

/** No order is touched that the kill does not cover; a dry run touches none; a late kill uses no mass cancel. */
function checkUntouched(run: KillRun, script: KillScript): void {
  const lateSince = run.wasFresh ? undefined : run.askedAt;
  expect(run.canceled.filter((order) => !covers(script, order, lateSince))).toEqual([]);
  const cancels = run.calls.filter(({ method }) => method === 'DELETE');
  if (script.dryRun) expect(cancels).toEqual([]);
  const isSelective = script.only !== undefined || !run.wasFresh;
  if (isSelective) expect(cancels.filter(({ path }) => path.includes('allOpenOrders'))).toEqual([]);
}

/** A fresh kill without `only` sends its mass cancels before any list is answered. */
function checkFirstCalls({ calls, wasFresh }: KillRun, script: KillScript): void {
  const { only, dryRun, scope } = script;
  if (!wasFresh || only !== undefined || dryRun || script.calls.length > 0) return;
  const masses = 'everything' in scope ? 3 : 1;
  const first = calls.slice(0, masses + 1).map(({ path }) => path.replace('/eapi/v1/', ''));
  expect(first.filter((path) => path === 'openOrders')).toHaveLength(1);
  expect(first.filter((path) => path.startsWith('allOpenOrders'))).toHaveLength(masses);
}

/** After a throttle that it has heard of, a kill makes no call before its end. */
function checkThrottle({ calls, heard }: KillRun): void {
  const refusals = calls.filter(({ status }) => status === 429 || status === 418).length;
  const hasHeardAll = heard.filter((status) => status === 429 || status === 418).length === refusals;
  const wasAlone = refusals <= 1;
  if (hasHeardAll && wasAlone) expect(calls.filter(({ madeWhile }) => madeWhile === 'banned')).toEqual([]);
}

test(`${RUNS} random books, kills and weathers: no claim is false, and no order is touched that is not covered`, async () => {
  const property = fc.asyncProperty(killScript, async (script) => {
    const run = await playKill(script);
    for (const claim of run.claims) {
      seen.add(claim.end.outcome);
      checkEmptied(claim, script, run);
      checkResults(claim, script, run);
    }
    checkUntouched(run, script);
    checkFirstCalls(run, script);
    checkThrottle(run);
  });

  await fc.assert(property, {
    numRuns: RUNS,
    interruptAfterTimeLimit: 150_000, // shrinking has an end, so that the seed is printed
    markInterruptAsFailure: true,
  });
}, 180_000);

afterAll(() => {
  const usual = ['credentials', 'dry-run', 'emptied', 'forbidden', 'not-emptied', 'throttled'];
  expect([...seen]).toEqual(expect.arrayContaining(usual));
});
