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

export interface MatchedCall {
  readonly method: string;
  readonly path: string;
  readonly signed: boolean;
  readonly parameters: Parameters;
}

interface Script {
  readonly fault: Fault;
  readonly on: CallMatch;
  left: number;
}

/** The scripted faults, in order. A call uses up the first that matches it. */
export class Scripts {
  #scripts: Script[] = [];

  add(fault: Fault, on: CallMatch = {}): void {
    // A stale read shows only in a query. A cancel would use it up without effect.
    const defaults = fault.read === undefined ? {} : { method: 'GET' };
    this.#scripts.push({ fault, on: { ...defaults, ...on }, left: on.times ?? 1 });
  }

  take(call: MatchedCall): Fault {
    const script = this.#scripts.find(({ on }) => matches(on, call));
    if (script === undefined) return {};
    script.left -= 1;
    if (script.left <= 0) this.#scripts = this.#scripts.filter((other) => other !== script);
    return script.fault;
  }

  clear(): void {
    this.#scripts = [];
  }
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
