import type { Intent } from './books.ts';

/** A planned message whose order is in the exchange's book. */
export interface ReadyMessage {
  readonly body: string;
  readonly intent: Intent;
  /** Seconds for which the queue keeps it back. */
  readonly delaySeconds: number;
  /** The handler's first answer that settles it is to be lost. */
  readonly answerIsLost: boolean;
  /** Arranges what is to go wrong at the exchange. */
  beforeSending(): void;
  /** Called when its answer has been lost. */
  afterLoss(): void;
}

/** What is left out is nothing special. */
export type Draft = Partial<ReadyMessage> & Pick<ReadyMessage, 'body' | 'intent'>;
