/** Cancels with Node's HTTP client and a key from Secrets Manager. */
import { bareHandler, readSecret } from './shared.ts';

export const handler = bareHandler(readSecret());
