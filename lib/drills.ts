import type { Telemetry } from './aws/telemetry.ts';
import type { DrillRequest } from './cancel/drill-request.ts';
import { cancelNoOrder, checkSecret, fixOf, keyCheck } from './checks.ts';
import type { ExchangeConfig } from './config.ts';
import type { Effects } from './effects.ts';
import { RESERVE_MS } from './environment.ts';
import type { ExchangeClient } from './exchange/client.ts';
import { exchangeInfo } from './exchange/endpoints.ts';
import type { CallResult } from './exchange/result.ts';
import { Session } from './exchange/session.ts';
import type { Job } from './job.ts';
import type { Accounts } from './keys/accounts.ts';
import type { DrillResult } from './outcome.ts';

/** The longest time that a drill may hold up a kill, in milliseconds. */
const BUDGET_MS = 5000;
/** A queue that runs again after a pause must not fire a burst of drills. */
const STALE_MS = 5 * 60_000;
const DAY_MS = 24 * 60 * 60_000;

/** Results of the exchange's limits, which prove nothing about the way to it. */
const LIMITED: ReadonlySet<CallResult<unknown>['kind']> = new Set(['held', 'reserved', 'throttled']);
/** The exchange may refuse an option that is no longer listed. */
const REFUSED: ReadonlySet<CallResult<unknown>['kind']> = new Set(['invalid', 'refused']);

/** The parts of an execution environment that drills use. */
interface Parts {
  readonly config: ExchangeConfig;
  readonly effects: Effects;
  readonly telemetry: Telemetry;
  readonly client: ExchangeClient;
  readonly accounts: Accounts;
}

/** One drill as its trigger hands it over. */
export type DrillJob = Pick<
  Job<DrillRequest>,
  'parsed' | 'requestId' | 'lambdaRequestId' | 'remainingMs' | 'message'
>;

/** The drills of one execution environment. */
export class Drills {
  readonly #parts: Parts;
  /** The option whose order 1 is canceled, and the moment on the monotonic clock to choose again. */
  #listed: { readonly symbol: string; readonly until: number } | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Proves secret, clock, address and key by a cancel of an order that cannot exist, and reports
   * the result. Takes 5 s at most. Never rejects.
   */
  async run(job: DrillJob): Promise<DrillResult> {
    const { effects, telemetry } = this.#parts;
    const { parsed, requestId, lambdaRequestId } = job;
    const startedAt = effects.monotonic();
    const drilled = await this.#drill(job).catch((error) => {
      telemetry.error('unexpected error during a drill', error, { requestId });
      return failed('internal error', 'look up the error line of this request');
    });
    const result = { ...drilled, account: parsed.ok ? parsed.value.account : undefined };
    const latencyMs = effects.monotonic() - startedAt;
    telemetry.drilled({ ...result, requestId, lambdaRequestId, latencyMs });
    return result;
  }

  async #drill({ parsed, message, remainingMs }: DrillJob): Promise<DrillResult> {
    const { config, effects, client, accounts } = this.#parts;
    if (!parsed.ok) return failed(parsed.errors.join('; '), 'send {"drill":true}, with "account" or without');
    const isStale = message !== undefined && effects.now() - message.sentAt > STALE_MS;
    if (isStale) return { drill: 'skipped', detail: 'the message waited for more than 5 minutes' };
    const heldUntil = client.throttle.heldUntil('query');
    if (heldUntil !== undefined)
      return { drill: 'skipped', detail: `no call before ${new Date(heldUntil).toISOString()}` };
    const deadlineAt = effects.monotonic() + Math.min(BUDGET_MS, remainingMs - RESERVE_MS);
    const { account } = parsed.value;
    const secret = await checkSecret(config, accounts, account);
    if (!secret.ok) return failed(secret.detail, secret.fix);
    const listed = await this.#listedSymbol(deadlineAt);
    if (listed.kind !== 'ok') return endedBy(listed.kind, listed.reason.detail);
    const limits = { recvWindow: config.BINANCE_RECV_WINDOW_MS, deadlineAt };
    const session = new Session({ client, account: accounts.get(account), effects }, limits);
    return this.#cancelIn(session, listed.value);
  }

  async #cancelIn(session: Session, symbol: string): Promise<DrillResult> {
    const result = await cancelNoOrder(session, symbol);
    const { ok, detail } = keyCheck(result, symbol);
    if (ok) return { drill: 'ok', symbol, detail };
    if (!REFUSED.has(result.kind)) return { ...endedBy(result.kind, detail), symbol };
    this.#listed = undefined;
    return { ...failed(detail, 'run it again: the next drill reads the listed options again'), symbol };
  }

  /** Returns the listed option that expires last. Reads the list, over 1 MiB, once a day. */
  async #listedSymbol(deadlineAt: number): Promise<CallResult<string>> {
    const { client, effects } = this.#parts;
    const now = effects.monotonic();
    if (this.#listed !== undefined && now < this.#listed.until)
      return { kind: 'ok', value: this.#listed.symbol };
    const info = await client.callUnsigned(exchangeInfo, deadlineAt);
    if (info.kind !== 'ok') return info;
    const symbol = info.value.lastToExpire;
    this.#listed = { symbol, until: now + DAY_MS };
    return { kind: 'ok', value: symbol };
  }
}

const failed = (detail: string, fix: string | undefined): DrillResult => ({ drill: 'failed', detail, fix });

const endedBy = (kind: CallResult<unknown>['kind'], detail: string): DrillResult =>
  LIMITED.has(kind) ? { drill: 'skipped', detail } : failed(detail, fixOf(kind));
