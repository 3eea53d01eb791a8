import type { ServerResponse } from 'node:http';
import { type Answer, errorAnswer, Refusal } from './answers.ts';
import type { KeyRing } from './authentication.ts';
import { formOf, header, type OpenCall, type ReceivedCall } from './calls.ts';
import { breakOff, deliver } from './delivery.ts';
import { type Desk, type Endpoint, endpointAt } from './endpoints.ts';
import type { Fault } from './faults.ts';
import type { Limits } from './limits.ts';
import { type Parameters, readParameters } from './parameters.ts';
import type { Scripts } from './scripts.ts';

/** What the exchange judges a call by. */
export interface Rules {
  readonly keys: KeyRing;
  readonly limits: Limits;
  readonly scripts: Scripts;
  readonly desk: Desk;
  readonly sleep: (ms: number) => Promise<void>;
}

/** Takes each call through its stages: counted against the limits, perhaps spoilt, judged, carried out, answered. */
export class CallHandler {
  /** Added to every answer. */
  latencyMs: number;
  readonly #rules: Rules;

  constructor(rules: Rules, latencyMs: number) {
    this.#rules = rules;
    this.latencyMs = latencyMs;
  }

  /** Resolves when the answer has been handed to the connection; writes the call's fate into it. */
  async handle(call: OpenCall, response: ServerResponse): Promise<void> {
    const { limits, scripts } = this.#rules;
    const parameters = readParameters(call.rawQuery, formOf(call));
    const endpoint = endpointAt(call.method, call.path);
    const { refusal, madeWhile } = limits.admit(endpoint?.weight(parameters) ?? 1);
    call.madeWhile = madeWhile;
    const signed = endpoint?.signed ?? false;
    const fault = refusal ? {} : scripts.take({ method: call.method, path: call.path, signed, parameters });
    await this.#pause(fault.delayBeforeMs ?? 0);
    const answer = refusal ?? this.#answer(call, endpoint, parameters, fault);
    await this.#pause((fault.delayAfterMs ?? 0) + this.latencyMs);
    this.#finish(call, response, answer, fault);
  }

  /** No wait at all for 0, so that undisturbed calls stay fast. */
  async #pause(ms: number): Promise<void> {
    if (ms > 0) await this.#rules.sleep(ms);
  }

  /** Carries the call out unless the fault prevents it; the answer is the fault's own where it has one. */
  #answer(call: ReceivedCall, endpoint: Endpoint | undefined, parameters: Parameters, fault: Fault): Answer {
    const { limits, desk } = this.#rules;
    if (fault.throttleSeconds !== undefined) limits.throttle(fault.throttleSeconds);
    if (fault.banSeconds !== undefined) limits.ban(fault.banSeconds);
    const hidden = fault.answer !== undefined || fault.ending === 'hang' || fault.ending === 'reset';
    const own = hidden && !fault.executed ? NOT_SENT : this.#execute(call, endpoint, parameters, fault);
    return typeof fault.answer === 'function' ? fault.answer(desk.now()) : (fault.answer ?? own);
  }

  #execute(
    call: ReceivedCall,
    endpoint: Endpoint | undefined,
    parameters: Parameters,
    { read }: Fault,
  ): Answer {
    try {
      if (endpoint === undefined) {
        throw new Refusal(404, -5000, `Path ${call.path}, Method ${call.method} is invalid`);
      }
      if (parameters.repeated !== undefined) {
        throw new Refusal(400, -1101, 'Duplicate values for a parameter detected.');
      }
      if (endpoint.signed) this.#authenticate(call, parameters);
      return endpoint.run(this.#rules.desk, parameters, read);
    } catch (error) {
      if (error instanceof Refusal) return errorAnswer(error.status, error.code, error.message);
      throw error;
    }
  }

  #authenticate(call: ReceivedCall, parameters: Parameters): void {
    const { keys, desk } = this.#rules;
    const { rawQuery, body } = call;
    keys.authenticate({ apiKey: header(call, 'x-mbx-apikey'), rawQuery, body }, parameters, desk.now());
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
      'X-MBX-USED-WEIGHT-1M': String(this.#rules.limits.used),
      ...answer.headers,
      ...fault.headers,
    };
    deliver(response, { ...answer, headers }, fault);
  }
}

/** Stands for the answer of a call that was not carried out and of which nothing will be sent. */
const NOT_SENT: Answer = { status: 0, body: '' };
