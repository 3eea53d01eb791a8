import type { OrderStatus } from '../exchange.ts';

/** What a message asks for, as its planner knows it. */
export type Intent =
  | { readonly kind: 'cancel'; readonly orderId: string }
  | { readonly kind: 'no such order' }
  | { readonly kind: 'expired' }
  | { readonly kind: 'malformed' };

export interface SentMessage {
  readonly messageId: string;
  readonly body: string;
  readonly intent: Intent;
}

/** One message handed to a handler. */
export interface Delivery {
  readonly messageId: string;
  readonly environment: string;
  /** Whether the handler's answer reached the queue: not when its process died, its time was up, or the answer was lost. */
  readonly heard: boolean;
}

/** What a handler's log says became of a message. `at` is in ms since the epoch. */
export interface Claim {
  readonly messageId: string;
  readonly environment: string;
  readonly at: number;
  readonly outcome: string;
  readonly orderId: string | undefined;
  /** The handler's reason, where it gives one. */
  readonly detail: string | undefined;
}

export interface DeadLetter {
  /** Of the message it was made of. */
  readonly messageId: string;
  /** Undefined when the queue's redrive policy moved it, not a handler. */
  readonly outcome: string | undefined;
  readonly body: string;
}

/** A call that the exchange refused with a throttle or ban. Times are ms since the epoch. */
export interface RefusedCall {
  /** Undefined for a reading of the clock, which is not signed: nothing in it says whose it is. */
  readonly environment: string | undefined;
  /** By the caller's clock; the arrival for a call that is not signed. */
  readonly signedAt: number;
  readonly arrivedAt: number;
}

/** One throttle that became a ban, and the calls refused in it, in the order of their arrival. */
export interface Ban {
  /** How many processes there were in it, those just starting included. */
  readonly environments: number;
  readonly calls: readonly RefusedCall[];
}

/** Everything that a run leaves behind to be compared. */
export interface Books {
  readonly sent: readonly SentMessage[];
  readonly deliveries: readonly Delivery[];
  readonly claims: readonly Claim[];
  /** The messages that were deleted from the queue, after an answer that settled them. */
  readonly removed: ReadonlySet<string>;
  readonly deadLetters: readonly DeadLetter[];
  /** The exchange's book: every order's status at the end. */
  readonly orders: ReadonlyMap<string, OrderStatus>;
  readonly bans: readonly Ban[];
  /** Messages still in the queue. */
  readonly left: number;
  /** Lines of the handlers that are not what the service logs, such as a stack. */
  readonly strangeOutput: readonly string[];
  /** How processes failed that were not killed: they threw, died or ran out of time. */
  readonly failures: readonly string[];
}

/** One thing that must hold, and the messages, orders or calls for which it does not. */
export interface Check {
  readonly name: string;
  readonly offenders: readonly string[];
}
