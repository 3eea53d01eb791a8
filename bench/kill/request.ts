import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import * as v from 'valibot';

const killBody = v.object({ kill: v.object({ underlying: v.string() }) });

/** The symbols with open orders, which a contender without lists has to know. */
export const symbols = (process.env.BENCH_SYMBOLS ?? '').split(',');

/** The number of calls that a contender sends at once. */
export const width = Number(process.env.BENCH_WIDTH);

export const underlyingOf = ({ body = '' }: APIGatewayProxyEventV2): string =>
  v.parse(killBody, JSON.parse(body)).kill.underlying;
