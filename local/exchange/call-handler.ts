import type { ServerResponse } from 'node:http';
import { type Answer, ApiError } from './answers.ts';
import { authenticate } from './authentication.ts';
import { formOf, type OpenCall, type ReceivedCall } from './calls.ts';
import { breakOff, deliver } from './delivery.ts';
import type { Endpoint, ExchangeState } from './endpoint.ts';
import { endpointAt } from './endpoints.ts';
import type { CallMatch, Fault, Script } from './fault.ts';
import { MAIN_ACCOUNT } from './orders.ts';
import { type Parameters, readParameters } from './parameters.ts';

/** A call on its way to its endpoint. */
interface Arrival {
  readonly call: ReceivedCall;
  readonly endpoint: Endpoint | undefined;
  readonly parameters: Parameters;
}

/**
 * Handles a call: counts it against the limits, injects a scripted fault, authenticates, executes
 * and answers it. Records the answer's status in the call. Resolves when the answer is handed to
 * the connection.
 */
export async function handle(state: ExchangeState, call: OpenCall, response: ServerResponse): Promise<void> {
  const { limits, sleep, latencyMs } = state;
  const parameters = readParameters(call.rawQuery, formOf(call));
  const arrival = { call, parameters, endpoint: endpointAt(call.method, call.path) };
  const { refusal, madeWhile } = limits.admit(arrival.endpoint?.weight(parameters) ?? 1);
  call.madeWhile = madeWhile;
  const fault = refusal ? {} : takeFault(state.scripts, arrival);
  const { beforeMs = 0, afterMs = 0, ending } = fault;
  // A call without a delay does not wait for 0 ms either, so that it stays fast.
  if (beforeMs > 0) await sleep(beforeMs);
  const answer = refusal ?? answerTo(state, arrival, fault);
  if (afterMs + latencyMs > 0) await sleep(afterMs + latencyMs);
  if (ending === 'reset') return breakOff(response);
  if (ending === 'hang' || answer === undefined) return;
  call.status = answer.status;
  deliver(response, answer, limits.used, fault);
}

/** Returns the fault of the first script that matches. A script that is used up is removed. */
function takeFault(scripts: Script[], arrival: Arrival): Fault {
  const index = scripts.findIndex(({ on }) => matches(on, arrival));
  const script = scripts[index];
  if (script === undefined) return {};
  script.left -= 1;
  if (script.left <= 0) scripts.splice(index, 1);
  return script.fault;
}

function matches(on: CallMatch, { call, endpoint, parameters: { values } }: Arrival): boolean {
  return (
    (on.path === undefined ? endpoint?.signed === true : on.path === call.path) &&
    (on.method === undefined || on.method === call.method) &&
    (on.orderId === undefined || on.orderId === values.get('orderId')) &&
    (on.clientOrderId === undefined || on.clientOrderId === values.get('clientOrderId'))
  );
}

/** Executes the call unless the fault prevents it. Returns the fault's answer if it has one. */
function answerTo(state: ExchangeState, arrival: Arrival, fault: Fault): Answer | undefined {
  const { limits, book } = state;
  const { answer, ending, executed, read, throttleSeconds, banSeconds } = fault;
  if (throttleSeconds !== undefined) limits.throttle(throttleSeconds);
  if (banSeconds !== undefined) limits.ban(banSeconds);
  const isHidden = answer !== undefined || ending === 'hang' || ending === 'reset';
  const own = isHidden && !executed ? undefined : execute(state, arrival, read);
  return typeof answer === 'function' ? answer(book.now(), limits.limit) : (answer ?? own);
}

function execute(state: ExchangeState, { call, endpoint, parameters }: Arrival, read: Fault['read']): Answer {
  try {
    if (endpoint === undefined) {
      throw new ApiError(404, -5000, `Path ${call.path}, Method ${call.method} is invalid`);
    }
    if (parameters.hasRepeated) throw new ApiError(400, -1101, 'Duplicate values for a parameter detected.');
    const { keys, book } = state;
    const account = endpoint.signed ? authenticate(keys, call, parameters, book.now()) : MAIN_ACCOUNT;
    return { status: 200, body: endpoint.run({ ...state, account, parameters, read }) };
  } catch (error) {
    if (error instanceof ApiError) return error.answer;
    throw error;
  }
}
