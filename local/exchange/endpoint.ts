import type { Answer } from './answers.ts';
import type { Behaviour } from './behaviour.ts';
import type { Book } from './book.ts';
import type { StaleRead } from './fault.ts';
import type { Limits } from './limits.ts';
import type { Listing } from './listing.ts';
import type { Parameters } from './parameters.ts';

/** The state of the exchange that endpoints work on. */
export interface ExchangeState {
  readonly book: Book;
  readonly listing: Listing;
  readonly limits: Limits;
  readonly behaviour: Behaviour;
  /** The exchange's clock, in ms. */
  readonly now: () => number;
}

/** One call to an endpoint. */
export interface EndpointCall extends ExchangeState {
  /** The account of the key that signed the call. */
  readonly account: string;
  readonly parameters: Parameters;
  /** How the call reads the book. */
  readonly read: StaleRead | undefined;
}

/** One endpoint. `run` throws an ApiError for a request that the exchange refuses. */
export interface Endpoint {
  readonly signed: boolean;
  readonly weight: (parameters: Parameters) => number;
  readonly run: (call: EndpointCall) => Answer;
}
