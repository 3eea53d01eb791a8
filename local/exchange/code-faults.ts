import { errorAnswer } from './answers.ts';
import type { Executed, Fault } from './fault.ts';

const code =
  (status: number, number: number, msg: string) =>
  ({ executed = false }: Executed = {}): Fault => ({
    answer: errorAnswer(status, number, msg),
    executed,
  });

/** Error answers by name, one for each code that a cancel can meet since the rebuild of 2025. */
export const codeFaults = {
  /** -4078: the outcome is unknown. */
  optionsInternalError: code(400, -4078, 'Options internal error.'),
  /** -6063: the order may still be open. */
  cancelRejected: code(400, -6063, 'Cancel order rejected by system.'),
  /** -6028: the order is closed; the answer does not say how. */
  orderFinal: code(400, -6028, 'The order is already in a final state.'),
  /** -6049: the symbol is expired or halted. */
  symbolNotTrading: code(400, -6049, 'The symbol is not trading.'),
  /** -6055: the order may still be open. */
  liquidationTriggered: code(400, -6055, 'Liquidation has been triggered.'),
  /** -6059: the order may still be open. */
  inLiquidation: code(400, -6059, 'The account is in liquidation.'),
  /** -4021: in no table of the exchange. */
  unlisted4021: code(400, -4021, 'Invalid operation.'),
  /** -6073: in no table of the exchange. */
  unlisted6073: code(400, -6073, 'Operation failed.'),
  /** -2017: the account's keys are locked. */
  keysLocked: code(401, -2017, 'API Keys are locked on this account.'),
  /** -5002: the account may not use options. */
  optionsNotEnabled: code(400, -5002, 'Options are not enabled for this account.'),
  /** -6062: the account's state forbids it. */
  accountNotAllowed: code(400, -6062, 'The account status does not allow this operation.'),
  /** -5005: the country is restricted. */
  countryRestricted: code(403, -5005, 'This service is not available in your country.'),
  /** -5009: the address is restricted. */
  addressRestricted: code(403, -5009, 'This service is not available from your IP address.'),
  /** -1008: the system as a whole protects itself; the call was not executed. */
  systemBusy: code(503, -1008, 'Request throttled by system-level protection. Please try again.'),
} as const;
