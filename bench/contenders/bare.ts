/**
 * Cancels with Node's HTTP client and a key from the environment. It sets the lower bound for the
 * other contenders. A trading key does not belong in the environment.
 */
import { bareHandler } from './shared.ts';

export const handler = bareHandler({
  apiKey: process.env.BENCH_API_KEY ?? '',
  apiSecret: process.env.BENCH_API_SECRET ?? '',
});
