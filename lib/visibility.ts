/** SQS counts its limit of 12 h from the receive on: a minute is left for the invocation itself. */
const LONGEST_SECONDS = 12 * 60 * 60 - 60;
const LONGEST_BACKOFF_SECONDS = 300;

/**
 * Seconds for which a message that goes back to the queue stays hidden: until the exchange may be called again, else
 * 2 s × 2^receives (300 s at most), of which the second half is left to chance.
 *
 * @param random a number from 0 (included) to 1 (excluded)
 */
export function hiddenSeconds(throttledForMs: number, receives: number, random: number): number {
  if (throttledForMs > 0) return Math.min(Math.ceil(throttledForMs / 1000), LONGEST_SECONDS);
  const backoff = Math.min(2 * 2 ** receives, LONGEST_BACKOFF_SECONDS);
  return Math.ceil(backoff / 2 + (backoff / 2) * random);
}
