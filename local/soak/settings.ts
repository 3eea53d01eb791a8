/** Timeout of one call to the exchange, in ms. */
export const CALL_TIMEOUT_MS = 500;

/**
 * A process's largest error about the exchange's clock, in ms: half the longest round trip that it
 * accepts.
 */
export const CLOCK_ERROR_MS = CALL_TIMEOUT_MS / 2;

/** Time for the calls of one cancel, in ms. */
export const CANCEL_BUDGET_MS = 2500;

/**
 * Timeout of one invocation, in ms. It leaves a cancel time for its dead letter, even on a busy
 * machine.
 */
export const HANDLER_TIMEOUT_MS = 8000;

/**
 * Seconds for which a message stays hidden when its handler dies: far longer than an invocation and the
 * start of the process that it waits for.
 */
export const VISIBILITY_SECONDS = 20;

/** The creation of an order that cannot be queried once it is canceled without a fill. */
export const MORE_THAN_THREE_DAYS_AGO = Date.UTC(2020, 0, 1);

/** The exchange's weight per minute. It is never reached, since the nemesis throttles. */
export const WEIGHT_LIMIT = 1_000_000;

/** The account that every second cancel names; the others are of the processes' default account. */
export const DESK_ACCOUNT = 'desk-a';
