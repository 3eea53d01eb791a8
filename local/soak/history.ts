import type { SQSRecord } from 'aws-lambda';
import type { ExchangeOrder, OrderStatus } from '../exchange.ts';
import type { Intent, Request } from './requests.ts';

/** A message that was sent, with the intent that its generator knows. */
export interface SentMessage {
  readonly messageId: string;
  readonly body: string;
  readonly intent: Intent;
  /** In ms since the epoch. */
  readonly sentAt: number;
}

/** One message passed to a handler. */
export interface Delivery {
  readonly messageId: string;
  readonly environment: string;
  /**
   * True when the handler's answer reached the queue: its process lived, was in time, and the
   * answer was not lost.
   */
  readonly acknowledged: boolean;
}

/** An outcome that a handler has logged. `at` is in ms since the epoch. */
export interface Claim {
  readonly messageId: string;
  readonly environment: string;
  readonly at: number;
  readonly outcome: string;
  readonly orderId: string | undefined;
  /** The handler's reason, if it logged one. */
  readonly detail: string | undefined;
  /** Only for a kill. */
  readonly kill: KillClaim | undefined;
}

/** The facts that a handler has logged of a kill besides its outcome. */
export interface KillClaim {
  /** In ms of the exchange's clock. */
  readonly asOf: number | undefined;
  readonly late: boolean;
  readonly orders: Readonly<
    Record<'seen' | 'canceled' | 'filled' | 'closed' | 'unexamined' | 'left', number>
  >;
  readonly results: readonly { readonly orderId: string; readonly outcome: string }[];
}

export interface DeadLetter {
  /** Id of the original message. */
  readonly messageId: string;
  /** Undefined when the redrive policy moved the message. */
  readonly outcome: string | undefined;
  /** The attribute of that name: a second try of the same write has the same. */
  readonly failedAt: string | undefined;
  readonly body: string;
}

/** A call that the exchange refused with a throttle or ban. Times are in ms since the epoch. */
export interface RefusedCall {
  /** Undefined for a call to read the clock, which is not signed and so has no known caller. */
  readonly environment: string | undefined;
  /** Time by the caller's clock; for an unsigned call the time of arrival. */
  readonly signedAt: number;
  readonly arrivedAt: number;
}

/** One throttle that became a ban, with the calls refused during it, in order of arrival. */
export interface Ban {
  /** The number of processes during the ban, including those that were starting. */
  readonly environments: number;
  readonly calls: readonly RefusedCall[];
}

/**
 * An order, and when it came into the book. Its `createTime` does not say that: a late kill's order
 * gets an older one, and the exchange's clock jumps back.
 */
export interface PlacedOrder extends ExchangeOrder {
  /** In ms since the epoch; 0 for before the run. */
  readonly placedAt: number;
}

/** How far the exchange's clock is ahead from some time on, in ms since the epoch. */
export interface Skew {
  readonly from: number;
  readonly skewMs: number;
}

/** A time in which the exchange answered that keys are locked, in ms since the epoch. */
export interface KeyLock {
  readonly from: number;
  readonly until: number;
}

/** A read of its secret that a process has logged as failed. `at` is in ms since the epoch. */
export interface FailedRead {
  readonly environment: string;
  readonly at: number;
}

/** Everything that the checker compares. */
export interface History {
  readonly sent: readonly SentMessage[];
  readonly deliveries: readonly Delivery[];
  readonly claims: readonly Claim[];
  /**
   * Ids of the messages about which a handler logged an error, once for each: a queue refused its
   * call, or answered too late.
   */
  readonly queueErrors: readonly string[];
  /** Ids of the messages that were deleted from the queue after an answer that settled them. */
  readonly removed: ReadonlySet<string>;
  readonly deadLetters: readonly DeadLetter[];
  /** Every order's final status, by order id. */
  readonly orders: ReadonlyMap<string, OrderStatus>;
  /** The final orders of the account whose orders are killed. */
  readonly killBook: readonly PlacedOrder[];
  /** Oldest first. */
  readonly skews: readonly Skew[];
  readonly bans: readonly Ban[];
  readonly locks: readonly KeyLock[];
  readonly failedReads: readonly FailedRead[];
  readonly left: number;
  /** The longest time for which the exchange did not get to run, in ms. */
  readonly lagMs: number;
  /** Lines of the handlers' output that are neither log lines nor metrics, such as stack traces. */
  readonly unexpectedOutput: readonly string[];
  /** Failures of processes that were not crashed on purpose. */
  readonly failures: readonly string[];
  /** Errors thrown inside the embedded exchange. */
  readonly defects: readonly string[];
}

export class Recorder {
  readonly sent: SentMessage[] = [];
  readonly deliveries: Delivery[] = [];
  readonly claims: Claim[] = [];
  readonly queueErrors: string[] = [];
  readonly failedReads: FailedRead[] = [];
  readonly removed = new Set<string>();
  readonly unexpectedOutput: string[] = [];
  readonly defects: string[] = [];
  /** The times at which orders that kills may cancel came into the book during the run, by id. */
  readonly placedAt = new Map<string, number>();
  /** Ids of messages delivered at least once. */
  readonly seen = new Set<string>();
  /** Time at which a message last left the queue, in ms since the epoch. */
  lastRemovalAt = Date.now();
  readonly #requests = new Map<string, Request>();

  noteSent(messageId: string, request: Request, sentAt: number): void {
    this.sent.push({ messageId, body: request.body, intent: request.intent, sentAt });
    this.#requests.set(messageId, request);
  }

  noteRemoved({ messageId }: SQSRecord): void {
    this.removed.add(messageId);
    this.lastRemovalAt = Date.now();
  }

  noteDeliveries(
    records: readonly SQSRecord[],
    environment: string,
    isAcknowledged: (id: string) => boolean,
  ): void {
    for (const { messageId } of records) {
      this.deliveries.push({ messageId, environment, acknowledged: isAcknowledged(messageId) });
    }
  }

  requestOf(messageId: string): Request | undefined {
    return this.#requests.get(messageId);
  }
}
