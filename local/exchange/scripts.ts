import type { Fault } from './fault.ts';
import type { Parameters } from './parameters.ts';

/** The calls that get a fault. A field that is left out matches any call. */
export interface CallMatch {
  readonly method?: string;
  /** Without a path only signed endpoints match. */
  readonly path?: string;
  /** The parameter as sent: a call by `clientOrderId` alone does not match an `orderId`. */
  readonly orderId?: string;
  readonly clientOrderId?: string;
  /** The number of matching calls that get the fault; default 1, Infinity for all. */
  readonly times?: number;
}

/** A fault for the calls that match. */
export interface Script {
  readonly fault: Fault;
  readonly on: CallMatch;
  left: number;
}

interface MatchedCall {
  readonly method: string;
  readonly path: string;
  readonly signed: boolean;
  readonly parameters: Parameters;
}

/** Returns the fault of the first script that matches the call, and removes the script once it is used up. */
export function takeFault(scripts: Script[], call: MatchedCall): Fault {
  const index = scripts.findIndex(({ on }) => matches(on, call));
  const script = scripts[index];
  if (script === undefined) return {};
  script.left -= 1;
  if (script.left <= 0) scripts.splice(index, 1);
  return script.fault;
}

function matches(on: CallMatch, call: MatchedCall): boolean {
  const { values } = call.parameters;
  return (
    (on.path === undefined ? call.signed : on.path === call.path) &&
    (on.method === undefined || on.method === call.method) &&
    (on.orderId === undefined || on.orderId === values.get('orderId')) &&
    (on.clientOrderId === undefined || on.clientOrderId === values.get('clientOrderId'))
  );
}
