import type { KeyRing } from './authentication.ts';
import type { Behaviour } from './behaviour.ts';
import type { Book } from './book.ts';
import type { Fault, Script } from './fault.ts';
import type { Limits } from './limits.ts';
import type { Parameters } from './parameters.ts';

/** The state of the exchange that calls read and change. */
export interface ExchangeState {
  readonly book: Book;
  /** The underlyings that the exchange lists. */
  readonly underlyings: readonly string[];
  readonly limits: Limits;
  readonly behaviour: Behaviour;
  readonly scripts: Script[];
  keys: KeyRing;
  readonly latencyMs: number;
  readonly sleep: (ms: number) => Promise<void>;
}

/** One call to an endpoint. */
export interface EndpointCall extends ExchangeState {
  /** The account of the key that signed the call. */
  readonly account: string;
  readonly parameters: Parameters;
  /** How the call reads the book. */
  readonly read: Fault['read'];
}

/** One endpoint. `run` returns the body of the answer 200, or throws an ApiError. */
export interface Endpoint {
  readonly signed: boolean;
  readonly weight: (parameters: Parameters) => number;
  readonly run: (call: EndpointCall) => string;
}
