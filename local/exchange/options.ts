import type { Behaviour } from './behaviour.ts';
import type { ExchangeKey } from './keys.ts';
import type { TlsIdentity } from './listener.ts';

export interface ExchangeOptions extends Partial<Behaviour> {
  /** Default: the one HMAC key `defaultKey` of `local/keys.ts`. */
  readonly keys?: readonly ExchangeKey[];
  /** Serves HTTPS with this certificate; default plain HTTP. */
  readonly tls?: TlsIdentity;
  /** Request weight per minute of the exchange's clock; default 400, as seen live. */
  readonly weightLimit?: number;
  /** Delay of every answer in ms, after the call took effect; default 0. */
  readonly latencyMs?: number;
  /** Ms since the epoch; default Date.now. The exchange's own clock is `now() + clockSkewMs`. */
  readonly now?: () => number;
  /** The underlyings that it lists; default the eight of 2026. */
  readonly underlyings?: readonly string[];
  /** Waits for latency and scripted delays (ms); default real time. */
  readonly sleep?: (ms: number) => Promise<void>;
  /**
   * Receives an error thrown inside the exchange or a hook, which is a defect; the call's
   * connection is broken. Default: throws it, which ends the process.
   */
  readonly onDefect?: (defect: Error) => void;
}
