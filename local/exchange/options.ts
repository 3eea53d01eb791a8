import type { ExchangeKey } from './keys.ts';
import type { TlsIdentity } from './listener.ts';

export interface ExchangeOptions {
  /** Default: the one HMAC key `defaultKey` of `local/keys.ts`. */
  readonly keys?: readonly ExchangeKey[];
  /** Port on 127.0.0.1; 0, the default, takes any free one. */
  readonly port?: number;
  /** Serves HTTPS with this certificate; default plain HTTP. */
  readonly tls?: TlsIdentity;
  /** Request weight per minute of the exchange's clock; default 2400. */
  readonly weightLimit?: number;
  /** Delay of every answer in ms, after the call took effect; default 0. */
  readonly latencyMs?: number;
  /** Ms since the epoch; default Date.now. The exchange's own clock is `now() + clockSkewMs`. */
  readonly now?: () => number;
  /** Waits for latency and scripted delays (ms); default real time. */
  readonly sleep?: (ms: number) => Promise<void>;
  /**
   * Default: a cancel takes effect at once and answers `CANCELLED`, as seen live. With a number it
   * answers in the documented form, `ACCEPTED` and `createDate`, and takes effect that many ms of
   * the exchange's clock later: 0 at once, Infinity never. Until then the order is open and can be
   * filled.
   */
  readonly acceptedForMs?: number;
}
