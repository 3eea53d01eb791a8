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
 * Checks whether a cancel sent from here would get through. Invoke it by hand, with `{}` or
 * `{"symbol":"<a listed option>"}`.
 */
export async function handler(event: unknown, context: Context): Promise<PreflightResult> {
  const symbol = isJsonObject(event) && typeof event.symbol === 'string' ? event.symbol : undefined;
  const budgetMs = context.getRemainingTimeInMillis() - 1000;
  const checks = await preflight(config, { symbol, budgetMs, region: process.env.AWS_REGION });
  return { ok: checks.every((check) => check.ok), checks };
}
