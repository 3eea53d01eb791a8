import type { Context } from 'aws-lambda';
import { loadExchangeConfig } from '../lib/config.ts';
import { isJsonObject } from '../lib/json.ts';
import { type Check, preflight } from '../lib/preflight.ts';

const config = loadExchangeConfig(process.env);

/** The result of an invocation. */
export interface PreflightResult {
  readonly ok: boolean;
  readonly checks: readonly Check[];
}

/**
 * Checks whether a cancel sent from here would get through. Invoke it by hand, with `{}`; `symbol`
 * names a listed option, and `account` another account than the default one.
 */
export async function handler(event: unknown, context: Context): Promise<PreflightResult> {
  const given = isJsonObject(event) ? event : {};
  const budgetMs = context.getRemainingTimeInMillis() - 1000;
  const checks = await preflight(config, {
    symbol: textOf(given.symbol),
    account: textOf(given.account),
    budgetMs,
    region: process.env.AWS_REGION,
  });
  return { ok: checks.every((check) => check.ok), checks };
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : undefined);
