import type { Context } from 'aws-lambda';
import { isDrill, parseDrill } from '../lib/cancel/drill-request.ts';
import { loadExchangeConfig } from '../lib/config.ts';
import { isJsonObject, type JsonObject } from '../lib/json.ts';
import type { DrillResult } from '../lib/outcome.ts';
import { type Check, type Drills, openDrills, preflight } from '../lib/preflight.ts';

const config = loadExchangeConfig(process.env);
/** Opened by the first drill. */
let drills: Drills | undefined;

/** The result of an invocation. */
export interface PreflightResult {
  readonly ok: boolean;
  readonly checks: readonly Check[];
}

/**
 * Checks whether a cancel sent from here would get through. Invoke it by hand, with `{}`; `symbol`
 * names a listed option, and `account` another account than the default one. Also runs drills.
 */
export async function handler(event: unknown, context: Context): Promise<PreflightResult | DrillResult> {
  if (isDrill(event)) return drill(event, context);
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

function drill(event: JsonObject, context: Context): Promise<DrillResult> {
  drills ??= openDrills(config);
  const { awsRequestId: requestId } = context;
  const remainingMs = context.getRemainingTimeInMillis();
  return drills.run({ parsed: parseDrill(event), requestId, lambdaRequestId: requestId, remainingMs });
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : undefined);
