/**
 * Cancels with Node's HTTP client and a key from the environment, where a trading key does not
 * belong.
 */
import { bareHandler } from './shared.ts';

const { BENCH_API_KEY: apiKey = '', BENCH_API_SECRET: apiSecret = '' } = process.env;

export const handler = bareHandler({ apiKey, apiSecret });
