/** How long one call to the exchange may take in the soak, in ms. */
export const CALL_TIMEOUT_MS = 500;

/** What a process may be wrong by about the exchange's clock, in ms: half the longest round trip that it accepts. */
export const CLOCK_ERROR_MS = CALL_TIMEOUT_MS / 2;

/** The time one invocation has, in ms: short, so that little is left of it when the dead letter's 1.5 s are kept. */
export const HANDLER_TIMEOUT_MS = 4000;

/** How long a message stays hidden whose handler died, in seconds: longer than any invocation. */
export const VISIBILITY_SECONDS = 5;

/** The exchange's weight per minute: out of reach, since throttles are played by the plan. */
export const WEIGHT_LIMIT = 1_000_000;
