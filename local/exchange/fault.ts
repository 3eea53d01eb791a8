import type { Answer } from './answers.ts';

/**
 * A fault of one call. Faults combine by spreading: `{ ...faults.delay({ beforeMs: 50 }),
 * ...faults.reset({ executed: true }) }`.
 *
 * A fault comes before authentication, so its answer does not depend on the signature. The call
 * takes effect only when it is authentic and valid.
 */
export interface Fault {
  /**
   * Replaces the exchange's own answer. A function gets the exchange's clock (ms) and its weight
   * limit per minute.
   */
  readonly answer?: Answer | ((now: number, weightLimit: number) => Answer);
  /**
   * Ends the connection without a whole answer: `hang` sends nothing and stays open, `reset` is a
   * TCP reset, `truncate` closes halfway through the body, `stall` stops halfway and stays open.
   */
  readonly ending?: 'hang' | 'reset' | 'truncate' | 'stall';
  /**
   * True when the call takes effect despite an `answer`, a `hang` or a `reset`; default false. When
   * the exchange's own answer is sent, whole or in part, the call always takes effect.
   */
  readonly executed?: boolean;
  /** Delays the call's effect, which comes even if the caller has disconnected. */
  readonly beforeMs?: number;
  /** Delays the answer, after the call took effect. */
  readonly afterMs?: number;
  /**
   * Makes a read lag behind the book. It shows orders as they were placed, or no orders, or in
   * place of a pending order an older one with the same name.
   */
  readonly read?: 'as-placed' | 'missing' | 'older-bearer';
  /** Streams that many MiB of spaces after the answer, which leaves JSON valid. */
  readonly padMiB?: number;
  /** Added to the answer's headers; replace those of the same name. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Makes the exchange throttle all calls from this one on, for that long. */
  readonly throttleSeconds?: number;
  /** Makes the exchange ban all calls from this one on, for that long. */
  readonly banSeconds?: number;
}

/** Says if the call takes effect despite the fault. */
export type Executed = Pick<Fault, 'executed'>;

/** The calls that get a fault. A field that is left out matches any call. */
export interface CallMatch {
  readonly method?: string;
  /** Without a path only signed endpoints match. */
  readonly path?: string;
  /** The parameter as sent: a call by `clientOrderId` alone does not match an `orderId`. */
  readonly orderId?: string;
  readonly clientOrderId?: string;
  /** The number of matching calls that get the fault; default 1, Infinity for all. */
  readonly times?: number;
}

/** A fault that waits for its calls. */
export interface Script {
  readonly fault: Fault;
  readonly on: CallMatch;
  left: number;
}
