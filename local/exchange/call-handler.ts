import type { ServerResponse } from 'node:http';
import { type Answer, ApiError, errorAnswer } from './answers.ts';
import type { KeyRing } from './authentication.ts';
import { formOf, type OpenCall, type ReceivedCall } from './calls.ts';
import { breakOff, deliver } from './delivery.ts';
import type { Endpoint, ExchangeState } from './endpoint.ts';
import { endpointAt } from './endpoints.ts';
import type { Fault } from './fault.ts';
import { MAIN_ACCOUNT } from './orders.ts';
import { type Parameters, readParameters } from './parameters.ts';
import type { Scripts } from './scripts.ts';

export interface Rules {
  readonly keys: KeyRing;
  readonly scripts: Scripts;
  readonly state: ExchangeState;
  readonly sleep: (ms: number) => Promise<void>;
}

/**
 * Handles calls: counts each against the limits, injects a scripted fault, authenticates, executes
 * and answers it.
 */
export class CallHandler {
  latencyMs: number;
  readonly #rules: Rules;

  constructor(rules: Rules, latencyMs: number) {
    this.#rules = rules;
    this.latencyMs = latencyMs;
  }

  /**
   * Answers one call and records the answer's status in it. Resolves when the answer is handed to
   * the connection.
   */
  async handle(call: OpenCall, response: ServerResponse): Promise<void> {
    const { state, scripts } = this.#rules;
    const parameters = readParameters(call.rawQuery, formOf(call));
    const endpoint = endpointAt(call.method, call.path);
    const { refusal, madeWhile } = state.limits.admit(endpoint?.weight(parameters) ?? 1);
    call.madeWhile = madeWhile;
    const signed = endpoint?.signed ?? false;
    const fault = refusal ? {} : scripts.take({ method: call.method, path: call.path, signed, parameters });
    await this.#pause(fault.delayBeforeMs ?? 0);
    const answer = refusal ?? this.#answer(call, endpoint, parameters, fault);
    await this.#pause((fault.delayAfterMs ?? 0) + this.latencyMs);
    this.#finish(call, response, answer, fault);
  }

  /** Does not yield for 0, so that calls without a delay stay fast. */
  async #pause(ms: number): Promise<void> {
    if (ms > 0) await this.#rules.sleep(ms);
  }

  /** Executes the call unless the fault prevents it. Returns the fault's answer if it has one. */
  #answer(call: ReceivedCall, endpoint: Endpoint | undefined, parameters: Parameters, fault: Fault): Answer {
    const { limits, now } = this.#rules.state;
    if (fault.throttleSeconds !== undefined) limits.throttle(fault.throttleSeconds);
    if (fault.banSeconds !== undefined) limits.ban(fault.banSeconds);
    const hidden = fault.answer !== undefined || fault.ending === 'hang' || fault.ending === 'reset';
    const own = hidden && !fault.executed ? NOT_SENT : this.#execute(call, endpoint, parameters, fault);
    return typeof fault.answer === 'function' ? fault.answer(now(), limits.limit) : (fault.answer ?? own);
  }

  #execute(
    call: ReceivedCall,
    endpoint: Endpoint | undefined,
    parameters: Parameters,
    { read }: Fault,
  ): Answer {
    try {
      if (endpoint === undefined) {
        throw new ApiError(404, -5000, `Path ${call.path}, Method ${call.method} is invalid`);
      }
      if (parameters.repeated !== undefined) {
        throw new ApiError(400, -1101, 'Duplicate values for a parameter detected.');
      }
      const account = endpoint.signed ? this.#authenticate(call, parameters) : MAIN_ACCOUNT;
      return endpoint.run({ ...this.#rules.state, account, parameters, read });
    } catch (error) {
      if (error instanceof ApiError) return errorAnswer(error.status, error.code, error.message);
      throw error;
    }
  }

  #authenticate(call: ReceivedCall, parameters: Parameters): string {
    const { keys, state } = this.#rules;
    const { rawQuery, body, headers } = call;
    const { 'x-mbx-apikey': apiKey } = headers;
    const signed = { apiKey: typeof apiKey === 'string' ? apiKey : undefined, rawQuery, body };
    return keys.authenticate(signed, parameters, state.now());
  }

  #finish(call: OpenCall, response: ServerResponse, answer: Answer, fault: Fault): void {
    if (fault.ending === 'hang') return;
    if (fault.ending === 'reset') {
      if (response.socket) breakOff(response.socket);
      return;
    }
    call.status = answer.status;
    const headers = {
      'Content-Type': 'application/json',
      'X-MBX-USED-WEIGHT-1M': String(this.#rules.state.limits.used),
      ...answer.headers,
      ...fault.headers,
    };
    deliver(response, { ...answer, headers }, fault);
  }
}

/** Placeholder for the answer of a call that was not executed; it is never sent. */
const NOT_SENT: Answer = { status: 0, body: '' };
